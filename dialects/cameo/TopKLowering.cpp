//===- TopKLowering.cpp - Reference lowering of top_k ---------------------===//
//
// A bottom-up merge sort of every line along the axis. No sorted run keeps more
// than k elements, so that it takes n log k steps. Two rows of a scratch tensor
// are source and destination in turn.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Builds the sort of one line. `keys` and `places` are tensors of two rows.
class LineSorter {
public:
  LineSorter(OpBuilder &builder, Location loc, Type elementType, int64_t extent,
             int64_t k, bool largest)
      : b(builder), loc(loc), elementType(elementType), extent(extent), k(k),
        largest(largest) {}

  int64_t numPasses() const { return llvm::Log2_64_Ceil(extent); }
  /// The row that holds the sorted elements at the end.
  int64_t resultRow() const { return numPasses() % 2; }
  SmallVector<Value> sort(Value keys, Value places);

private:
  using Body = function_ref<SmallVector<Value>(Value at, ValueRange state)>;
  SmallVector<Value> loop(Value low, Value high, Value step, ValueRange inits,
                          Body body);
  SmallVector<Value> merge(Value start, ValueRange state);
  SmallVector<Value> mergeStep(Value at, ValueRange state);
  Value precedes(Value x, Value y);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, loc, x, y); }
  Value min(Value x, Value y) { return arith::MinSIOp::create(b, loc, x, y); }
  Value select(Value c, Value x, Value y) {
    return arith::SelectOp::create(b, loc, c, x, y);
  }
  Value less(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
  }

  OpBuilder &b;
  Location loc;
  Type elementType;
  int64_t extent, k;
  bool largest;
  Value width, source, target; // Of the current pass.
  Value endA, endB, start;     // Of the current merge.
};
} // namespace

