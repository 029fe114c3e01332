// Implements Npy.h. The header is a Python dictionary literal; the parser below
// reads exactly the three keys that the format defines.
#include "compiler/tools/support/Npy.h"

#include "compiler/tools/support/Files.h"
#include "compiler/tools/support/Text.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace cameo {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct TypeCode {
  const char *code; // without byte order
  int32_t elementType;
};
constexpr TypeCode kTypeCodes[] = {
    {"f4", CAMEO_FLOAT32}, {"f8", CAMEO_FLOAT64}, {"f2", CAMEO_FLOAT16},
    {"i1", CAMEO_INT8},    {"i2", CAMEO_INT16},   {"i4", CAMEO_INT32},
    {"i8", CAMEO_INT64},   {"u1", CAMEO_UINT8},   {"u2", CAMEO_UINT16},
    {"u4", CAMEO_UINT32},  {"u8", CAMEO_UINT64},  {"b1", CAMEO_BOOL},
    {"V2", CAMEO_BFLOAT16}};

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// Parses {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }
class HeaderParser {
public:
  explicit HeaderParser(std::string_view source) : rest(source) {}

  bool parse(Header &header) {
    bool seenDescr = false, seenOrder = false, seenShape = false;
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!parseString(key) || !take(':'))
        return false;
      bool known = (key == "descr" && !seenDescr &&
                    (seenDescr = parseString(header.descr))) ||
                   (key == "fortran_order" && !seenOrder &&
                    (seenOrder = parseBool(header.fortranOrder))) ||
                   (key == "shape" && !seenShape &&
                    (seenShape = parseShape(header.shape)));
      if (!known)
        return false;
      if (!take(',') && peek() != '}')
        return false;
    }
    return seenDescr && seenOrder && seenShape && peek() == '\0';
  }

private:
  std::string_view rest;

  char peek() {
    while (!rest.empty() && isspace(static_cast<unsigned char>(rest[0])))
      rest.remove_prefix(1);
    return rest.empty() ? '\0' : rest[0];
  }
  bool take(char c) {
    if (peek() != c)
      return false;
    rest.remove_prefix(1);
    return true;
  }
  bool takeWord(std::string_view word) {
    peek();
    if (!rest.starts_with(word))
      return false;
    rest.remove_prefix(word.size());
    return true;
  }
  bool parseString(std::string &value) {
    char quote = peek();
    if (quote != '\'' && quote != '"')
      return false;
    size_t end = rest.find(quote, 1);
    if (end == std::string_view::npos)
      return false;
    value = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return true;
  }
  bool parseBool(bool &value) {
    value = takeWord("True");
    return value || takeWord("False");
  }
  bool parseShape(std::vector<int64_t> &shape) {
    if (!take('('))
      return false;
    while (!take(')')) {
      peek();
      size_t digits = 0;
      while (digits < rest.size() &&
             isdigit(static_cast<unsigned char>(rest[digits])))
        ++digits;
      int64_t extent = 0;
      if (!parseNumber(rest.substr(0, digits), extent))
        return false;
      shape.push_back(extent);
      rest.remove_prefix(digits);
      take('L'); // written by Python 2
      if (!take(',') && peek() != ')')
        return false;
    }
    return true;
  }
};

} // namespace

static bool malformed(const std::string &path, const std::string &why,
                      std::string &error) {
  error = text("'%s' is not a valid .npy file: %s", path.c_str(), why.c_str());
  return false;
}

/// Finds where header and data begin.
static bool splitFile(const std::string &path, std::string_view file,
                      std::string_view &header, std::string_view &data,
                      std::string &error) {
  if (!file.starts_with(kMagic))
    return malformed(path, "wrong magic", error);
  if (file.size() < 10)
    return malformed(path, "it is truncated", error);
  auto byte = [&](size_t i) { return static_cast<unsigned char>(file[i]); };
  unsigned major = byte(6);
  if (major < 1 || major > 3)
    return malformed(path, text("version %u is unknown", major), error);
  size_t start = major == 1 ? 10 : 12;
  if (file.size() < start)
    return malformed(path, "it is truncated", error);
  size_t length = byte(8) | byte(9) << 8;
  if (major > 1)
    length |= static_cast<size_t>(byte(10)) << 16 |
              static_cast<size_t>(byte(11)) << 24;
  if (length > file.size() - start)
    return malformed(path, "it is truncated within its header", error);
  header = file.substr(start, length);
  data = file.substr(start + length);
  return true;
}

