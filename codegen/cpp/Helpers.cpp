//===- Helpers.cpp - Vector types and helper functions of the source ------===//
//
// A helper's name is an operation followed by its types, so its definition can
// be made from the name alone. The table below holds the bodies with
// placeholders:
//   $T type, $S second type, $P and $Q the same as parameters, $E element, $M
//   mask, $I signed and $U unsigned type of the same shape, $W the same where
//   arithmetic on it cannot promote to int, $N lanes, $B bits, $F suffix of
//   libm functions, $t short name.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Helpers.h"
#include "codegen/cpp/CppTypes.h"
#include "codegen/cpp/Tidy.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"

using cameo::cpp::CppType;
using llvm::StringRef;

namespace {

enum Shape { Scalar, Vector, Either };

struct Helper {
  StringRef op;
  Shape shape;
  StringRef result, parameters;
  StringRef body;
};

constexpr StringRef kUnary = "$Pa", kBinary = "$Pa, $Pb";

// Comparisons of vectors; `$C(...)` turns their result into a mask.
const Helper kHelpers[] = {
    // Memory.
    {"load", Vector, "$T", "const $E *p", "return *(const $T_mem *)p;"},
    {"store", Vector, "void", "$E *p, $Pv", "*($T_mem *)p = v;"},
    {"masked_load", Vector, "$T", "const $E *p, const $M &m, $Pv",
     "$T r = v;\nfor (int i = 0; i < $N; ++i)\n  if (m[i])\n    r[i] = "
     "p[i];\nreturn r;"},
    {"masked_store", Vector, "void", "$E *p, const $M &m, $Pv",
     "for (int i = 0; i < $N; ++i)\n  if (m[i])\n    p[i] = v[i];"},
    {"gather", Vector, "$T", "const $E *p, const $S &at, const $M &m, $Pv",
     "$T r = v;\nfor (int i = 0; i < $N; ++i)\n  if (m[i])\n    r[i] = "
     "p[at[i]];\n"
     "return r;"},
    {"scatter", Vector, "void", "$E *p, const $S &at, const $M &m, $Pv",
     "for (int i = 0; i < $N; ++i)\n  if (m[i])\n    p[at[i]] = v[i];"},
    // Lanes.
    {"splat", Vector, "$T", "$E x", "return $T{$x};"},
    {"extract", Vector, "$E", "$Pv, int64_t i", "return v[i];"},
    {"insert", Vector, "$T", "$Pv, $E x, int64_t i",
     "$T r = v;\nr[i] = x;\nreturn r;"},
    {"make", Vector, "$T", "$p", "return $T{$q};"},
    {"first", Vector, "$T", "int64_t n",
     "$T m;\nfor (int i = 0; i < $N; ++i)\n  m[i] = -(i < n);\nreturn m;"},
    {"select", Vector, "$T", "const $M &m, $Pa, $Pb", "return $L(m) ? a : b;"},
    // Wrapping integer arithmetic.
    {"wrap_add", Either, "$T", kBinary, "return ($T)(($W)a + ($W)b);"},
    {"wrap_sub", Either, "$T", kBinary, "return ($T)(($W)a - ($W)b);"},
    {"wrap_mul", Either, "$T", kBinary, "return ($T)(($W)a * ($W)b);"},
    {"wrap_abs", Either, "$T", kUnary, "return a < $T{} ? ($T)(-($W)a) : a;"},
    {"shl", Either, "$T", kBinary, "return ($T)(($W)a << ($W)(b & ($B - 1)));"},
    {"shr", Either, "$T", kBinary, "return ($T)(a >> (b & ($B - 1)));"},
    {"shr_logical", Either, "$T", kBinary,
     "return ($T)(($U)a >> ($U)(b & ($B - 1)));"},
    {"max", Either, "$T", kBinary, "return a > b ? a : b;"},
    {"min", Either, "$T", kBinary, "return a < b ? a : b;"},
    // Comparisons.
    {"eq", Vector, "$M", kBinary, "return $C(a == b);"},
    {"ne", Vector, "$M", kBinary, "return $C(a != b);"},
    {"lt", Vector, "$M", kBinary, "return $C(a < b);"},
    {"le", Vector, "$M", kBinary, "return $C(a <= b);"},
    {"gt", Vector, "$M", kBinary, "return $C(a > b);"},
    {"ge", Vector, "$M", kBinary, "return $C(a >= b);"},
    {"one", Vector, "$M", kBinary, "return $C((a < b) | (a > b));"},
    {"ueq", Vector, "$M", kBinary, "return $C(~((a < b) | (a > b)));"},
    {"ult", Vector, "$M", kBinary, "return $C(~(a >= b));"},
    {"ule", Vector, "$M", kBinary, "return $C(~(a > b));"},
    {"ugt", Vector, "$M", kBinary, "return $C(~(a <= b));"},
    {"uge", Vector, "$M", kBinary, "return $C(~(a < b));"},
    {"ord", Vector, "$M", kBinary, "return $C((a == a) & (b == b));"},
    {"uno", Vector, "$M", kBinary, "return $C((a != a) | (b != b));"},
    {"one", Scalar, "bool", kBinary, "return a < b || a > b;"},
    {"ueq", Scalar, "bool", kBinary, "return !(a < b || a > b);"},
    {"ult", Scalar, "bool", kBinary, "return !(a >= b);"},
    {"ule", Scalar, "bool", kBinary, "return !(a > b);"},
    {"ugt", Scalar, "bool", kBinary, "return !(a <= b);"},
    {"uge", Scalar, "bool", kBinary, "return !(a < b);"},
    {"ord", Scalar, "bool", kBinary, "return a == a && b == b;"},
    {"uno", Scalar, "bool", kBinary, "return a != a || b != b;"},
    {"odd", Vector, "$M", kUnary,
     "return -__builtin_convertvector(a & 1, $M);"},
    // Maximum and minimum: NaN wins, or loses in the `num` forms. GCC makes a
    // jump of a condition of two parts, so scalars have two conditions.
    {"maximum", Scalar, "$T", kBinary,
     "$T m = a > b ? a : b;\nreturn a != a ? a : m;"},
    {"minimum", Scalar, "$T", kBinary,
     "$T m = a < b ? a : b;\nreturn a != a ? a : m;"},
    {"maxnum", Scalar, "$T", kBinary,
     "$T m = a > b ? a : b;\nreturn b != b ? a : m;"},
    {"minnum", Scalar, "$T", kBinary,
     "$T m = a < b ? a : b;\nreturn b != b ? a : m;"},
    {"maximum", Vector, "$T", kBinary, "return ((a > b) | (a != a)) ? a : b;"},
    {"minimum", Vector, "$T", kBinary, "return ((a < b) | (a != a)) ? a : b;"},
    {"maxnum", Vector, "$T", kBinary, "return ((a > b) | (b != b)) ? a : b;"},
    {"minnum", Vector, "$T", kBinary, "return ((a < b) | (b != b)) ? a : b;"},
    // Floating point. GCC and Clang fuse `a * b + c` where the target can.
    {"fma", Either, "$T", "$Pa, $Pb, $Pc",
     "#if defined(__clang__) && (defined(__FMA__) || "
     "defined(__ARM_FEATURE_FMA))\n"
     "return __builtin_elementwise_fma(a, b, c);\n#else\nreturn a * b + "
     "c;\n#endif"},
    {"fabs", Vector, "$T", kUnary, "return ($T)(($I)a & $A);"},
    {"rsqrt", Scalar, "$T", kUnary, "return 1 / sqrt$F(a);"},
    {"rsqrt", Vector, "$T", kUnary, "return ($E)1 / sqrt_$t(a);"},
    {"isnan", Scalar, "bool", kUnary, "return a != a;"},
    {"isinf", Scalar, "bool", kUnary, "return a == a && a - a != 0;"},
    {"isfinite", Scalar, "bool", kUnary, "return a - a == 0;"},
    {"isnan", Vector, "$M", kUnary, "return $C(a != a);"},
    {"isinf", Vector, "$M", kUnary, "return $C((a == a) & (a - a != $T{}));"},
    {"isfinite", Vector, "$M", kUnary, "return $C(a - a == $T{});"},
    // Representations.
    {"bits", Scalar, "$T", "$Qa",
     "$T r;\n__builtin_memcpy(&r, &a, sizeof r);\nreturn r;"},
    {"convert", Vector, "$T", "$Qa", "return __builtin_convertvector(a, $T);"},
};

/// Functions of libm by number of arguments, and Clang's builtin if there is
/// one.
struct LibmFunction {
  StringRef name, builtin;
  unsigned arguments;
};
const LibmFunction kLibm[] = {
    {"acos", "", 1},       {"acosh", "", 1},      {"asin", "", 1},
    {"asinh", "", 1},      {"atan", "", 1},       {"atan2", "", 2},
    {"atanh", "", 1},      {"cbrt", "", 1},       {"cos", "", 1},
    {"cosh", "", 1},       {"erf", "", 1},        {"erfc", "", 1},
    {"exp", "", 1},        {"exp2", "", 1},       {"expm1", "", 1},
    {"log", "", 1},        {"log10", "", 1},      {"log1p", "", 1},
    {"log2", "", 1},       {"pow", "", 2},        {"sin", "", 1},
    {"sinh", "", 1},       {"tan", "", 1},        {"tanh", "", 1},
    {"fmod", "", 2},       {"fabs", "", 1},       {"copysign", "", 2},
    {"ceil", "ceil", 1},   {"floor", "floor", 1}, {"trunc", "trunc", 1},
    {"round", "round", 1}, {"rint", "rint", 1},   {"sqrt", "sqrt", 1},
};

/// Square roots of a vector in one instruction, which GCC does not make of
/// those of its lanes: each of them may set errno.
struct VectorRoot {
  unsigned bits, lanes;
  StringRef macro, value;
};
const VectorRoot kVectorRoots[] = {
    {32, 4, "__SSE2__", "_mm_sqrt_ps(a)"},
    {32, 8, "__AVX__", "_mm256_sqrt_ps(a)"},
    {32, 16, "__AVX512F__", "_mm512_maskz_sqrt_ps(-1, a)"},
    {64, 2, "__SSE2__", "_mm_sqrt_pd(a)"},
    {64, 4, "__AVX__", "_mm256_sqrt_pd(a)"},
    {64, 8, "__AVX512F__", "_mm512_maskz_sqrt_pd(-1, a)"},
    {32, 4, "__aarch64__", "vsqrtq_f32(a)"},
    {64, 2, "__aarch64__", "vsqrtq_f64(a)"},
};
const StringRef kIntrinsicHeaders =
    "#if !defined(__clang__) && defined(__x86_64__)\n#include <immintrin.h>\n"
    "#elif !defined(__clang__) && defined(__aarch64__)\n#include "
    "<arm_neon.h>\n#endif\n\n";

/// A helper's name taken apart.
struct Parsed {
  std::string op;
  CppType type, second;
};

} // namespace

