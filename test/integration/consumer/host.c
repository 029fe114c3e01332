/* Calls the shared library that holds a model. */
int run_plugin(void);

int main(void) { return run_plugin(); }
