// What begin_run refuses, with which status, and how a run ends.
#include "cameo/runtime.h"

#include <gtest/gtest.h>

namespace {

cameo_status neverRun(cameo_context *, const cameo_tensor *,
                      const cameo_tensor *) {
  return CAMEO_OK;
}

class BeginRun : public ::testing::Test {
protected:
  const int64_t shape[2] = {8, 3}, least[2] = {1, 3};
  const int64_t fixedShape[1] = {4};
  const cameo_tensor_info inputInfos[2] = {
      {"x", CAMEO_FLOAT32, 2, shape, least, 96},
      {"w", CAMEO_FLOAT32, 1, fixedShape, nullptr, 16}};
  const cameo_tensor_info outputInfo = {"y",        CAMEO_FLOAT32, 1,
                                        fixedShape, nullptr,       16};
  cameo_model model = {
      CAMEO_ABI_VERSION, 2,           1,       0,   "m", "generic",
      inputInfos,        &outputInfo, nullptr, 256, 64,  0,
      neverRun,          nullptr,     0};
  alignas(64) unsigned char arena[512];
  float data[24] = {};
  int64_t givenShape[2] = {2, 3};
  int64_t givenFixed[1] = {4};
  cameo_tensor inputs[2] = {{data, givenShape}, {data, givenFixed}};
  cameo_tensor output = {data, nullptr};
  cameo_context context;

  void SetUp() override { cameo_context_init(&context, arena, sizeof arena); }

  void expect(cameo_status status) {
    context.message = "stale";
    EXPECT_EQ(cameo_begin_run_v2(&model, &context, inputs, &output), status);
    if (status == CAMEO_OK)
      EXPECT_EQ(context.message, nullptr);
    else
      EXPECT_STRNE(context.message, "stale");
  }
};

} // namespace

TEST_F(BeginRun, AcceptsWhatIsDeclared) {
  expect(CAMEO_OK);
  inputs[0].shape = inputs[1].shape = nullptr;
  expect(CAMEO_OK);
  context.arena_bytes = 256;
  expect(CAMEO_OK);
}