static std::optional<Parsed> parseName(StringRef name) {
  llvm::SmallVector<CppType> types;
  StringRef op = name;
  while (op.contains('_')) {
    auto [front, back] = op.rsplit('_');
    std::optional<CppType> type = CppType::parse(back);
    if (!type)
      break;
    types.push_back(*type);
    op = front;
  }
  if (types.empty() || types.size() > 2 || op.empty())
    return std::nullopt;
  return Parsed{op.str(), types.back(), types.front()};
}

/// {first, first + 1, ...} of `count` lanes, made from `item`.
template <typename Fn> static std::string list(unsigned count, Fn item) {
  std::string text;
  for (unsigned i = 0; i < count; ++i)
    text += (i ? ", " : "") + item(i);
  return text;
}

static std::string elementSpelling(CppType type) {
  return type.kind == CppType::Bool ? "bool" : type.element().spelling();
}

/// The value of one placeholder.
static std::string placeholder(char key, const Parsed &parsed) {
  CppType type = parsed.type;
  bool narrow = !type.isVector() && type.bits < 32;
  CppType wide = {CppType::Unsigned, narrow ? 32 : type.bits, type.lanes};
  std::string element = elementSpelling(type);
  bool isMask = type.kind == CppType::Bool && type.isVector();
  switch (key) {
  case 'T':
    return type.spelling();
  case 'S':
    return parsed.second.spelling();
  case 'P': // A parameter; vectors by reference, for their ABI varies.
    return type.isVector() ? "const " + type.spelling() + " &"
                           : type.spelling() + " ";
  case 'Q':
    return parsed.second.isVector() ? "const " + parsed.second.spelling() + " &"
                                    : parsed.second.spelling() + " ";
  case 'E':
    return element;
  case 'M':
    return type.mask().spelling();
  case 'I':
    return type.withKind(CppType::Signed).spelling();
  case 'U':
    return type.withKind(CppType::Unsigned).spelling();
  case 'W':
    return wide.spelling();
  case 'N':
    return std::to_string(type.lanes);
  case 'B':
    return std::to_string(type.bits);
  case 'F':
    return type.bits == 64 ? "" : "f";
  case 't':
    return type.name();
  case 'A':
    return type.bits == 64 ? "INT64_MAX" : "INT32_MAX";
  case 'C': // From a comparison's type to the mask.
    return type.bits == 32 ? "(" + type.mask().spelling() + ")"
                           : "convert_" + type.mask().name() + "_" +
                                 type.withKind(CppType::Signed).name();
  case 'L': // From the mask to a comparison's type.
    return type.bits == 32
               ? ""
               : "convert_" + type.withKind(CppType::Signed).name() + "_" +
                     type.mask().name();
  case 'x':
    return list(type.lanes,
                [&](unsigned) { return std::string(isMask ? "-x" : "x"); });
  case 'p':
    return list(type.lanes,
                [&](unsigned i) { return element + " x" + std::to_string(i); });
  case 'q':
    return list(type.lanes, [&](unsigned i) {
      return (isMask ? "-x" : "x") + std::to_string(i);
    });
  }
  llvm_unreachable("unknown placeholder in the table of helpers");
}

