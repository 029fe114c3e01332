/* Runs three models on contexts of their own, one after the other. */
#include "affine.h"
#include "negate.h"
#include "pick.h"

#include <stdio.h>

int main(void) {
  const float x[4] = {1, 2, 3, 4};
  float sum[2] = {0}, minus[4] = {0}, picked[2] = {0};
  const int64_t index[2] = {3, 0}, outside[2] = {3, 4};
  cameo_context *first = cameo_context_create(affine_model());
  cameo_context *second = cameo_context_create(negate_model());
  cameo_context *third = cameo_context_create(pick_model());
  if (!first || !second || !third)
    return 1;

  affine_inputs affine_in = {.x = x};
  affine_outputs affine_out = {.y = sum};
  negate_inputs negate_in = {.x = x};
  negate_outputs negate_out = {.y = minus};
  pick_inputs pick_in = {.x = x, .index = index};
  pick_outputs pick_out = {.y = picked};
  int failed = affine_run(first, &affine_in, &affine_out) != CAMEO_OK ||
               negate_run(second, &negate_in, &negate_out) != CAMEO_OK ||
               pick_run(third, &pick_in, &pick_out) != CAMEO_OK;

  /* A wild index is an error status of that run, and the next run is fine. */
  pick_in.index = outside;
  failed |=
      pick_run(third, &pick_in, &pick_out) != CAMEO_ERROR_INDEX_OUT_OF_RANGE;
  failed |= third->message == NULL;
  pick_in.index = index;
  failed |= pick_run(third, &pick_in, &pick_out) != CAMEO_OK;

  printf("%g %g %g %g%s\n", sum[0], minus[3], picked[0], picked[1],
         failed ? " FAILED" : "");
  cameo_context_destroy(first);
  cameo_context_destroy(second);
  cameo_context_destroy(third);
  return failed || sum[0] != 14.5f || minus[3] != -4 || picked[0] != 4 ||
         picked[1] != 1;
}
