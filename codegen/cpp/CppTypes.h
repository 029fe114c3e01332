//===- CppTypes.h - Types of the generated C++ ------------------*- C++ -*-===//
//
// Every scalar and vector type has a short name (f32, i8, f32x16, mask16) that
// names helper functions and vector typedefs of the generated source.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_CPP_CPPTYPES_H
#define CAMEO_CODEGEN_CPP_CPPTYPES_H

#include "mlir/IR/Types.h"
#include "mlir/Transforms/DialectConversion.h"

namespace cameo::cpp {

/// A scalar (no lanes) or vector type of the generated source.
struct CppType {
  enum Kind { Float, BFloat, Signed, Unsigned, Bool } kind = Float;
  unsigned bits = 32;
  unsigned lanes = 0;

  /// The type of an MLIR scalar or vector; none if it has no C++ form.
  static std::optional<CppType> get(mlir::Type type);
  /// The inverse of `name`.
  static std::optional<CppType> parse(llvm::StringRef name);

  bool isVector() const { return lanes != 0; }
  CppType element() const { return {kind, bits, 0}; }
  CppType withKind(Kind other) const { return {other, bits, lanes}; }
  CppType withLanes(unsigned other) const { return {kind, bits, other}; }
  /// What comparing values of this type gives.
  CppType mask() const { return {Bool, 32, lanes}; }

  /// Short name: f32x16, u8, mask16, bool.
  std::string name() const;
  /// How the source spells the type: float, uint8_t, f32x16, mask16.
  std::string spelling() const;
  /// Bits of an element in memory; masks have 32-bit lanes.
  unsigned storageBits() const {
    return kind == Bool && !isVector() ? 8 : bits;
  }
};

/// Converts types of the loops level to EmitC: index to i64, vectors to opaque
/// types of their short name, buffers to pointers.
class CppTypeConverter : public mlir::TypeConverter {
public:
  CppTypeConverter();
};

} // namespace cameo::cpp

#endif // CAMEO_CODEGEN_CPP_CPPTYPES_H