static std::string expand(StringRef text, const Parsed &parsed) {
  std::string result;
  while (!text.empty()) {
    auto [plain, rest] = text.split('$');
    result += plain;
    if (!rest.empty())
      result += placeholder(rest[0], parsed);
    text = rest.drop_front(rest.empty() ? 0 : 1);
  }
  return result;
}

static std::string function(StringRef result, StringRef name,
                            StringRef parameters, StringRef body) {
  std::string text = "__attribute__((always_inline)) static inline " +
                     result.str() + " " + name.str() + "(" + parameters.str() +
                     ") {";
  text = cameo::cpp::wrapLine(text, 0);
  llvm::SmallVector<StringRef> lines;
  body.split(lines, '\n');
  for (StringRef line : lines) {
    unsigned indent =
        line.starts_with("#") ? 0 : 2 + (line.size() - line.ltrim().size());
    text += cameo::cpp::wrapLine(line.ltrim(), indent);
  }
  return text + "}\n";
}

/// A function of libm on a scalar, or lane by lane.
static std::string libmHelper(const LibmFunction &libm, StringRef name,
                              const Parsed &parsed) {
  bool binary = libm.arguments == 2;
  std::string callee = libm.name.str() + (parsed.type.bits == 64 ? "" : "f");
  if (!parsed.type.isVector())
    return function(parsed.type.spelling(), name,
                    expand(binary ? kBinary : kUnary, parsed),
                    "return " + callee + (binary ? "(a, b);" : "(a);"));
  std::string loop = parsed.type.spelling() + " r;\nfor (int i = 0; i < " +
                     std::to_string(parsed.type.lanes) +
                     "; ++i)\n  r[i] = " + callee +
                     (binary ? "(a[i], b[i]);" : "(a[i]);") + "\nreturn r;";
  std::string roots;
  for (const VectorRoot &root : kVectorRoots)
    if (libm.name == "sqrt" && root.bits == parsed.type.bits &&
        root.lanes == parsed.type.lanes)
      roots +=
          ("#elif defined(" + root.macro + ")\nreturn " + root.value + ";\n")
              .str();
  if (!libm.builtin.empty())
    loop = ("#ifdef __clang__\nreturn __builtin_elementwise_" + libm.builtin +
            "(a);\n" + roots + "#else\n" + loop + "\n#endif")
               .str();
  return function(parsed.type.spelling(), name,
                  expand(binary ? kBinary : kUnary, parsed), loop);
}

