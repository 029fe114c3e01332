//===- Tensors.cpp - ONNX tensors as attributes ---------------------------===//
//
// Elements are gathered as little-endian bytes, whichever field holds them, and
// checked for number before anything is built of them.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Tensors.h"

#include "dialects/cameo/ElementTypes.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace cameo;
using onnx::TensorProto;

/// Tensors of more bytes become blobs.
static constexpr size_t kMaxInlineBytes = 1024;

/// Names of the element types that are newer than ONNX's classes may be.
static const char *const kNarrowNames[] = {
    "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4",
    "INT4",         "FLOAT4E2M1",     "FLOAT8E8M0", "UINT2",          "INT2"};
static constexpr int32_t kFirstNarrow = 17;

/// Types of less than eight bits, and floats of eight.
static Type getNarrowType(int32_t number, MLIRContext *context) {
  switch (number) {
  case 17:
    return Float8E4M3FNType::get(context);
  case 18:
    return Float8E4M3FNUZType::get(context);
  case 19:
    return Float8E5M2Type::get(context);
  case 20:
    return Float8E5M2FNUZType::get(context);
  case 21:
    return IntegerType::get(context, 4, IntegerType::Unsigned);
  case 22:
    return IntegerType::get(context, 4);
  case 23:
    return Float4E2M1FNType::get(context);
  case 24:
    return Float8E8M0FNUType::get(context);
  case 25:
    return IntegerType::get(context, 2, IntegerType::Unsigned);
  case 26:
    return IntegerType::get(context, 2);
  default:
    return Type();
  }
}

Type cameo::getElementType(int32_t number, MLIRContext *context) {
  auto unsignedType = [&](unsigned width) {
    return IntegerType::get(context, width, IntegerType::Unsigned);
  };
  switch (number) {
  case TensorProto::FLOAT:
    return Float32Type::get(context);
  case TensorProto::DOUBLE:
    return Float64Type::get(context);
  case TensorProto::FLOAT16:
    return Float16Type::get(context);
  case TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case TensorProto::BOOL:
    return IntegerType::get(context, 1);
  case TensorProto::INT8:
    return IntegerType::get(context, 8);
  case TensorProto::INT16:
    return IntegerType::get(context, 16);
  case TensorProto::INT32:
    return IntegerType::get(context, 32);
  case TensorProto::INT64:
    return IntegerType::get(context, 64);
  case TensorProto::UINT8:
    return unsignedType(8);
  case TensorProto::UINT16:
    return unsignedType(16);
  case TensorProto::UINT32:
    return unsignedType(32);
  case TensorProto::UINT64:
    return unsignedType(64);
  default:
    return getNarrowType(number, context);
  }
}

std::string cameo::getElementTypeName(int32_t number) {
  if (number >= kFirstNarrow &&
      number < kFirstNarrow + static_cast<int32_t>(std::size(kNarrowNames)))
    return kNarrowNames[number - kFirstNarrow];
  std::string name = TensorProto::DataType_IsValid(number)
                         ? TensorProto::DataType_Name(
                               static_cast<TensorProto::DataType>(number))
                         : "";
  return name.empty() ? "element type " + std::to_string(number) : name;
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// Appends every element of a typed field in its storage width.
template <typename Stored, typename Field>
static void appendField(const Field &field, std::string &bytes) {
  for (auto element : field) {
    Stored stored = static_cast<Stored>(element);
    bytes.append(reinterpret_cast<const char *>(&stored), sizeof(stored));
  }
}

static void appendTypedField(const TensorProto &tensor, std::string &bytes) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return appendField<float>(tensor.float_data(), bytes);
  case TensorProto::DOUBLE:
    return appendField<double>(tensor.double_data(), bytes);
  case TensorProto::INT64:
    return appendField<int64_t>(tensor.int64_data(), bytes);
  case TensorProto::UINT64:
    return appendField<uint64_t>(tensor.uint64_data(), bytes);
  case TensorProto::UINT32:
    return appendField<uint32_t>(tensor.uint64_data(), bytes);
  case TensorProto::INT32:
    return appendField<int32_t>(tensor.int32_data(), bytes);
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return appendField<uint16_t>(tensor.int32_data(), bytes);
  default:
    return appendField<uint8_t>(tensor.int32_data(), bytes);
  }
}

/// Reads `length` bytes at `offset` of a file, which must lie in `folder`.
static bool readExternal(StringRef folder, StringRef location, uint64_t offset,
                         uint64_t length, std::string &bytes,
                         std::string &error) {
  SmallString<256> path(folder), root, real;
  llvm::sys::path::append(path, location);
  if (llvm::sys::path::is_absolute(location)) {
    error = "external data file '" + location.str() + "' is an absolute path";
    return false;
  }
  if (location.empty() ||
      llvm::sys::fs::real_path(folder.empty() ? "." : folder, root) ||
      llvm::sys::fs::real_path(path, real)) {
    error = "external data file '" + location.str() + "' cannot be opened";
    return false;
  }
  if (!StringRef(real).starts_with(root) ||
      !llvm::sys::path::is_separator(
          real[std::min(root.size(), real.size() - 1)])) {
    error = "external data file '" + location.str() +
            "' is outside the model's folder";
    return false;
  }
  uint64_t size = 0;
  if (llvm::sys::fs::file_size(real, size) || offset > size ||
      length > size - offset) {
    error = "external data file '" + location.str() + "' has " +
            std::to_string(size) + " bytes, but " + std::to_string(length) +
            " at " + std::to_string(offset) + " are needed";
    return false;
  }
  auto buffer = llvm::MemoryBuffer::getFileSlice(real, length, offset);
  if (!buffer) {
    error = "external data file '" + location.str() + "' cannot be read";
    return false;
  }
  bytes = (*buffer)->getBuffer().str();
  return true;
}

