// Small text helpers of the run-time tools: printf-style strings, shapes,
// numbers of options, JSON strings. They depend on the standard library alone,
// so that the tools can be built for other machines without further packages.
#ifndef CAMEO_COMPILER_TOOLS_SUPPORT_TEXT_H
#define CAMEO_COMPILER_TOOLS_SUPPORT_TEXT_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cameo {

/// A string made as printf makes it.
[[gnu::format(printf, 1, 2)]] std::string text(const char *format, ...);

/// "1x3x224x224"; "scalar" for rank 0.
std::string shapeText(const std::vector<int64_t> &shape);

/// `value` as a JSON string, with its quotes.
std::string jsonString(std::string_view value);

/// Parse the whole of `value`; false if it is anything but one number.
bool parseNumber(std::string_view value, int64_t &number);
bool parseNumber(std::string_view value, double &number);

/// Splits `--name=value` of the command line at the sign; false, and `argument`
/// as it was, when there is none.
bool splitOption(std::string &argument, std::string &value);

/// Multiplies into `product` (non-negative); false on overflow.
bool multiplyInto(uint64_t &product, uint64_t factor);

} // namespace cameo

#endif
