// TensorProto files: typed fields, raw data, and refusals.
#include "compiler/tools/support/TensorProtoFile.h"

#include "test/unit/tools/TemporaryFile.h"

#include <cstring>
#include <onnx/onnx_pb.h>

using namespace cameo;

static bool read(const onnx::TensorProto &proto, Tensor &tensor,
                 std::string &error) {
  TemporaryFile file(".pb", proto.SerializeAsString());
  std::string name;
  return readTensorProto(file.path, tensor, name, error);
}

static onnx::TensorProto proto(int32_t type, std::vector<int64_t> shape) {
  onnx::TensorProto result;
  result.set_data_type(type);
  for (int64_t extent : shape)
    result.add_dims(extent);
  return result;
}

TEST(TensorProtoFile, RoundTrips) {
  for (int32_t type :
       {CAMEO_FLOAT32, CAMEO_BOOL, CAMEO_FLOAT16, CAMEO_UINT64}) {
    Tensor written, result;
    std::string error, name;
    ASSERT_TRUE(written.allocate(type, {2, 3}, error));
    fillRandom(written, 3);
    TemporaryFile file(".pb");
    ASSERT_TRUE(writeTensorProto(file.path, written, "t", error)) << error;
    ASSERT_TRUE(readTensorProto(file.path, result, name, error)) << error;
    EXPECT_EQ(name, "t");
    EXPECT_EQ(result.describe(), written.describe());
    EXPECT_EQ(std::memcmp(result.data.get(), written.data.get(), result.bytes),
              0);
  }
}

TEST(TensorProtoFile, ReadsTypedFields) {
  Tensor tensor;
  std::string error;
  for (int32_t type : {CAMEO_INT8, CAMEO_UINT8, CAMEO_INT16, CAMEO_UINT16,
                       CAMEO_INT32, CAMEO_BOOL}) {
    onnx::TensorProto p = proto(type, {2});
    p.add_int32_data(1);
    p.add_int32_data(0);
    ASSERT_TRUE(read(p, tensor, error)) << error;
    EXPECT_EQ(tensor.element(0), 1);
    EXPECT_EQ(tensor.element(1), 0);
  }
  onnx::TensorProto half = proto(CAMEO_FLOAT16, {1});
  half.add_int32_data(0x3c00);
  ASSERT_TRUE(read(half, tensor, error)) << error;
  EXPECT_EQ(tensor.element(0), 1);
  onnx::TensorProto unsignedInt = proto(CAMEO_UINT32, {1});
  unsignedInt.add_uint64_data(4000000000u);
  ASSERT_TRUE(read(unsignedInt, tensor, error)) << error;
  EXPECT_EQ(tensor.element(0), 4000000000u);
  onnx::TensorProto wide = proto(CAMEO_FLOAT64, {});
  wide.add_double_data(0.1);
  ASSERT_TRUE(read(wide, tensor, error)) << error;
  EXPECT_EQ(tensor.element(0), 0.1);
}

TEST(TensorProtoFile, RefusesWhatDoesNotFit) {
  Tensor tensor;
  std::string error;
  onnx::TensorProto few = proto(CAMEO_FLOAT32, {3});
  few.add_float_data(1);
  EXPECT_FALSE(read(few, tensor, error));
  onnx::TensorProto raw = proto(CAMEO_FLOAT32, {3});
  raw.set_raw_data("1234567890123");
  EXPECT_FALSE(read(raw, tensor, error));
  EXPECT_NE(error.find("13 bytes of data where the shape needs 12"),
            std::string::npos);
  EXPECT_FALSE(read(proto(CAMEO_FLOAT32, {1LL << 40}), tensor, error));
  EXPECT_NE(error.find("too little data"), std::string::npos);
  EXPECT_FALSE(read(proto(CAMEO_FLOAT32, {1LL << 62, 8}), tensor, error));
  EXPECT_FALSE(read(proto(CAMEO_FLOAT32, {-1}), tensor, error));
  EXPECT_FALSE(read(proto(CAMEO_STRING, {1}), tensor, error));
  onnx::TensorProto external = proto(CAMEO_FLOAT32, {1});
  external.set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_FALSE(read(external, tensor, error));
  EXPECT_NE(error.find("another file"), std::string::npos);
}

TEST(TensorProtoFile, RefusesOtherFiles) {
  Tensor tensor;
  std::string error, name;
  for (const char *contents : {"", "not a protobuf", "\x08\xff"}) {
    TemporaryFile file(".pb", contents);
    EXPECT_FALSE(readTensorProto(file.path, tensor, name, error)) << contents;
  }
}
