/* Runs a model and checks its numbers, on memory of its own. */
#include "affine.h"

#include <stdio.h>

static _Alignas(
    AFFINE_ARENA_ALIGNMENT) unsigned char arena[AFFINE_ARENA_BYTES + 1];

int main(void) {
  affine_context context;
  cameo_context_init(&context, arena, sizeof arena);
  const float x[6] = {1, 2, 3, -1, -2, -3};
  const float want[4] = {14.5f, 0, 0, 14.25f};
  float y[4];
  affine_inputs inputs = {.x = x};
  affine_outputs outputs = {.y = y};
  cameo_status status = affine_run(&context, &inputs, &outputs);
  if (status != CAMEO_OK) {
    printf("status %d: %s\n", status, cameo_status_message(status));
    return 1;
  }
  for (int i = 0; i < 4; ++i)
    if (y[i] != want[i]) {
      printf("y[%d] is %g, wanted %g\n", i, y[i], want[i]);
      return 1;
    }

  /* A wrong call is a status, not a crash. */
  inputs.x = NULL;
  if (affine_run(&context, &inputs, &outputs) != CAMEO_ERROR_NULL_ARGUMENT)
    return 1;
  printf("consumer: ok\n");
  return 0;
}