/// bf16 is the upper half of f32; rounding is to nearest, ties to even.
static std::string bfloatHelper(StringRef name, const Parsed &parsed) {
  CppType u32 = {CppType::Unsigned, 32, parsed.type.lanes},
          f32 = {CppType::Float, 32, u32.lanes};
  std::string word = u32.spelling();
  bool isVector = u32.isVector();
  auto reinterpret = [&](CppType to, CppType from, const std::string &value) {
    return isVector
               ? "(" + to.spelling() + ")" + value
               : "bits_" + to.name() + "_" + from.name() + "(" + value + ")";
  };
  if (parsed.second.kind == CppType::BFloat) {
    std::string wide = isVector ? "__builtin_convertvector(a, " + word + ")"
                                : "((" + word + ")a)";
    return function(parsed.type.spelling(), name, expand("$Qa", parsed),
                    "return " + reinterpret(f32, u32, "(" + wide + " << 16)") +
                        ";");
  }
  std::string body = word + " u = " + reinterpret(u32, f32, "a") + ";\n" +
                     word + " rounded = u + 0x7fff + ((u >> 16) & 1);\n" +
                     word +
                     " r = (a != a ? u | 0x400000 : rounded) >> 16;\nreturn ";
  body += isVector
              ? "__builtin_convertvector(r, " + parsed.type.spelling() + ");"
              : "(bf16)r;";
  return function(parsed.type.spelling(), name, expand("$Qa", parsed), body);
}

