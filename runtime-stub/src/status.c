/* Texts of statuses and sizes of element types. */
#include "cameo/runtime.h"

const char *cameo_status_message(cameo_status status) {
  switch (status) {
  case CAMEO_OK:
    return "success";
  case CAMEO_ERROR_NULL_ARGUMENT:
    return "a required pointer is NULL";
  case CAMEO_ERROR_ABI_VERSION:
    return "the model and the context have different ABI versions";
  case CAMEO_ERROR_ARENA_TOO_SMALL:
    return "the arena is smaller than the model needs";
  case CAMEO_ERROR_ARENA_MISALIGNED:
    return "the arena is not aligned as the model needs";
  case CAMEO_ERROR_SHAPE:
    return "a shape is outside what the model declares";
  case CAMEO_ERROR_INDEX_OUT_OF_RANGE:
    return "an index tensor points outside its data";
  case CAMEO_ERROR_DIVISION_BY_ZERO:
    return "integer division by zero";
  case CAMEO_ERROR_OUT_OF_MEMORY:
    return "out of memory";
  case CAMEO_ERROR_INVALID_VALUE:
    return "an input value is not allowed by the operator";
  case CAMEO_ERROR_BRANCH_LEFT_OUT:
    return "a condition chose a branch that could not be compiled";
  }
  return "unknown status";
}

size_t cameo_element_size(int32_t element_type) {
  switch (element_type) {
  case CAMEO_UINT8:
  case CAMEO_INT8:
  case CAMEO_BOOL:
  case CAMEO_FLOAT8E4M3FN:
  case CAMEO_FLOAT8E4M3FNUZ:
  case CAMEO_FLOAT8E5M2:
  case CAMEO_FLOAT8E5M2FNUZ:
  case CAMEO_UINT4:
  case CAMEO_INT4:
  case CAMEO_FLOAT4E2M1:
  case CAMEO_FLOAT8E8M0:
  case CAMEO_UINT2:
  case CAMEO_INT2:
    return 1;
  case CAMEO_UINT16:
  case CAMEO_INT16:
  case CAMEO_FLOAT16:
  case CAMEO_BFLOAT16:
    return 2;
  case CAMEO_FLOAT32:
  case CAMEO_INT32:
  case CAMEO_UINT32:
    return 4;
  case CAMEO_INT64:
  case CAMEO_FLOAT64:
  case CAMEO_UINT64:
    return 8;
  default:
    return 0;
  }
}
