/* A hand-written model in the form that cameoc emits, for testing programs that
 * run models: y = 2 * x + 1, and z = the elements of x that `index` selects.
 *
 * Defines to vary it: ABI (a wrong version), PROFILE (as --instrument=profile),
 * SECOND (another model in the same library), WRONG_BYTES (a broken
 * descriptor). */
#include "cameo/runtime.h"

#ifndef ABI
#define ABI CAMEO_ABI_VERSION
#endif
#ifdef WRONG_BYTES
#define X_BYTES 47
#else
#define X_BYTES 48
#endif

static const int64_t x_shape[] = {4, 3}, x_least[] = {1, 3};
static const int64_t index_shape[] = {2};
static const cameo_tensor_info inputs[] = {
    {"x", CAMEO_FLOAT32, 2, x_shape, x_least, X_BYTES},
    {"index", CAMEO_INT64, 1, index_shape, NULL, 16},
};
static const cameo_tensor_info outputs[] = {
    {"y", CAMEO_FLOAT32, 2, x_shape, x_least, 48},
    {"z", CAMEO_FLOAT32, 1, index_shape, NULL, 8},
};
static const cameo_kernel_info kernels[] = {
    {"scale", "Mul_0,Add_1", 24, 96},
    {"gather", "Gather_2", 0, 32},
};

static cameo_status run(cameo_context *, const cameo_tensor *,
                        const cameo_tensor *);

static const cameo_model model = {
    ABI, 2, 2, 2, "pick", "generic", inputs, outputs, kernels, 64, 64, 0, run,
};

const cameo_model *pick_model(void);
const cameo_model *pick_model(void) { return &model; }
#ifdef SECOND
const cameo_model *other_model(void);
const cameo_model *other_model(void) { return &model; }
#endif

typedef struct closure {
  const float *x;
  float *y;
} closure;

static void scale_row(void *data, int64_t row) {
  closure *c = data;
  for (int64_t i = row * 3; i < row * 3 + 3; ++i)
    c->y[i] = 2 * c->x[i] + 1;
}

static void profile(cameo_context *context, uint32_t kernel, int32_t end) {
#ifdef PROFILE
  if (context->profiler)
    context->profiler(context->profiler_data, kernel, end);
#else
  (void)context, (void)kernel, (void)end;
#endif
}

static cameo_status run(cameo_context *context, const cameo_tensor *in,
                        const cameo_tensor *out) {
  cameo_status status = cameo_begin_run_v2(&model, context, in, out);
  if (status != CAMEO_OK)
    return status;
  int64_t rows = in[0].shape ? in[0].shape[0] : 4;
  profile(context, 0, 0);
  closure c = {in[0].data, out[0].data};
  if (context->parallel_for)
    context->parallel_for(context->parallel_for_data, scale_row, &c, rows);
  else
    for (int64_t row = 0; row < rows; ++row)
      scale_row(&c, row);
  profile(context, 0, 1);
  profile(context, 1, 0);
  int32_t recorded = CAMEO_OK;
  for (int i = 0; i < 2; ++i) {
    int64_t k = ((const int64_t *)in[1].data)[i];
    if (k < 0 || k >= rows * 3)
      recorded = CAMEO_ERROR_INDEX_OUT_OF_RANGE;
    else
      ((float *)out[1].data)[i] = c.x[k];
  }
  profile(context, 1, 1);
  if (out[0].shape)
    out[0].shape[0] = rows;
  return cameo_end_run_v2(context, recorded);
}