/// Reductions add the halves of a vector until two lanes are left.
static std::string reductionHelper(StringRef kind, StringRef name,
                                   const Parsed &parsed) {
  CppType type = parsed.type;
  bool isFloat = type.kind == CppType::Float;
  StringRef symbol = llvm::StringSwitch<StringRef>(kind)
                         .Case("and", "&")
                         .Case("or", "|")
                         .Case("xor", "^")
                         .Case("add", isFloat ? "+" : "")
                         .Case("mul", isFloat ? "*" : "")
                         .Default("");
  std::string helper =
      (kind == "add" || kind == "mul" ? "wrap_" : "") + kind.str();
  auto combined = [&](CppType operand, const std::string &a,
                      const std::string &b) {
    return symbol.empty()
               ? helper + "_" + operand.name() + "(" + a + ", " + b + ")"
               : a + " " + symbol.str() + " " + b;
  };
  std::string body;
  bool isMask = type.kind == CppType::Bool;
  if (type.lanes == 1) {
    body = std::string("return v[0]") + (isMask ? " != 0;" : ";");
  } else if (type.lanes == 2) {
    body = "return " +
           (isMask ? "(v[0] " + symbol.str() + " v[1]) != 0"
                   : combined(type.element(), "v[0]", "v[1]")) +
           ";";
  } else {
    CppType half = type.withLanes(type.lanes / 2);
    auto lanes = [&](unsigned first) {
      return "__builtin_shufflevector(v, v, " +
             list(half.lanes,
                  [&](unsigned i) { return std::to_string(first + i); }) +
             ");\n";
    };
    body = half.spelling() + " low = " + lanes(0) + half.spelling() +
           " high = " + lanes(half.lanes) + "return reduce_" + kind.str() +
           "_" + half.name() + "(" + combined(half, "low", "high") + ");";
  }
  return function(elementSpelling(type), name, expand("$Pv", parsed), body);
}

