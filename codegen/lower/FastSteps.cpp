//===- FastSteps.cpp - Steps of fast inner products -----------------------===//

#include "codegen/lower/FastSteps.h"
#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

Value cameo::buildScale(OpBuilder &builder, Location loc, Value square,
                        bool isInverse) {
  auto literal = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI32IntegerAttr(value));
  };
  Value bits =
      arith::BitcastOp::create(builder, loc, builder.getI32Type(), square);
  // The sign is zero: above the fraction is the exponent, biased by 127. One
  // more rounds its half: values end within a factor of sqrt(2).
  Value biased = arith::ShRUIOp::create(builder, loc, bits, literal(23));
  Value exponent = arith::SubIOp::create(builder, loc, biased, literal(126));
  Value half = arith::ShRSIOp::create(builder, loc, exponent, literal(1));
  Value moved =
      isInverse
          ? arith::SubIOp::create(builder, loc, literal(127), half).getResult()
          : arith::AddIOp::create(builder, loc, half, literal(127)).getResult();
  return arith::BitcastOp::create(
      builder, loc, builder.getF32Type(),
      arith::ShLIOp::create(builder, loc, moved, literal(23)));
}

Value cameo::buildPairStart(OpBuilder &builder, Location loc, ValueRange args) {
  Value sum = arith::AddFOp::create(builder, loc, args[0], args[1]);
  auto start = arith::NegFOp::create(builder, loc, sum);
  start->setDiscardableAttr(kPairStartAttr, builder.getUnitAttr());
  return start;
}

Value cameo::buildPairProduct(OpBuilder &builder, Location loc,
                              ValueRange args) {
  Value left = arith::AddFOp::create(builder, loc, args[0], args[3]);
  Value right = arith::AddFOp::create(builder, loc, args[2], args[1]);
  Value product = arith::MulFOp::create(builder, loc, left, right);
  auto sum = arith::AddFOp::create(builder, loc, args[4], product);
  sum->setDiscardableAttr(kPairAttr, builder.getUnitAttr());
  return sum;
}
