/* Runs a generated model on inputs made by a formula and prints its outputs.
 * Compile with -DMODEL=net_model; with an argument the kernels' tasks run in
 * descending order through parallel_for. */
#include <cameo/runtime.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cameo_model *MODEL(void);

static void descending(void *data, cameo_task task, void *closure,
                       int64_t count) {
  (void)data;
  while (count-- > 0)
    task(closure, count);
}

static uint16_t half_of(float value) { /* of small multiples of 0.5 */
  uint32_t bits;
  memcpy(&bits, &value, 4);
  uint16_t sign = (uint16_t)((bits >> 16) & 0x8000);
  int exponent = (int)((bits >> 23) & 255) - 112;
  return exponent <= 0
             ? sign
             : (uint16_t)(sign | (exponent << 10) | ((bits >> 13) & 0x3ff));
}

static float from_half(uint16_t value) { /* of normal numbers and zero */
  int exponent = (value >> 10) & 31;
  uint32_t bits = (uint32_t)(value & 0x8000) << 16;
  if (exponent)
    bits |= (uint32_t)(exponent + 112) << 23 | (uint32_t)(value & 0x3ff) << 13;
  float result;
  memcpy(&result, &bits, 4);
  return result;
}

/* Element i of input k: -5 to 5 in an irregular order, halved for floats. */
static void fill(void *data, int32_t type, uint64_t count, unsigned k) {
  for (uint64_t i = 0; i < count; ++i) {
    int value = (int)((i * 7 + k * 3) % 11) - 5;
    float half = 0.5f * (float)value;
    uint32_t bits;
    memcpy(&bits, &half, 4);
    switch (type) {
    case CAMEO_FLOAT32:
      ((float *)data)[i] = half;
      break;
    case CAMEO_FLOAT64:
      ((double *)data)[i] = half;
      break;
    case CAMEO_FLOAT16:
      ((uint16_t *)data)[i] = half_of(half);
      break;
    case CAMEO_BFLOAT16:
      ((uint16_t *)data)[i] = (uint16_t)(bits >> 16);
      break;
    case CAMEO_INT8:
    case CAMEO_UINT8:
      ((int8_t *)data)[i] = (int8_t)(value * 20);
      break;
    case CAMEO_BOOL:
      ((int8_t *)data)[i] = value > 0;
      break;
    case CAMEO_INT16:
    case CAMEO_UINT16:
      ((int16_t *)data)[i] = (int16_t)(value * 6000);
      break;
    case CAMEO_INT32:
    case CAMEO_UINT32:
      ((int32_t *)data)[i] = value;
      break;
    default:
      ((int64_t *)data)[i] = value;
      break;
    }
  }
}

static void print(const void *data, int32_t type, uint64_t i) {
  switch (type) {
  case CAMEO_FLOAT32:
    printf(" %g", (double)((const float *)data)[i]);
    break;
  case CAMEO_FLOAT64:
    printf(" %g", ((const double *)data)[i]);
    break;
  case CAMEO_FLOAT16:
    printf(" %g", (double)from_half(((const uint16_t *)data)[i]));
    break;
  case CAMEO_BFLOAT16:
    printf(" %04x", ((const uint16_t *)data)[i]);
    break;
  case CAMEO_INT8:
    printf(" %d", ((const int8_t *)data)[i]);
    break;
  case CAMEO_UINT8:
  case CAMEO_BOOL:
    printf(" %u", ((const uint8_t *)data)[i]);
    break;
  case CAMEO_INT16:
    printf(" %d", ((const int16_t *)data)[i]);
    break;
  case CAMEO_UINT16:
    printf(" %u", ((const uint16_t *)data)[i]);
    break;
  case CAMEO_INT32:
    printf(" %d", ((const int32_t *)data)[i]);
    break;
  case CAMEO_UINT32:
    printf(" %u", ((const uint32_t *)data)[i]);
    break;
  default:
    printf(" %lld", (long long)((const int64_t *)data)[i]);
    break;
  }
}

int main(int argc, char **argv) {
  (void)argv;
  const cameo_model *model = MODEL();
  cameo_context *context = cameo_context_create(model);
  cameo_tensor *inputs = calloc(model->num_inputs + 1, sizeof *inputs);
  cameo_tensor *outputs = calloc(model->num_outputs + 1, sizeof *outputs);
  if (!context || !inputs || !outputs)
    return 1;
  if (argc > 1)
    context->parallel_for = descending;
  for (unsigned k = 0; k < model->num_inputs; ++k) {
    const cameo_tensor_info *info = &model->inputs[k];
    inputs[k].data = malloc(info->bytes);
    fill(inputs[k].data, info->element_type,
         info->bytes / cameo_element_size(info->element_type), k);
  }
  for (unsigned k = 0; k < model->num_outputs; ++k)
    outputs[k].data = calloc(1, model->outputs[k].bytes);
  cameo_status status = model->run(context, inputs, outputs);
  printf("status %d\n", (int)status);
  for (unsigned k = 0; k < model->num_outputs; ++k) {
    const cameo_tensor_info *info = &model->outputs[k];
    printf("%s:", info->name);
    for (uint64_t i = 0;
         i < info->bytes / cameo_element_size(info->element_type); ++i)
      print(outputs[k].data, info->element_type, i);
    printf("\n");
    free(outputs[k].data);
  }
  for (unsigned k = 0; k < model->num_inputs; ++k)
    free(inputs[k].data);
  free(inputs);
  free(outputs);
  cameo_context_destroy(context);
  return 0;
}