SmallVector<Value> LineSorter::loop(Value low, Value high, Value step,
                                    ValueRange inits, Body body) {
  auto loop = scf::ForOp::create(b, loc, low, high, step, inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(b, loc,
                       body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return loop.getResults();
}

/// Whether stored element `x` must stand before `y`, which comes first where
/// they are equal.
Value LineSorter::precedes(Value x, Value y) {
  x = buildLoaded(b, loc, x, elementType);
  y = buildLoaded(b, loc, y, elementType);
  if (!largest)
    std::swap(x, y);
  ScalarMath math(b, loc, elementType);
  Value result = math.gt(x, y);
  if (!isa<FloatType>(elementType))
    return result;
  Value onlyX = math.bitAnd(math.isNaN(x), math.bitNot(math.isNaN(y)));
  return math.bitOr(result, onlyX);
}

/// Writes the next element of the two runs; `state` are the positions in both,
/// keys and places.
SmallVector<Value> LineSorter::mergeStep(Value at, ValueRange state) {
  Value a = state[0], bb = state[1], keys = state[2], places = state[3];
  // A run that is at its end is read elsewhere.
  Value last = index(extent - 1);
  Value readA = min(a, last), readB = min(bb, last);
  Value keyA = tensor::ExtractOp::create(b, loc, keys, {source, readA});
  Value keyB = tensor::ExtractOp::create(b, loc, keys, {source, readB});
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  Value noMoreA = arith::XOrIOp::create(b, loc, less(a, endA), yes);
  Value takeB = arith::AndIOp::create(
      b, loc, less(bb, endB),
      arith::OrIOp::create(b, loc, noMoreA, precedes(keyB, keyA)));
  Value place = tensor::ExtractOp::create(
      b, loc, places, {source, select(takeB, readB, readA)});
  Value to = add(start, at), one = index(1);
  keys = tensor::InsertOp::create(b, loc, select(takeB, keyB, keyA), keys,
                                  {target, to});
  places = tensor::InsertOp::create(b, loc, place, places, {target, to});
  return {select(takeB, a, add(a, one)), select(takeB, add(bb, one), bb), keys,
          places};
}

/// Merges the runs at `first` and `first + width`.
SmallVector<Value> LineSorter::merge(Value first, ValueRange state) {
  start = first;
  Value kept = min(width, index(k)), end = index(extent);
  Value second = min(add(first, width), end);
  endA = min(add(first, kept), end);
  endB = min(add(second, kept), end);
  Value available = add(sub(endA, first), sub(endB, second));
  SmallVector<Value> results =
      loop(index(0), min(available, index(k)), index(1),
           {first, second, state[0], state[1]},
           [&](Value at, ValueRange inner) { return mergeStep(at, inner); });
  return {results[2], results[3]};
}

SmallVector<Value> LineSorter::sort(Value keys, Value places) {
  return loop(index(0), index(numPasses()), index(1), {keys, places},
              [&](Value pass, ValueRange state) {
                source = arith::AndIOp::create(b, loc, pass, index(1));
                target = sub(index(1), source);
                width = arith::ShLIOp::create(b, loc, index(1), pass);
                return loop(index(0), index(extent), add(width, width), state,
                            [&](Value first, ValueRange inner) {
                              return merge(first, inner);
                            });
              });
}

int64_t TopKOp::getFlops() {
  auto type = cast<RankedTensorType>(getX().getType());
  return type.getNumElements() *
         (1 + static_cast<int64_t>(llvm::Log2_64_Ceil(getK() + 1)));
}

FailureOr<SmallVector<Value>> TopKOp::lowerReference(OpBuilder &builder,
                                                     ValueRange operands) {
  Location loc = getLoc();
  auto values = cast<RankedTensorType>(getValues().getType());
  auto indices = cast<RankedTensorType>(getIndices().getType());
  if (values.getNumElements() == 0)
    return SmallVector<Value>{buildEmpty(builder, loc, values),
                              buildEmpty(builder, loc, indices)};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(getX().getType()).getShape();
  int64_t axis = getAxis(), k = getK(), extent = shape[axis];
  int64_t outer = ShapedType::getNumElements(shape.take_front(axis));
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  Value x = buildReshape(builder, loc, operands[0], {outer, extent, inner});
  auto line = [&](OpBuilder &b, ValueRange at,
                  ValueRange state) -> SmallVector<Value> {
    LineSorter sorter(b, loc, values.getElementType(), extent, k, getLargest());
    auto readLine = [&](OpBuilder &inside, ValueRange j, ValueRange scratch) {
      Value key =
          tensor::ExtractOp::create(inside, loc, x, {at[0], j[0], at[1]});
      Value place =
          arith::IndexCastOp::create(inside, loc, inside.getI64Type(), j[0]);
      Value row = arith::ConstantIndexOp::create(inside, loc, 0);
      return SmallVector<Value>{
          tensor::InsertOp::create(inside, loc, key, scratch[0], {row, j[0]}),
          tensor::InsertOp::create(inside, loc, place, scratch[1],
                                   {row, j[0]})};
    };
    SmallVector<Value> scratch =
        buildLoops(b, loc, extent,
                   {buildEmpty(b, loc, values.clone({2, extent})),
                    buildEmpty(b, loc, indices.clone({2, extent}))},
                   readLine);
    scratch = sorter.sort(scratch[0], scratch[1]);
    auto writeLine = [&](OpBuilder &inside, ValueRange j, ValueRange results) {
      Value row =
          arith::ConstantIndexOp::create(inside, loc, sorter.resultRow());
      SmallVector<Value> written;
      for (auto [from, to] : llvm::zip_equal(scratch, results)) {
        Value element =
            tensor::ExtractOp::create(inside, loc, from, {row, j[0]});
        written.push_back(tensor::InsertOp::create(inside, loc, element, to,
                                                   {at[0], j[0], at[1]}));
      }
      return written;
    };
    return buildLoops(b, loc, k, state, writeLine);
  };
  SmallVector<int64_t> flat = {outer, k, inner};
  SmallVector<Value> results =
      buildLoops(builder, loc, {outer, inner},
                 {buildEmpty(builder, loc, values.clone(flat)),
                  buildEmpty(builder, loc, indices.clone(flat))},
                 line);
  for (Value &result : results)
    result = buildReshape(builder, loc, result, values.getShape());
  return results;
}
