/* Runs a compiled model once, without any allocation.
 *
 * affine.h is written by the compiler: its members are named after the ONNX
 * model's inputs and outputs, its constants say how much memory a run needs. */
#include "affine.h"

#include <stdio.h>

/* The arena holds all intermediate results. It may be any memory: static, as
 * here, on the stack, or allocated. The weights are in the program itself. */
static _Alignas(
    AFFINE_ARENA_ALIGNMENT) unsigned char arena[AFFINE_ARENA_BYTES + 1];

int main(void) {
  /* A context is the mutable state of a run. Each thread of your program that
   * runs the model at the same time has its own, with its own arena. */
  affine_context context;
  cameo_context_init(&context, arena, sizeof arena);

  /* Inputs and outputs are your buffers: dense and row-major. */
  float x[3] = {1, 2, 3};
  float y[2];
  affine_inputs inputs = {.x = x};
  affine_outputs outputs = {.y = y};

  /* Nothing aborts or prints: a wrong call is a status with a text. */
  cameo_status status = affine_run(&context, &inputs, &outputs);
  if (status != CAMEO_OK) {
    fprintf(stderr, "affine: %s\n",
            context.message ? context.message : cameo_status_message(status));
    return 1;
  }
  printf("y = %g %g\n", y[0], y[1]);
  return 0;
}
