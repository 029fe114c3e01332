/* The begin and the end of a run: every argument is checked before the first
 * kernel touches memory, so that a wrong call is a status and never a fault.
 * Neither function allocates or makes a system call. */
#include "cameo/runtime.h"

void cameo_context_init(cameo_context *context, void *arena,
                        uint64_t arena_bytes) {
  if (!context)
    return;
  context->abi_version = CAMEO_ABI_VERSION;
  context->reserved = 0;
  context->arena = arena;
  context->arena_bytes = arena_bytes;
  context->parallel_for = NULL;
  context->parallel_for_data = NULL;
  context->profiler = NULL;
  context->profiler_data = NULL;
  context->message = NULL;
}

static cameo_status fail(cameo_context *context, cameo_status status,
                         const char *message) {
  context->message = message;
  return status;
}

static cameo_status check_arena(const cameo_model *model,
                                cameo_context *context) {
  if (model->arena_bytes == 0)
    return CAMEO_OK;
  if (!context->arena)
    return fail(context, CAMEO_ERROR_NULL_ARGUMENT, "the arena is NULL");
  if (context->arena_bytes < model->arena_bytes)
    return fail(context, CAMEO_ERROR_ARENA_TOO_SMALL,
                cameo_status_message(CAMEO_ERROR_ARENA_TOO_SMALL));
  if (model->arena_alignment > 1 &&
      (uintptr_t)context->arena % model->arena_alignment != 0)
    return fail(context, CAMEO_ERROR_ARENA_MISALIGNED,
                cameo_status_message(CAMEO_ERROR_ARENA_MISALIGNED));
  return CAMEO_OK;
}

/* Is the given shape between the declared bounds? */
static int shape_fits(const cameo_tensor_info *info, const int64_t *shape) {
  for (int32_t i = 0; i < info->rank; ++i) {
    int64_t least = info->min_shape ? info->min_shape[i] : info->shape[i];
    if (shape[i] < least || shape[i] > info->shape[i])
      return 0;
  }
  return 1;
}

/* A tensor without elements may come without data. */
static int data_missing(const cameo_tensor_info *info,
                        const cameo_tensor *tensor) {
  return !tensor->data && info->bytes != 0;
}

static cameo_status check_tensors(const cameo_model *model,
                                  cameo_context *context,
                                  const cameo_tensor *inputs,
                                  const cameo_tensor *outputs) {
  if (!inputs && model->num_inputs != 0)
    return fail(context, CAMEO_ERROR_NULL_ARGUMENT,
                "the list of inputs is NULL");
  if (!outputs && model->num_outputs != 0)
    return fail(context, CAMEO_ERROR_NULL_ARGUMENT,
                "the list of outputs is NULL");
  for (uint32_t i = 0; i < model->num_inputs; ++i) {
    if (data_missing(&model->inputs[i], &inputs[i]))
      return fail(context, CAMEO_ERROR_NULL_ARGUMENT,
                  "the data of an input is NULL");
    if (inputs[i].shape && !shape_fits(&model->inputs[i], inputs[i].shape))
      return fail(context, CAMEO_ERROR_SHAPE,
                  "the shape of an input is outside what the model declares");
  }
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    if (data_missing(&model->outputs[i], &outputs[i]))
      return fail(context, CAMEO_ERROR_NULL_ARGUMENT,
                  "the data of an output is NULL");
  return CAMEO_OK;
}

cameo_status cameo_begin_run_v2(const cameo_model *model,
                                cameo_context *context,
                                const cameo_tensor *inputs,
                                const cameo_tensor *outputs) {
  if (!context)
    return CAMEO_ERROR_NULL_ARGUMENT;
  /* A context of another version may be laid out differently: nothing but its
   * first member is touched, so this failure leaves no message in it. */
  if (context->abi_version != CAMEO_ABI_VERSION)
    return CAMEO_ERROR_ABI_VERSION;
  context->message = NULL;
  if (!model)
    return fail(context, CAMEO_ERROR_NULL_ARGUMENT, "the model is NULL");
  if (model->abi_version != CAMEO_ABI_VERSION)
    return fail(context, CAMEO_ERROR_ABI_VERSION,
                cameo_status_message(CAMEO_ERROR_ABI_VERSION));
  cameo_status status = check_arena(model, context);
  if (status != CAMEO_OK)
    return status;
  return check_tensors(model, context, inputs, outputs);
}

static int64_t *extent_place(cameo_context *context,
                             const cameo_extent *extent) {
  return (int64_t *)((unsigned char *)context->arena + extent->position);
}

cameo_status cameo_take_extents_v2(const cameo_model *model,
                                   cameo_context *context,
                                   const cameo_tensor *inputs,
                                   const cameo_extent *extents,
                                   uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t tensor = extents[i].tensor;
    const int64_t *shape = inputs[tensor].shape ? inputs[tensor].shape
                                                : model->inputs[tensor].shape;
    int64_t value = shape[extents[i].dim];
    int64_t *place = extent_place(context, &extents[i]);
    if (i > 0 && extents[i].position == extents[i - 1].position &&
        *place != value)
      return fail(context, CAMEO_ERROR_SHAPE,
                  "extents of inputs that have to be equal are not");
    *place = value;
  }
  return CAMEO_OK;
}

void cameo_give_extents_v2(const cameo_model *model, cameo_context *context,
                           const cameo_tensor *outputs,
                           const cameo_extent *extents, uint32_t count) {
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    if (outputs[i].shape)
      for (int32_t d = 0; d < model->outputs[i].rank; ++d)
        outputs[i].shape[d] = model->outputs[i].shape[d];
  for (uint32_t i = 0; i < count; ++i)
    if (outputs[extents[i].tensor].shape)
      outputs[extents[i].tensor].shape[extents[i].dim] =
          *extent_place(context, &extents[i]);
}

cameo_status cameo_end_run_v2(cameo_context *context, int32_t recorded) {
  if (recorded == CAMEO_OK)
    return CAMEO_OK;
  cameo_status status = CAMEO_ERROR_INVALID_VALUE;
  if (recorded > CAMEO_OK && recorded <= CAMEO_ERROR_BRANCH_LEFT_OUT)
    status = (cameo_status)recorded;
  if (context)
    context->message = cameo_status_message(status);
  return status;
}
