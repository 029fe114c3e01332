//===- ConstantFold.cpp - Evaluate small constant operators ---------------===//
//
// Folds elementwise operators and data movements on constants, as shape
// arithmetic has them. The meaning stays in one place: an elementwise
// operator's scalar body is built once and evaluated by the folders of its
// arith and math operations. Large tensors are folded here only where one step
// gives all elements.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ConstantFold.h"
#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/FoldInterfaces.h"

using namespace mlir;
using namespace cameo;

/// The largest number of elements that is folded.
static constexpr int64_t kMaxElements = 1024;

/// Gives a scalar the type `to`, which differs in signedness or precision only,
/// or in the bits that a narrow element has in computations.
static Attribute withType(Attribute scalar, Type to) {
  if (auto integer = dyn_cast<IntegerAttr>(scalar)) {
    unsigned width = to.getIntOrFloatBitWidth();
    APInt value = integer.getValue();
    return IntegerAttr::get(to, integer.getType().isUnsignedInteger()
                                    ? value.zextOrTrunc(width)
                                    : value.sextOrTrunc(width));
  }
  APFloat value = cast<FloatAttr>(scalar).getValue();
  bool lost;
  value.convert(cast<FloatType>(to).getFloatSemantics(),
                APFloat::rmNearestTiesToEven, &lost);
  return FloatAttr::get(to, value);
}

namespace {
/// A scalar body and the constants that its values have.
class ScalarEvaluator {
public:
  ScalarEvaluator(ElementwiseOpInterface op) {
    for (Type type : op->getOperandTypes())
      body.addArgument(computeType(getElementTypeOrSelf(type)), op.getLoc());
    OpBuilder builder(op.getContext());
    builder.setInsertionPointToEnd(&body);
    result = op.buildScalar(builder, op.getLoc(), body.getArguments());
  }

  /// The result for operands of compute types; null when it is not known.
  Attribute evaluate(ArrayRef<Attribute> operands) {
    for (auto [arg, value] : llvm::zip_equal(body.getArguments(), operands))
      values[arg] = value;
    for (Operation &op : body)
      if (failed(evaluate(&op)))
        return nullptr;
    return values.lookup(result);
  }

private:
  LogicalResult evaluate(Operation *op) {
    if (auto check = dyn_cast<cf::AssertOp>(op)) {
      auto condition =
          dyn_cast_if_present<IntegerAttr>(values.lookup(check.getArg()));
      return success(condition && !condition.getValue().isZero());
    }
    if (op->getNumRegions() != 0 || op->getNumResults() != 1)
      return failure();
    SmallVector<OpFoldResult> results;
    // A fold may only have swapped the operands.
    for (int attempt = 0; attempt < 2 && results.empty(); ++attempt) {
      SmallVector<Attribute> operands = llvm::map_to_vector(
          op->getOperands(), [&](Value v) { return values.lookup(v); });
      if (failed(op->fold(operands, results)))
        return failure();
    }
    if (results.empty())
      return failure();
    Attribute folded = dyn_cast<Attribute>(results[0]);
    if (!folded)
      folded = values.lookup(cast<Value>(results[0]));
    values[op->getResult(0)] = folded;
    return success(folded != nullptr);
  }

  Block body;
  Value result;
  DenseMap<Value, Attribute> values;
};

struct CameoFolder : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  LogicalResult fold(Operation *op, ArrayRef<Attribute> operands,
                     SmallVectorImpl<OpFoldResult> &results) const override;
};
} // namespace

/// Whether attributes of the type hold every result: these formats have no NaN
/// or no sign.
static bool canHoldResults(Type elementType) {
  return !isa<Float4E2M1FNType, Float8E8M0FNUType>(elementType);
}

/// Evaluates the first `count` elements of the result; one stands for all.
static Attribute foldElementwise(ElementwiseOpInterface op,
                                 RankedTensorType type,
                                 ArrayRef<DenseElementsAttr> operands,
                                 int64_t count) {
  if (!canHoldResults(type.getElementType()))
    return nullptr;
  ScalarEvaluator evaluator(op);
  SmallVector<AffineMap> maps;
  for (unsigned i = 0; i < operands.size(); ++i)
    maps.push_back(op.getOperandMap(i));
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  SmallVector<Attribute> elements;
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<int64_t> index = delinearize(i, strides);
    SmallVector<Attribute> scalars;
    for (auto [operand, map] : llvm::zip_equal(operands, maps)) {
      SmallVector<int64_t> source = map.compose(index);
      int64_t linear =
          linearize(source, computeStrides(operand.getType().getShape()));
      scalars.push_back(withType(operand.getValues<Attribute>()[linear],
                                 computeType(operand.getElementType())));
    }
    Attribute element = evaluator.evaluate(scalars);
    if (!element)
      return nullptr;
    elements.push_back(withType(element, type.getElementType()));
  }
  return DenseElementsAttr::get(type, elements);
}

