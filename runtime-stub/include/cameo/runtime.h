/* The C interface between a compiled model, the program that runs it and the
 * runtime stub. C11 and C++; depends on nothing but <stddef.h> and <stdint.h>.
 *
 * A compiled model is one constant `cameo_model` descriptor. A run needs a
 * `cameo_context` owned by the caller: it holds the arena, the callbacks and
 * all mutable state, so runs on different contexts may be concurrent. A run
 * with one thread allocates nothing and makes no system call.
 */
#ifndef CAMEO_RUNTIME_H
#define CAMEO_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a structure below or the meaning of a function changes. The
 * functions that compiled models call carry it in their symbol, so that a model
 * and a stub of different versions do not link. */
#define CAMEO_ABI_VERSION 2

typedef enum cameo_status {
  CAMEO_OK = 0,
  CAMEO_ERROR_NULL_ARGUMENT =
      1, /* context, arena, tensor list or tensor data is NULL */
  CAMEO_ERROR_ABI_VERSION = 2, /* context was initialised by another version */
  CAMEO_ERROR_ARENA_TOO_SMALL = 3, /* fewer than model->arena_bytes */
  CAMEO_ERROR_ARENA_MISALIGNED =
      4,                 /* not a multiple of model->arena_alignment */
  CAMEO_ERROR_SHAPE = 5, /* a given extent is outside the declared one */
  CAMEO_ERROR_INDEX_OUT_OF_RANGE =
      6, /* an index tensor points outside its data */
  CAMEO_ERROR_DIVISION_BY_ZERO = 7, /* integer division or remainder by zero */
  CAMEO_ERROR_OUT_OF_MEMORY = 8,    /* only from the allocation helpers */
  CAMEO_ERROR_INVALID_VALUE =
      9, /* an input value the operator does not allow */
  CAMEO_ERROR_BRANCH_LEFT_OUT =
      10 /* a condition chose a branch that cannot be compiled (cameoc says) */
} cameo_status;

/* Element types, numbered as onnx.TensorProto.DataType. Booleans are one byte,
 * 0 or 1. Elements of fewer than 8 bits take a byte each, integers as the
 * number they are, floats in the low bits. */
typedef enum cameo_element_type {
  CAMEO_FLOAT32 = 1,
  CAMEO_UINT8 = 2,
  CAMEO_INT8 = 3,
  CAMEO_UINT16 = 4,
  CAMEO_INT16 = 5,
  CAMEO_INT32 = 6,
  CAMEO_INT64 = 7,
  CAMEO_STRING = 8,
  CAMEO_BOOL = 9,
  CAMEO_FLOAT16 = 10,
  CAMEO_FLOAT64 = 11,
  CAMEO_UINT32 = 12,
  CAMEO_UINT64 = 13,
  CAMEO_BFLOAT16 = 16,
  CAMEO_FLOAT8E4M3FN = 17,
  CAMEO_FLOAT8E4M3FNUZ = 18,
  CAMEO_FLOAT8E5M2 = 19,
  CAMEO_FLOAT8E5M2FNUZ = 20,
  CAMEO_UINT4 = 21,
  CAMEO_INT4 = 22,
  CAMEO_FLOAT4E2M1 = 23,
  CAMEO_FLOAT8E8M0 = 24,
  CAMEO_UINT2 = 25,
  CAMEO_INT2 = 26
} cameo_element_type;

/* What a model declares of one input or output. */
typedef struct cameo_tensor_info {
  const char *name;     /* the ONNX value's name */
  int32_t element_type; /* a cameo_element_type */
  int32_t rank;         /* number of dimensions; 0 for a scalar */
  const int64_t
      *shape; /* rank extents; for a bounded dimension its upper bound */
  const int64_t
      *min_shape; /* rank lower bounds; NULL when every extent is fixed */
  uint64_t bytes; /* size of a dense row-major buffer of `shape`; of a cache's
                     input that of the output it is stored in */
} cameo_tensor_info;

/* An input that is stored as an output, and this: both are in row-major order
 * with the strides of the output's declared shape, along whose dimension `dim`
 * the output has more elements than the input. Their shapes say how many of
 * them there are. The two may be one buffer: then nothing is copied. */
typedef struct cameo_cache {
  uint32_t input;
  uint32_t output;
  int32_t dim;
} cameo_cache;

/* One input or output of a run: dense, row-major data. */
typedef struct cameo_tensor {
  void *data;     /* inputs are only read */
  int64_t *shape; /* rank extents: read for inputs, written for outputs of a
                     model with bounded extents; NULL: as declared. An input's
                     data is dense at these extents, an output's has room for
                     the declared ones. Of caches see cameo_cache. */
} cameo_tensor;

/* One unit of a kernel's work. Units of one call are independent. */
typedef void (*cameo_task)(void *closure, int64_t index);

/* Calls task(closure, i) once for every i in [0, count), on any threads, and
 * returns when all are done. */
typedef void (*cameo_parallel_for)(void *data, cameo_task task, void *closure,
                                   int64_t count);

