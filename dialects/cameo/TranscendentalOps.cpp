//===- TranscendentalOps.cpp - Scalar bodies of math functions ------------===//
//
// Each is one operation of the math dialect, which a later pass expands.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace cameo;

Value cameo::SqrtOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::SqrtOp::create(b, loc, args[0]);
}

Value cameo::ExpOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::ExpOp::create(b, loc, args[0]);
}

Value cameo::LogOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::LogOp::create(b, loc, args[0]);
}

Value cameo::ErfOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::ErfOp::create(b, loc, args[0]);
}

Value cameo::SinOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::SinOp::create(b, loc, args[0]);
}

Value cameo::CosOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::CosOp::create(b, loc, args[0]);
}

Value cameo::TanOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::TanOp::create(b, loc, args[0]);
}

Value cameo::AsinOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AsinOp::create(b, loc, args[0]);
}

Value cameo::AcosOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AcosOp::create(b, loc, args[0]);
}

Value cameo::AtanOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AtanOp::create(b, loc, args[0]);
}

Value cameo::SinhOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::SinhOp::create(b, loc, args[0]);
}

Value cameo::CoshOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::CoshOp::create(b, loc, args[0]);
}

Value cameo::TanhOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::TanhOp::create(b, loc, args[0]);
}

Value cameo::AsinhOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AsinhOp::create(b, loc, args[0]);
}

Value cameo::AcoshOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AcoshOp::create(b, loc, args[0]);
}

Value cameo::AtanhOp::buildScalar(OpBuilder &b, Location loc, ValueRange args) {
  return math::AtanhOp::create(b, loc, args[0]);
}
