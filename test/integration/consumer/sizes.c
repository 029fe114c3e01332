/* One library for every number of rows from 1 to 4: extents in, extents out. */
#include "ranged.h"

#include <stdio.h>

static _Alignas(
    RANGED_ARENA_ALIGNMENT) unsigned char arena[RANGED_ARENA_BYTES + 1];

int main(void) {
  static const float x[4 * 3] = {1, 2, 3, -1, -2, -3, 1, 2, 3, -1, -2, -3};
  static const float want[4 * 2] = {14.5f, 0, 0, 14.25f, 14.5f, 0, 0, 14.25f};
  ranged_context context;
  cameo_context_init(&context, arena, sizeof arena);
  for (int64_t rows = 1; rows <= 4; ++rows) {
    int64_t x_shape[2] = {rows, 3}, y_shape[2] = {-1, -1};
    float y[4 * 2] = {0}; /* room for the most rows */
    /* The data of x ends with its last row. */
    ranged_inputs inputs = {.x = x + 3 * (4 - rows), .x_shape = x_shape};
    ranged_outputs outputs = {.y = y, .y_shape = y_shape};
    if (ranged_run(&context, &inputs, &outputs) != CAMEO_OK)
      return 1;
    if (y_shape[0] != rows || y_shape[1] != 2)
      return 2;
    for (int64_t i = 0; i < rows * 2; ++i)
      if (y[i] != want[2 * (4 - rows) + i]) {
        printf("y[%d] of %d rows is %g\n", (int)i, (int)rows, y[i]);
        return 3;
      }
  }
  /* Other extents are a status. */
  int64_t x_shape[2] = {5, 3};
  float y[4 * 2];
  ranged_inputs inputs = {.x = x, .x_shape = x_shape};
  ranged_outputs outputs = {.y = y};
  if (ranged_run(&context, &inputs, &outputs) != CAMEO_ERROR_SHAPE)
    return 4;
  printf("sizes: ok\n");
  return 0;
}
