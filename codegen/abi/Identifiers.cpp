//===- Identifiers.cpp - C identifiers from ONNX names --------------------===//

#include "codegen/abi/Identifiers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace cameo;

/// Keywords of C11 and C++20, and macro-like names that compilers predefine.
static bool isKeyword(StringRef text) {
  static const StringSet<> keywords = {"alignas",     "alignof",
                                       "and",         "and_eq",
                                       "asm",         "auto",
                                       "bitand",      "bitor",
                                       "bool",        "break",
                                       "case",        "catch",
                                       "char",        "char16_t",
                                       "char32_t",    "char8_t",
                                       "class",       "co_await",
                                       "co_return",   "co_yield",
                                       "compl",       "concept",
                                       "const",       "const_cast",
                                       "consteval",   "constexpr",
                                       "constinit",   "continue",
                                       "decltype",    "default",
                                       "delete",      "do",
                                       "double",      "dynamic_cast",
                                       "else",        "enum",
                                       "errno",       "explicit",
                                       "export",      "extern",
                                       "false",       "float",
                                       "for",         "friend",
                                       "goto",        "if",
                                       "inline",      "int",
                                       "linux",       "long",
                                       "main",        "mutable",
                                       "namespace",   "new",
                                       "noexcept",    "not",
                                       "not_eq",      "nullptr",
                                       "operator",    "or",
                                       "or_eq",       "private",
                                       "protected",   "public",
                                       "register",    "reinterpret_cast",
                                       "requires",    "restrict",
                                       "return",      "short",
                                       "signed",      "sizeof",
                                       "static",      "static_assert",
                                       "static_cast", "struct",
                                       "switch",      "template",
                                       "this",        "thread_local",
                                       "throw",       "true",
                                       "try",         "typedef",
                                       "typeid",      "typename",
                                       "typeof",      "union",
                                       "unix",        "unsigned",
                                       "using",       "virtual",
                                       "void",        "volatile",
                                       "wchar_t",     "while",
                                       "xor",         "xor_eq"};
  return keywords.contains(text);
}

bool cameo::isIdentifier(StringRef text) {
  auto isPart = [](char c) { return isAlnum(c) || c == '_'; };
  return !text.empty() && isAlpha(text.front()) && all_of(text, isPart) &&
         !isKeyword(text);
}

std::string cameo::makeIdentifier(StringRef text, StringRef fallback) {
  std::string result;
  for (char c : text) {
    bool isPart = isAlnum(c);
    if (isPart)
      result += c;
    else if (!result.empty() && result.back() != '_')
      result += '_';
  }
  while (!result.empty() && result.back() == '_')
    result.pop_back();
  if (result.empty())
    return fallback.str();
  if (!isAlpha(result.front()))
    result = (fallback + "_" + result).str();
  if (isKeyword(result))
    result += '_';
  return result;
}

std::string IdentifierScope::add(StringRef text, StringRef fallback,
                                 ArrayRef<StringRef> suffixes) {
  std::string base = makeIdentifier(text, fallback);
  for (unsigned number = 1;; ++number) {
    std::string name = number == 1 ? base : base + "_" + utostr(number);
    auto isFree = [&](StringRef suffix) {
      return !taken.contains(name + suffix.str());
    };
    if (!isFree("") || !all_of(suffixes, isFree))
      continue;
    taken.insert(name);
    for (StringRef suffix : suffixes)
      taken.insert(name + suffix.str());
    return name;
  }
}
