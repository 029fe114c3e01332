/* A cache that stays in one buffer from run to run, and one that is copied. */
#include "running.h"

#include <stdio.h>

enum { MOST = 4 }; /* of past, and one */

static _Alignas(
    RUNNING_ARENA_ALIGNMENT) unsigned char arena[RUNNING_ARENA_BYTES + 1];

int main(void) {
  static const float x[MOST][2] = {{1, -4}, {3, -5}, {2, -1}, {0, -2}};
  static const float want[MOST][2] = {{1, -4}, {3, -4}, {3, -1}, {3, -1}};
  float cache[2 * MOST] = {0}, copy[2 * MOST] = {0}, largest[2];
  int64_t past_shape[2] = {2, 0}, present_shape[2];
  running_context context;
  cameo_context_init(&context, arena, sizeof arena);
  if (RUNNING_INPUT_0_BYTES != sizeof cache ||
      RUNNING_OUTPUT_1_BYTES != sizeof cache)
    return 1;
  for (int i = 0; i < MOST; ++i) {
    past_shape[1] = i;
    running_inputs inputs = {
        .past = cache, .past_shape = past_shape, .x = x[i]};
    running_outputs outputs = {.largest = largest,
                               .present = i == 2 ? copy : cache,
                               .present_shape = present_shape};
    if (running_run(&context, &inputs, &outputs) != CAMEO_OK)
      return 2;
    if (i == 2 && (copy[0] != 1 || copy[1] != 3 || copy[2] != 2 ||
                   copy[MOST] != -4 || copy[MOST + 2] != -1))
      return 3;
    if (i == 2) { /* once more, in place */
      outputs.present = cache;
      if (running_run(&context, &inputs, &outputs) != CAMEO_OK)
        return 4;
    }
    if (present_shape[0] != 2 || present_shape[1] != i + 1)
      return 5;
    if (largest[0] != want[i][0] || largest[1] != want[i][1]) {
      printf("largest of %d: %g %g\n", i, largest[0], largest[1]);
      return 6;
    }
  }
  for (int i = 0; i < MOST; ++i)
    if (cache[i] != x[i][0] || cache[MOST + i] != x[i][1])
      return 7;
  /* There is no room for another one. */
  past_shape[1] = MOST;
  running_inputs inputs = {.past = cache, .past_shape = past_shape, .x = x[0]};
  running_outputs outputs = {.largest = largest, .present = cache};
  if (running_run(&context, &inputs, &outputs) != CAMEO_ERROR_SHAPE)
    return 8;
  printf("cache: ok\n");
  return 0;
}
