// Implements Text.h.
#include "compiler/tools/support/Text.h"

#include <cerrno>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace cameo {

std::string text(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string result(length > 0 ? length : 0, '\0');
  std::vsnprintf(result.data(), result.size() + 1, format, again);
  va_end(again);
  return result;
}

std::string shapeText(const std::vector<int64_t> &shape) {
  if (shape.empty())
    return "scalar";
  std::string result;
  for (int64_t extent : shape)
    result +=
        text(result.empty() ? "%lld" : "x%lld", static_cast<long long>(extent));
  return result;
}

std::string jsonString(std::string_view value) {
  std::string result = "\"";
  for (char c : value) {
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      result += text("\\u%04x", c);
    else
      result += c;
  }
  return result + '"';
}

bool parseNumber(std::string_view value, int64_t &number) {
  const char *end = value.data() + value.size();
  auto [stop, status] = std::from_chars(value.data(), end, number);
  return status == std::errc() && stop == end;
}

bool parseNumber(std::string_view value, double &number) {
  // Not from_chars: libstdc++ and libc++ differ in their support for doubles.
  std::string terminated(value);
  if (terminated.empty() || isspace(static_cast<unsigned char>(terminated[0])))
    return false;
  char *end = nullptr;
  errno = 0;
  number = std::strtod(terminated.c_str(), &end);
  return errno == 0 && end == terminated.c_str() + terminated.size();
}

bool splitOption(std::string &argument, std::string &value) {
  size_t equals = argument.find('=');
  if (equals == std::string::npos)
    return false;
  value = argument.substr(equals + 1);
  argument.resize(equals);
  return true;
}

bool multiplyInto(uint64_t &product, uint64_t factor) {
  return !__builtin_mul_overflow(product, factor, &product);
}

} // namespace cameo