std::string cameo::cpp::helperDefinition(StringRef name) {
  std::optional<Parsed> parsed = parseName(name);
  if (!parsed)
    return "";
  CppType type = parsed->type;
  bool isMask = type.kind == CppType::Bool && type.isVector();
  StringRef op = parsed->op;
  if (op.consume_front("reduce_"))
    return reductionHelper(op, name, *parsed);
  if (op == "convert" &&
      (type.kind == CppType::BFloat || parsed->second.kind == CppType::BFloat))
    return bfloatHelper(name, *parsed);
  if (isMask && op == "select")
    return function(type.spelling(), name,
                    expand("const $M &m, $Pa, $Pb", *parsed),
                    "return (m & a) | (~m & b);");
  if (isMask && op == "extract")
    return function("bool", name, expand("$Pv, int64_t i", *parsed),
                    "return v[i] != 0;");
  if (isMask && op == "insert")
    return function(type.spelling(), name,
                    expand("$Pv, $E x, int64_t i", *parsed),
                    type.spelling() + " r = v;\nr[i] = -x;\nreturn r;");
  for (const Helper &helper : kHelpers)
    if (helper.op == op &&
        (helper.shape == Either || (helper.shape == Vector) == type.isVector()))
      return function(expand(helper.result, *parsed), name,
                      expand(helper.parameters, *parsed),
                      expand(helper.body, *parsed));
  for (const LibmFunction &libm : kLibm)
    if (libm.name == op && type.kind == CppType::Float)
      return libmHelper(libm, name, *parsed);
  return "";
}

std::string cameo::cpp::typeDefinition(StringRef name) {
  if (name == "bf16")
    return "typedef uint16_t bf16;\n";
  if (name == "f16")
    return "#if defined(__aarch64__) && !defined(__clang__) && __GNUC__ < 13\n"
           "typedef __fp16 f16;\n#else\ntypedef _Float16 f16;\n#endif\n";
  StringRef base = name;
  bool memory = base.consume_back("_mem");
  std::optional<CppType> type = CppType::parse(base);
  if (!type || !type->isVector())
    return "";
  CppType element = type->kind == CppType::Bool
                        ? CppType{CppType::Signed, 32, 0}
                        : type->element();
  unsigned bytes = element.bits / 8;
  std::string text = "typedef " + element.spelling() + " " + name.str() +
                     " __attribute__((vector_size(" +
                     std::to_string(bytes * type->lanes) + ")";
  if (memory)
    text += ", aligned(" + std::to_string(bytes) + "), may_alias";
  return text + "));\n";
}

namespace {
/// Collects definitions in the order in which they must stand.
class Preamble {
public:
  void addFrom(StringRef source);
  std::string types, helpers;

private:
  void add(StringRef name);
  llvm::StringSet<> seen;
};
} // namespace

void Preamble::add(StringRef name) {
  if (!seen.insert(name).second)
    return;
  std::string definition = cameo::cpp::typeDefinition(name);
  std::string &section = definition.empty() ? helpers : types;
  if (definition.empty())
    definition = cameo::cpp::helperDefinition(name);
  if (definition.empty())
    return;
  addFrom(definition);
  section += definition + (&section == &helpers ? "\n" : "");
}

void Preamble::addFrom(StringRef source) {
  while (!source.empty()) {
    StringRef word =
        source.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (!word.empty())
      add(word);
    source = source.drop_front(std::max<size_t>(word.size(), 1));
  }
}

std::string cameo::cpp::preambleFor(StringRef source) {
  Preamble preamble;
  preamble.addFrom(source);
  bool hasRoots = llvm::any_of(kVectorRoots, [&](const VectorRoot &root) {
    return StringRef(preamble.helpers).contains(root.value);
  });
  return (hasRoots ? kIntrinsicHeaders.str() : "") + preamble.types +
         (preamble.types.empty() ? "" : "\n") + preamble.helpers;
}