/// The element of type `T` at `index`.
template <typename T>
static T getElement(DenseElementsAttr elements, ArrayRef<int64_t> index) {
  ArrayRef<int64_t> shape = elements.getType().getShape();
  return elements.getValues<T>()[linearize(index, computeStrides(shape))];
}

/// Copies elements from where `getSource(index)` says; none when it is not
/// known.
static Attribute foldMovement(
    RankedTensorType type, ArrayRef<DenseElementsAttr> operands,
    function_ref<std::optional<ElementSource>(ArrayRef<int64_t>)> getSource) {
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  SmallVector<Attribute> elements;
  for (int64_t i = 0, end = type.getNumElements(); i < end; ++i) {
    std::optional<ElementSource> source = getSource(delinearize(i, strides));
    if (!source)
      return nullptr;
    elements.push_back(
        getElement<Attribute>(operands[source->operand], source->index));
  }
  return DenseElementsAttr::get(type, elements);
}

static Attribute foldIndexMap(IndexMapOpInterface op, RankedTensorType type,
                              ArrayRef<DenseElementsAttr> operands) {
  return foldMovement(type, operands, [&](ArrayRef<int64_t> index) {
    return op.getSource(index);
  });
}

static Attribute foldIndexedSource(IndexedSourceOpInterface op,
                                   RankedTensorType type,
                                   ArrayRef<DenseElementsAttr> operands) {
  auto read = [&](unsigned operand, ArrayRef<int64_t> index) {
    return getElement<APInt>(operands[operand], index).getSExtValue();
  };
  return foldMovement(type, operands, [&](ArrayRef<int64_t> index) {
    return op.getIndexedSource(index, read);
  });
}

/// Whether every element of the result is the same, because every element of an
/// operand is and, for movements, of all operands.
static bool isUniform(Operation *op, RankedTensorType type,
                      ArrayRef<DenseElementsAttr> operands) {
  if (type.getNumElements() == 0 ||
      !llvm::all_of(operands, [](DenseElementsAttr v) { return v.isSplat(); }))
    return false;
  auto element = operands[0].getSplatValue<Attribute>();
  return isa<ElementwiseOpInterface>(op) ||
         (isa<IndexMapOpInterface>(op) &&
          llvm::all_of(operands, [&](DenseElementsAttr value) {
            return value.getSplatValue<Attribute>() == element;
          }));
}

LogicalResult CameoFolder::fold(Operation *op, ArrayRef<Attribute> operands,
                                SmallVectorImpl<OpFoldResult> &results) const {
  if (op->getNumResults() != 1 || operands.empty())
    return failure();
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type)
    return failure();
  SmallVector<DenseElementsAttr> constants;
  for (Attribute operand : operands) {
    auto constant = dyn_cast_if_present<DenseElementsAttr>(operand);
    if (!constant)
      return failure();
    constants.push_back(constant);
  }
  bool uniform = isUniform(op, type, constants);
  int64_t count = uniform ? 1 : type.getNumElements();
  if (count > kMaxElements)
    return failure();
  Attribute folded;
  if (auto elementwise = dyn_cast<ElementwiseOpInterface>(op))
    folded = foldElementwise(elementwise, type, constants, count);
  else if (uniform)
    folded =
        DenseElementsAttr::get(type, constants[0].getSplatValue<Attribute>());
  else if (auto movement = dyn_cast<IndexMapOpInterface>(op))
    folded = foldIndexMap(movement, type, constants);
  else if (auto indexed = dyn_cast<IndexedSourceOpInterface>(op))
    folded = foldIndexedSource(indexed, type, constants);
  if (!folded)
    return failure();
  results.push_back(folded);
  return success();
}

std::unique_ptr<DialectInterface>
cameo::createConstantFolder(Dialect *dialect) {
  return std::make_unique<CameoFolder>(dialect);
}
