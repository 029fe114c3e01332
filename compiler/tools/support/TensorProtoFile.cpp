// Implements TensorProtoFile.h with libonnx's protobuf classes.
#include "compiler/tools/support/TensorProtoFile.h"

#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/Text.h"

#include <cstring>
#include <onnx/onnx_pb.h>

namespace cameo {

/// Narrows the elements of a typed field into the tensor.
template <typename To, typename Field>
static bool copyField(const Field &field, uint64_t perElement, Tensor &tensor,
                      std::string &error) {
  if (static_cast<uint64_t>(field.size()) != tensor.count() * perElement) {
    error = text("%d elements where the shape needs %llu", field.size(),
                 static_cast<unsigned long long>(tensor.count()));
    return false;
  }
  for (int i = 0; i < field.size(); ++i) {
    To value = static_cast<To>(field.Get(i));
    std::memcpy(tensor.data.get() + i * sizeof(To), &value, sizeof(To));
  }
  return true;
}

static bool copyTypedData(const onnx::TensorProto &proto, Tensor &tensor,
                          std::string &error) {
  switch (tensor.elementType) {
  case CAMEO_FLOAT32:
    return copyField<float>(proto.float_data(), 1, tensor, error);
  case CAMEO_FLOAT64:
    return copyField<double>(proto.double_data(), 1, tensor, error);
  case CAMEO_INT64:
    return copyField<int64_t>(proto.int64_data(), 1, tensor, error);
  case CAMEO_UINT64:
    return copyField<uint64_t>(proto.uint64_data(), 1, tensor, error);
  case CAMEO_UINT32:
    return copyField<uint32_t>(proto.uint64_data(), 1, tensor, error);
  case CAMEO_INT32:
    return copyField<int32_t>(proto.int32_data(), 1, tensor, error);
  case CAMEO_INT16:
  case CAMEO_UINT16:
  case CAMEO_FLOAT16:
  case CAMEO_BFLOAT16:
    return copyField<uint16_t>(proto.int32_data(), 1, tensor, error);
  default: // int8, uint8, bool; others have been refused
    return copyField<uint8_t>(proto.int32_data(), 1, tensor, error);
  }
}

/// The bits of an element that ONNX packs into bytes; 0 for other types.
static int packedWidth(int32_t elementType) {
  switch (elementType) {
  case CAMEO_UINT4:
  case CAMEO_INT4:
  case CAMEO_FLOAT4E2M1:
    return 4;
  case CAMEO_UINT2:
  case CAMEO_INT2:
    return 2;
  default:
    return 0;
  }
}

/// Gives each of the elements packed in bytes, the first one lowest, a byte.
static bool unpackData(const onnx::TensorProto &proto, int width,
                       Tensor &tensor, std::string &error) {
  uint64_t perByte = 8 / width, count = tensor.count();
  std::string packed = proto.raw_data();
  if (!proto.has_raw_data())
    for (int32_t byte : proto.int32_data())
      packed.push_back(static_cast<char>(byte));
  uint64_t wanted = (count + perByte - 1) / perByte;
  if (packed.size() != wanted) {
    error = text("%zu bytes of data where the shape needs %llu", packed.size(),
                 static_cast<unsigned long long>(wanted));
    return false;
  }
  bool isSigned =
      tensor.elementType == CAMEO_INT4 || tensor.elementType == CAMEO_INT2;
  for (uint64_t i = 0; i < count; ++i) {
    int bits = static_cast<unsigned char>(packed[i / perByte]) >>
               (i % perByte * width);
    int element = bits & ((1 << width) - 1);
    if (isSigned && element >> (width - 1))
      element -= 1 << width;
    tensor.data.get()[i] = static_cast<unsigned char>(element);
  }
  return true;
}

static std::string packData(const Tensor &tensor, int width) {
  uint64_t perByte = 8 / width, count = tensor.count();
  std::string packed((count + perByte - 1) / perByte, '\0');
  for (uint64_t i = 0; i < count; ++i) {
    int element = tensor.data.get()[i] & ((1 << width) - 1);
    packed[i / perByte] = static_cast<char>(packed[i / perByte] |
                                            element << (i % perByte * width));
  }
  return packed;
}

static bool copyData(const onnx::TensorProto &proto, Tensor &tensor,
                     std::string &error) {
  if (proto.has_data_location() &&
      proto.data_location() == onnx::TensorProto::EXTERNAL) {
    error = "its data is in another file, which is not supported here";
    return false;
  }
  if (proto.has_segment()) {
    error = "it is a segment of a larger tensor, which is not supported";
    return false;
  }
  if (int width = packedWidth(tensor.elementType))
    return unpackData(proto, width, tensor, error);
  if (!proto.has_raw_data())
    return copyTypedData(proto, tensor, error);
  if (proto.raw_data().size() != tensor.bytes) {
    error = text("%zu bytes of data where the shape needs %llu",
                 proto.raw_data().size(),
                 static_cast<unsigned long long>(tensor.bytes));
    return false;
  }
  std::memcpy(tensor.data.get(), proto.raw_data().data(), tensor.bytes);
  return true;
}

/// Strings as bytes, padded with zeros to the longest one.
static bool copyStrings(const onnx::TensorProto &proto,
                        std::vector<int64_t> shape, Tensor &tensor,
                        std::string &error) {
  size_t width = 1;
  for (const std::string &value : proto.string_data())
    width = std::max(width, value.size());
  uint64_t count = 0;
  if (!tensorBytes(CAMEO_UINT8, shape, count) ||
      count != static_cast<uint64_t>(proto.string_data_size())) {
    error =
        text("%d strings where the shape needs %llu", proto.string_data_size(),
             static_cast<unsigned long long>(count));
    return false;
  }
  shape.push_back(static_cast<int64_t>(width));
  if (!tensor.allocate(CAMEO_UINT8, std::move(shape), error))
    return false;
  unsigned char *row = tensor.data.get();
  for (const std::string &value : proto.string_data()) {
    std::memcpy(row, value.data(), value.size());
    row += width;
  }
  tensor.isText = true;
  return true;
}

/// Could the fields of `proto` hold a tensor of this size? Refuses absurd
/// shapes before memory is allocated for them.
static bool plausible(const onnx::TensorProto &proto, uint64_t bytes) {
  uint64_t fields = proto.float_data_size() + proto.double_data_size() +
                    proto.int32_data_size() + proto.int64_data_size() +
                    proto.uint64_data_size();
  // Up to four elements are packed into a byte.
  return bytes <= 4 * proto.raw_data().size() + 8 * fields;
}

bool readTensorProto(const std::string &path, Tensor &tensor, std::string &name,
                     std::string &error) {
  std::string file;
  if (!readFile(path, file, error))
    return false;
  onnx::TensorProto proto;
  if (file.size() > INT32_MAX ||
      !proto.ParseFromArray(file.data(), static_cast<int>(file.size())) ||
      proto.data_type() == onnx::TensorProto::UNDEFINED) {
    error = text("'%s' is not a serialised ONNX TensorProto", path.c_str());
    return false;
  }
  std::string why;
  std::vector<int64_t> shape(proto.dims().begin(), proto.dims().end());
  uint64_t bytes = 0;
  bool ok = true;
  bool hasStrings = proto.data_type() == onnx::TensorProto::STRING;
  if (hasStrings)
    ok = copyStrings(proto, shape, tensor, why);
  else if (tensorBytes(proto.data_type(), shape, bytes) &&
           !proto.has_data_location() && !plausible(proto, bytes)) {
    why = text("too little data for shape %s", shapeText(shape).c_str());
    ok = false;
  }
  if (!hasStrings)
    ok = ok && tensor.allocate(proto.data_type(), std::move(shape), why) &&
         copyData(proto, tensor, why);
  if (!ok)
    error = text("cannot use tensor '%s': %s", path.c_str(), why.c_str());
  name = proto.name();
  return ok;
}

bool writeTensorProto(const std::string &path, const Tensor &tensor,
                      const std::string &name, std::string &error) {
  onnx::TensorProto proto;
  proto.set_name(name);
  proto.set_data_type(tensor.elementType);
  for (int64_t extent : tensor.shape)
    proto.add_dims(extent);
  if (int width = packedWidth(tensor.elementType))
    proto.set_raw_data(packData(tensor, width));
  else
    proto.set_raw_data(tensor.data.get(), tensor.bytes);
  std::string file;
  if (!proto.SerializeToString(&file)) {
    error = text("cannot write '%s': tensor too large", path.c_str());
    return false;
  }
  return writeFile(path, file, error);
}

} // namespace cameo