static int32_t elementTypeOf(std::string_view descr) {
  if (descr.size() != 3 || !std::strchr("<>|=", descr[0]))
    return 0;
  for (const TypeCode &type : kTypeCodes)
    if (descr.substr(1) == type.code)
      return type.elementType;
  return 0;
}

static void swapBytes(Tensor &tensor) {
  size_t size = cameo_element_size(tensor.elementType);
  for (uint64_t i = 0; i < tensor.bytes; i += size)
    std::reverse(tensor.data.get() + i, tensor.data.get() + i + size);
}

/// Copies column-major `source` into the row-major `tensor`.
static void transposeInto(Tensor &tensor, const char *source) {
  size_t size = cameo_element_size(tensor.elementType);
  size_t rank = tensor.shape.size();
  std::vector<int64_t> index(rank, 0);
  std::vector<uint64_t> stride(rank, 1);
  for (size_t d = 1; d < rank; ++d)
    stride[d] = stride[d - 1] * tensor.shape[d - 1];
  for (uint64_t i = 0, count = tensor.count(), from = 0; i < count; ++i) {
    std::memcpy(tensor.data.get() + i * size, source + from * size, size);
    for (size_t d = rank; d-- > 0;) {
      from += stride[d];
      if (++index[d] < tensor.shape[d])
        break;
      from -= stride[d] * tensor.shape[d];
      index[d] = 0;
    }
  }
}

bool readNpy(const std::string &path, Tensor &tensor, std::string &error) {
  std::string file;
  std::string_view headerText, data;
  if (!readFile(path, file, error) ||
      !splitFile(path, file, headerText, data, error))
    return false;
  Header header;
  if (!HeaderParser(headerText).parse(header))
    return malformed(path, "its header cannot be parsed", error);
  int32_t type = elementTypeOf(header.descr);
  if (type == 0)
    return malformed(
        path, text("type '%s' is not supported", header.descr.c_str()), error);
  uint64_t bytes = 0;
  if (!tensorBytes(type, header.shape, bytes))
    return malformed(path, "shape " + shapeText(header.shape) + " is too large",
                     error);
  if (bytes > data.size())
    return malformed(path,
                     text("it is truncated: %zu bytes of data where shape %s "
                          "needs %llu",
                          data.size(), shapeText(header.shape).c_str(),
                          static_cast<unsigned long long>(bytes)),
                     error);
  if (!tensor.allocate(type, header.shape, error))
    return false;
  if (header.fortranOrder && header.shape.size() > 1)
    transposeInto(tensor, data.data());
  else
    std::memcpy(tensor.data.get(), data.data(), bytes);
  if (header.descr[0] == '>')
    swapBytes(tensor);
  return true;
}

bool writeNpy(const std::string &path, const Tensor &tensor,
              std::string &error) {
  const TypeCode *type =
      std::find_if(std::begin(kTypeCodes), std::end(kTypeCodes), [&](auto &t) {
        return t.elementType == tensor.elementType;
      });
  if (type == std::end(kTypeCodes)) {
    error = text("cannot write '%s': no .npy type for %s", path.c_str(),
                 elementTypeName(tensor.elementType).c_str());
    return false;
  }
  char order = cameo_element_size(tensor.elementType) == 1 ? '|' : '<';
  std::string header =
      text("{'descr': '%c%s', 'fortran_order': False, 'shape': (", order,
           type->code);
  for (int64_t extent : tensor.shape)
    header += std::to_string(extent) + ",";
  header += "), }";
  // The data starts at a multiple of 64.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string file(kMagic);
  file += std::string("\x01\x00", 2);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file.append(reinterpret_cast<const char *>(tensor.data.get()), tensor.bytes);
  return writeFile(path, file, error);
}

} // namespace cameo