static bool readExternal(const TensorProto &tensor, StringRef folder,
                         uint64_t expected, std::string &bytes,
                         std::string &error) {
  StringRef location;
  uint64_t offset = 0, length = expected;
  for (const auto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    if (entry.key() == "location")
      location = value;
    bool isBad = (entry.key() == "offset" && value.getAsInteger(10, offset)) ||
                 (entry.key() == "length" && value.getAsInteger(10, length));
    if (isBad) {
      error =
          "external data has the bad " + entry.key() + " '" + value.str() + "'";
      return false;
    }
  }
  if (length != expected) {
    error = "external data has length " + std::to_string(length) + ", not " +
            std::to_string(expected);
    return false;
  }
  return readExternal(folder, location, offset, length, bytes, error);
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

/// The number of bytes of a shape; false when it has no sensible one.
static bool getByteSize(const TensorProto &tensor, uint64_t elementBytes,
                        uint64_t &size) {
  bool overflows = false;
  size = elementBytes;
  for (int64_t extent : tensor.dims()) {
    if (extent < 0)
      return false;
    size = llvm::SaturatingMultiply<uint64_t>(size, extent, &overflows);
    if (overflows)
      return false;
  }
  return true;
}

static ElementsAttr buildElements(RankedTensorType type, StringRef bytes) {
  ArrayRef<char> data(bytes.data(), bytes.size());
  bool isFlag = type.getElementType().isInteger(1);
  if (isFlag || bytes.size() <= kMaxInlineBytes)
    return fromStorage(type, data);
  AsmResourceBlob blob =
      HeapAsmResourceBlob::allocateAndCopyWithAlign(data, 64);
  return DenseResourceElementsAttr::get(type, "weight", std::move(blob));
}

/// Elements of less than eight bits are packed, the first one lowest: gives
/// each a byte, integers with their sign.
static std::string unpack(StringRef packed, Type elementType, uint64_t count) {
  unsigned width = elementType.getIntOrFloatBitWidth(), perByte = 8 / width;
  bool isSigned =
      isa<IntegerType>(elementType) && !elementType.isUnsignedInteger();
  std::string bytes;
  bytes.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    auto byte = static_cast<uint8_t>(packed[i / perByte]);
    APInt element = APInt(8, byte).extractBits(width, i % perByte * width);
    bytes.push_back(static_cast<char>(isSigned ? element.getSExtValue()
                                               : element.getZExtValue()));
  }
  return bytes;
}

ElementsAttr cameo::importTensor(const TensorProto &tensor, StringRef folder,
                                 MLIRContext *context, std::string &error) {
  Type elementType = getElementType(tensor.data_type(), context);
  if (!elementType) {
    error = getElementTypeName(tensor.data_type()) + " is not supported";
    return nullptr;
  }
  unsigned width = elementType.getIntOrFloatBitWidth();
  uint64_t elementBytes = std::max(width / 8, 1u), count = 0;
  if (!getByteSize(tensor, elementBytes, count)) {
    error = "its shape has a negative extent or too many elements";
    return nullptr;
  }
  bool isPacked = width == 2 || width == 4;
  uint64_t expected = isPacked ? llvm::divideCeil(count, 8 / width) : count;
  std::string gathered;
  StringRef bytes;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    if (!readExternal(tensor, folder, expected, gathered, error))
      return nullptr;
    bytes = gathered;
  } else if (tensor.has_raw_data()) {
    bytes = tensor.raw_data();
  } else {
    appendTypedField(tensor, gathered);
    bytes = gathered;
  }
  if (bytes.size() != expected) {
    error = "it has " + std::to_string(bytes.size()) +
            " bytes of data when it should have " + std::to_string(expected);
    return nullptr;
  }
  std::string unpacked;
  if (isPacked) {
    unpacked = unpack(bytes, elementType, count);
    bytes = unpacked;
  }
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  return buildElements(RankedTensorType::get(shape, elementType), bytes);
}

DenseElementsAttr cameo::packStrings(MLIRContext *context,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<std::string> values) {
  size_t width = 1;
  for (const std::string &value : values)
    width = std::max(width, value.size());
  std::string bytes;
  for (std::string value : values) {
    value.resize(width);
    bytes += value;
  }
  SmallVector<int64_t> whole(shape);
  whole.push_back(static_cast<int64_t>(width));
  auto type = RankedTensorType::get(
      whole, IntegerType::get(context, 8, IntegerType::Unsigned));
  return fromStorage(type, ArrayRef<char>(bytes.data(), bytes.size()));
}

DenseElementsAttr cameo::importStrings(const TensorProto &tensor,
                                       MLIRContext *context,
                                       std::string &error) {
  uint64_t count = 0;
  if (tensor.data_type() != TensorProto::STRING ||
      !getByteSize(tensor, 1, count) ||
      count != static_cast<uint64_t>(tensor.string_data_size())) {
    error = "it does not have as many strings as its shape says";
    return nullptr;
  }
  for (const std::string &value : tensor.string_data())
    if (StringRef(value).contains('\0')) {
      error = "one of its strings has a zero byte";
      return nullptr;
    }
  std::vector<std::string> values(tensor.string_data().begin(),
                                  tensor.string_data().end());
  return packStrings(
      context, SmallVector<int64_t>(tensor.dims().begin(), tensor.dims().end()),
      values);
}

bool cameo::hasSensibleSize(ArrayRef<int64_t> shape) {
  constexpr int64_t kMaxElements = int64_t(1) << 40;
  int64_t count = 1;
  for (int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && count > kMaxElements / extent))
      return false;
    count *= std::max<int64_t>(extent, 1);
  }
  return true;
}
