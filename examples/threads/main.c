/* Runs a model serially and on a pool of threads, compares and times both.
 *
 * A model never starts threads. It hands its work to the context's
 * parallel_for: none (serial), the stub's small pool as here, or a function of
 * your own that passes the work to your engine's job system. */
#include "bell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT = BELL_OUTPUT_0_BYTES / sizeof(float) };
static float x[COUNT], serial[COUNT], parallel[COUNT];

static double milliseconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

/* The least time of 20 runs; negative after an error. */
static double run(bell_context *context, float *y) {
  bell_inputs inputs = {.x = x};
  bell_outputs outputs = {.y = y};
  double least = 1e9;
  for (int i = 0; i < 20; ++i) {
    double before = milliseconds();
    if (bell_run(context, &inputs, &outputs) != CAMEO_OK) {
      fprintf(stderr, "bell: %s\n", context->message);
      return -1;
    }
    double time = milliseconds() - before;
    least = time < least ? time : least;
  }
  return least;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 2;
  for (int i = 0; i < COUNT; ++i)
    x[i] = (float)(i % 2000 - 1000) / 500;

  /* This helper allocates context and arena together. */
  bell_context *context = cameo_context_create(bell_model());
  /* Create the pool once, before pinning threads to processors: its workers
   * inherit the affinity. Between runs they sleep. */
  cameo_pool *pool = cameo_pool_create(threads);
  if (!context || !pool)
    return 1;

  double one = run(context, serial);
  context->parallel_for = cameo_pool_parallel_for;
  context->parallel_for_data = pool;
  double many = run(context, parallel);
  cameo_pool_destroy(pool);
  cameo_context_destroy(context);
  if (one < 0 || many < 0)
    return 1;

  printf("1 thread: %.3f ms, %d threads: %.3f ms\n", one, threads, many);
  /* The division of the work does not change any result, not by one bit. */
  int equal = memcmp(serial, parallel, sizeof serial) == 0;
  printf("results are %s\n", equal ? "equal" : "DIFFERENT");
  return !equal;
}