/* Called before (`end` = 0) and after (`end` = 1) each kernel of a model that
 * was compiled with --instrument=profile; `kernel` indexes model->kernels. */
typedef void (*cameo_profiler)(void *data, uint32_t kernel, int32_t end);

/* The mutable state of runs; owned by the caller, used by one run at a time. */
typedef struct cameo_context {
  uint32_t abi_version; /* CAMEO_ABI_VERSION, set by cameo_context_init */
  uint32_t reserved;    /* 0 */
  void *arena;          /* any memory of arena_bytes, aligned */
  uint64_t arena_bytes; /* at least model->arena_bytes */
  cameo_parallel_for parallel_for; /* NULL: serial */
  void *parallel_for_data;         /* first argument of parallel_for */
  cameo_profiler profiler;         /* NULL: none */
  void *profiler_data;             /* first argument of profiler */
  const char *message; /* after a failed run: static text; else NULL */
} cameo_context;

/* What a model tells of one kernel: for profiles and reports. */
typedef struct cameo_kernel_info {
  const char *name;  /* the kernel's function */
  const char *nodes; /* ONNX node names it computes, comma-separated */
  uint64_t flops;    /* floating-point or integer operations of one run */
  uint64_t bytes;    /* bytes read and written of one run, each tensor once */
} cameo_kernel_info;

/* A compiled model. */
typedef struct cameo_model {
  uint32_t abi_version; /* CAMEO_ABI_VERSION */
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_kernels;
  const char *name;   /* the symbol prefix */
  const char *target; /* triple, CPU and features it was compiled for */
  const cameo_tensor_info *inputs;
  const cameo_tensor_info *outputs;
  const cameo_kernel_info *kernels;
  uint64_t arena_bytes;
  uint64_t arena_alignment; /* a power of two */
  uint64_t weight_bytes;
  /* Runs the model. Returns CAMEO_OK or an error status, with its text in
   * context->message; then the outputs' contents are unspecified. */
  cameo_status (*run)(cameo_context *context, const cameo_tensor *inputs,
                      const cameo_tensor *outputs);
  const cameo_cache *caches; /* NULL when there are none */
  uint32_t num_caches;
} cameo_model;

/* The text of a status; never NULL. */
const char *cameo_status_message(cameo_status status);

/* The size in bytes of one element; 0 for a type without a fixed size. */
size_t cameo_element_size(int32_t element_type);

/* Sets `context` to use `arena`, serially, without a profiler. */
void cameo_context_init(cameo_context *context, void *arena,
                        uint64_t arena_bytes);

/* Optional helpers that allocate. `cameo_context_create` allocates context and
 * arena for `model`, NULL when out of memory; release with
 * `cameo_context_destroy`. */
void *cameo_aligned_alloc(uint64_t alignment, uint64_t bytes);
void cameo_aligned_free(void *memory);
cameo_context *cameo_context_create(const cameo_model *model);
void cameo_context_destroy(cameo_context *context);

/* Optional pool of POSIX threads: pass `cameo_pool_parallel_for` and the pool
 * as parallel_for and parallel_for_data. The calling thread is one of the
 * `threads`. Workers spin briefly, then sleep. NULL when out of resources. */
typedef struct cameo_pool cameo_pool;
cameo_pool *cameo_pool_create(int32_t threads);
void cameo_pool_destroy(cameo_pool *pool);
void cameo_pool_parallel_for(void *pool, cameo_task task, void *closure,
                             int64_t count);

/* A bounded extent: dimension `dim` of input or output `tensor` is the int64_t
 * at byte `position` of the arena. */
typedef struct cameo_extent {
  uint32_t tensor;
  int32_t dim;
  uint64_t position;
} cameo_extent;

/* Called by compiled models only. `cameo_begin_run_v2` checks the arguments of
 * a run and clears context->message; `cameo_end_run_v2` turns the status that
 * the kernels recorded into the run's result. Models with bounded extents take
 * those of the inputs after the one (extents at one position follow each other
 * and have to be equal) and give those of the outputs before the other. Models
 * with caches then put those with buffers of their own where kernels read them;
 * CAMEO_ERROR_INVALID_VALUE when the two buffers overlap but are not one. */
cameo_status cameo_begin_run_v2(const cameo_model *model,
                                cameo_context *context,
                                const cameo_tensor *inputs,
                                const cameo_tensor *outputs);
cameo_status cameo_take_extents_v2(const cameo_model *model,
                                   cameo_context *context,
                                   const cameo_tensor *inputs,
                                   const cameo_extent *extents, uint32_t count);
void cameo_give_extents_v2(const cameo_model *model, cameo_context *context,
                           const cameo_tensor *outputs,
                           const cameo_extent *extents, uint32_t count);
cameo_status cameo_take_caches_v2(const cameo_model *model,
                                  cameo_context *context,
                                  const cameo_tensor *inputs,
                                  const cameo_tensor *outputs);
cameo_status cameo_end_run_v2(cameo_context *context, int32_t recorded);

#ifdef __cplusplus
}
#endif

#endif /* CAMEO_RUNTIME_H */