TEST_F(BeginRun, RefusesNullPointers) {
  EXPECT_EQ(cameo_begin_run_v2(&model, nullptr, inputs, &output),
            CAMEO_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(cameo_begin_run_v2(nullptr, &context, inputs, &output),
            CAMEO_ERROR_NULL_ARGUMENT);
  EXPECT_EQ(cameo_begin_run_v2(&model, &context, nullptr, &output),
            CAMEO_ERROR_NULL_ARGUMENT);
  EXPECT_STREQ(context.message, "the list of inputs is NULL");
  EXPECT_EQ(cameo_begin_run_v2(&model, &context, inputs, nullptr),
            CAMEO_ERROR_NULL_ARGUMENT);
  EXPECT_STREQ(context.message, "the list of outputs is NULL");
  inputs[1].data = nullptr;
  expect(CAMEO_ERROR_NULL_ARGUMENT);
  inputs[1].data = data;
  output.data = nullptr;
  expect(CAMEO_ERROR_NULL_ARGUMENT);
  output.data = data;
  context.arena = nullptr;
  expect(CAMEO_ERROR_NULL_ARGUMENT);
}

TEST_F(BeginRun, RefusesAnotherAbiVersion) {
  context.abi_version = CAMEO_ABI_VERSION + 1;
  context.message = "untouched";
  EXPECT_EQ(cameo_begin_run_v2(&model, &context, inputs, &output),
            CAMEO_ERROR_ABI_VERSION);
  EXPECT_STREQ(context.message, "untouched"); // its place may be another's
  context.abi_version = CAMEO_ABI_VERSION;
  model.abi_version = CAMEO_ABI_VERSION + 1;
  expect(CAMEO_ERROR_ABI_VERSION);
}

TEST_F(BeginRun, RefusesASmallOrMisalignedArena) {
  context.arena_bytes = 255;
  expect(CAMEO_ERROR_ARENA_TOO_SMALL);
  context.arena_bytes = 256;
  context.arena = arena + 32;
  expect(CAMEO_ERROR_ARENA_MISALIGNED);
  context.arena = arena + 64;
  expect(CAMEO_OK);
}

TEST_F(BeginRun, RefusesShapesOutsideTheDeclaration) {
  for (int64_t rows : {1, 8}) {
    givenShape[0] = rows;
    expect(CAMEO_OK);
  }
  for (int64_t rows : {int64_t(0), int64_t(9), int64_t(-1), INT64_MAX}) {
    givenShape[0] = rows;
    expect(CAMEO_ERROR_SHAPE);
  }
  givenShape[0] = 2;
  givenShape[1] = 4;
  expect(CAMEO_ERROR_SHAPE);
  givenShape[1] = 3;
  givenFixed[0] = 3;
  expect(CAMEO_ERROR_SHAPE);
}

TEST_F(BeginRun, NeedsNoArenaWhenTheModelHasNone) {
  model.arena_bytes = 0;
  cameo_context_init(&context, nullptr, 0);
  expect(CAMEO_OK);
}

TEST_F(BeginRun, NeedsNoDataForEmptyTensors) {
  const cameo_tensor_info none = {"n", CAMEO_FLOAT32, 0, nullptr, nullptr, 0};
  const cameo_tensor_info infos[2] = {inputInfos[0], none};
  model.inputs = infos;
  inputs[1] = {nullptr, nullptr};
  expect(CAMEO_OK);
}

TEST(EndRun, TurnsRecordedStatusIntoResultAndMessage) {
  cameo_context context;
  cameo_context_init(&context, nullptr, 0);
  EXPECT_EQ(cameo_end_run_v2(&context, CAMEO_OK), CAMEO_OK);
  EXPECT_EQ(context.message, nullptr);
  EXPECT_EQ(cameo_end_run_v2(&context, CAMEO_ERROR_INDEX_OUT_OF_RANGE),
            CAMEO_ERROR_INDEX_OUT_OF_RANGE);
  EXPECT_STREQ(context.message,
               cameo_status_message(CAMEO_ERROR_INDEX_OUT_OF_RANGE));
  EXPECT_EQ(cameo_end_run_v2(&context, 1000), CAMEO_ERROR_INVALID_VALUE);
  EXPECT_EQ(cameo_end_run_v2(&context, -1), CAMEO_ERROR_INVALID_VALUE);
}

TEST(ContextInit, SetsSerialDefaults) {
  cameo_context context;
  char arena[8];
  cameo_context_init(&context, arena, 8);
  EXPECT_EQ(context.abi_version, static_cast<uint32_t>(CAMEO_ABI_VERSION));
  EXPECT_EQ(context.arena, arena);
  EXPECT_EQ(context.arena_bytes, 8u);
  EXPECT_EQ(context.parallel_for, nullptr);
  EXPECT_EQ(context.profiler, nullptr);
  EXPECT_EQ(context.message, nullptr);
  cameo_context_init(nullptr, arena, 8); // ignored
}

namespace {

/// One input and one output of 8 x 4 with bounded extents, two of them equal.
class Extents : public ::testing::Test {
protected:
  const int64_t shape[2] = {8, 4}, least[2] = {1, 1};
  const cameo_tensor_info info = {"x", CAMEO_FLOAT32, 2, shape, least, 128};
  const cameo_model model = {
      CAMEO_ABI_VERSION, 1,   1,  0, "m",      "generic", &info, &info,
      nullptr,           256, 64, 0, neverRun, nullptr,   0};
  const cameo_extent taken[3] = {{0, 0, 64}, {0, 1, 72}, {0, 1, 72}};
  const cameo_extent equal[2] = {{0, 0, 64}, {0, 1, 64}};
  alignas(64) unsigned char arena[256] = {};
  int64_t given[2] = {3, 2}, written[2] = {-1, -1};
  cameo_tensor input = {nullptr, given}, output = {nullptr, written};
  cameo_context context;

  void SetUp() override { cameo_context_init(&context, arena, sizeof arena); }
  int64_t at(size_t position) const {
    return *reinterpret_cast<const int64_t *>(arena + position);
  }
};

} // namespace

TEST_F(Extents, OfInputsAreInTheArena) {
  EXPECT_EQ(cameo_take_extents_v2(&model, &context, &input, taken, 3),
            CAMEO_OK);
  EXPECT_EQ(at(64), 3);
  EXPECT_EQ(at(72), 2);
  input.shape = nullptr;
  EXPECT_EQ(cameo_take_extents_v2(&model, &context, &input, taken, 3),
            CAMEO_OK);
  EXPECT_EQ(at(64), 8);
  EXPECT_EQ(at(72), 4);
}

TEST_F(Extents, ThatShareAPlaceHaveToBeEqual) {
  EXPECT_EQ(cameo_take_extents_v2(&model, &context, &input, equal, 2),
            CAMEO_ERROR_SHAPE);
  EXPECT_NE(context.message, nullptr);
  given[1] = 3;
  EXPECT_EQ(cameo_take_extents_v2(&model, &context, &input, equal, 2),
            CAMEO_OK);
}

TEST_F(Extents, OfOutputsAreWritten) {
  EXPECT_EQ(cameo_take_extents_v2(&model, &context, &input, taken, 3),
            CAMEO_OK);
  const cameo_extent rows[1] = {{0, 0, 72}};
  cameo_give_extents_v2(&model, &context, &output, rows, 1);
  EXPECT_EQ(written[0], 2);
  EXPECT_EQ(written[1], 4);
  output.shape = nullptr;
  cameo_give_extents_v2(&model, &context, &output, rows, 1);
}
