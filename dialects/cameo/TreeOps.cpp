//===- TreeOps.cpp - Ensembles of decision trees --------------------------===//
//
// Nodes and leaves are tables; one loop walks from a root to a leaf.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace cameo;

#define GET_OP_CLASSES
#include "dialects/cameo/TreeOps.cpp.inc"

void CameoDialect::registerTreeOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/TreeOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Leaves are -1, -2, ...
static int64_t leafOf(int64_t successor) { return -1 - successor; }

static LogicalResult checkNodes(std::optional<Location> loc,
                                TreeEnsembleOp::Adaptor op, int64_t columns,
                                int64_t numLeaves) {
  int64_t count = op.getFeatures().size();
  auto isSuccessor = [&](int64_t to, int64_t from) {
    return to < 0 ? leafOf(to) < numLeaves : to > from && to < count;
  };
  for (int64_t i = 0; i < count; ++i) {
    if (op.getFeatures()[i] < 0 || op.getFeatures()[i] >= columns ||
        op.getComparisons()[i] < 0 || op.getComparisons()[i] > 5)
      return emitOptionalError(loc, "(C3) node ", i, " has feature ",
                               op.getFeatures()[i], " of ", columns,
                               " and comparison ", op.getComparisons()[i]);
    if (!isSuccessor(op.getOnTrue()[i], i) ||
        !isSuccessor(op.getOnFalse()[i], i))
      return emitOptionalError(loc, "(C4) node ", i, " has successors ",
                               op.getOnTrue()[i], " and ", op.getOnFalse()[i]);
  }
  for (int64_t root : op.getRoots())
    if (!isSuccessor(root, -1))
      return emitOptionalError(loc, "(C4) there is no root ", root);
  return success();
}

LogicalResult TreeEnsembleOp::inferReturnTypes(MLIRContext *,
                                               std::optional<Location> loc,
                                               Adaptor adaptor,
                                               SmallVectorImpl<Type> &types) {
  auto x = cast<RankedTensorType>(adaptor.getX().getType());
  if (x.getRank() != 2)
    return emitOptionalError(loc, "(C1) ", x, " has rank ", x.getRank());
  size_t count = adaptor.getFeatures().size();
  for (size_t size :
       {adaptor.getSplits().size(), adaptor.getComparisons().size(),
        adaptor.getNanIsTrue().size(), adaptor.getOnTrue().size(),
        adaptor.getOnFalse().size()})
    if (size != count)
      return emitOptionalError(loc, "(C2) ", size, " entries for ", count,
                               " nodes");
  ArrayRef<int64_t> starts = adaptor.getLeafStarts();
  int64_t numWeights = adaptor.getWeights().size();
  if (starts.empty() || starts.front() != 0 || starts.back() != numWeights ||
      !llvm::is_sorted(starts))
    return emitOptionalError(loc, "(C5) leaf_starts do not ascend from 0 to ",
                             numWeights);
  if (failed(checkNodes(loc, adaptor, x.getDimSize(1), starts.size() - 1)))
    return failure();
  ArrayRef<int64_t> targets = adaptor.getTargets();
  int64_t numTargets = adaptor.getNumTargets();
  if (static_cast<int64_t>(targets.size()) != numWeights || numTargets < 0 ||
      llvm::any_of(
          targets,
          [&](int64_t target) { return target < 0 || target >= numTargets; }))
    return emitOptionalError(loc, "(C6) ", targets.size(), " targets below ",
                             numTargets, " for ", numWeights, " weights");
  types.push_back(x.clone({x.getDimSize(0), numTargets}));
  return success();
}

int64_t TreeEnsembleOp::getFlops() {
  int64_t depth = llvm::Log2_64_Ceil(getFeatures().size() + 2);
  return cast<RankedTensorType>(getX().getType()).getDimSize(0) *
         static_cast<int64_t>(getRoots().size()) * depth;
}

//===----------------------------------------------------------------------===//
// Reference lowering
//===----------------------------------------------------------------------===//

namespace {
class TreeBuilder {
public:
  TreeBuilder(TreeEnsembleOp op, OpBuilder &builder, Value x);
  Value build();

private:
  template <typename T> Value table(Type elementType, ArrayRef<T> values);
  static Value read(OpBuilder &b, Location loc, Value table, Value at) {
    return buildIndexAt(b, loc, table, at);
  }
  /// The leaf that `row` reaches from `root`, an index.
  Value walk(OpBuilder &b, Value row, Value root);
  /// Whether the feature at `node` takes the successor of truth.
  Value compare(OpBuilder &b, Value row, Value node);
  /// `result` with the weights of a leaf combined in its row.
  Value addLeaf(OpBuilder &b, Value result, Value row, Value leaf);
  Value finish(Value sums);

  TreeEnsembleOp op;
  OpBuilder &b;
  Location loc;
  Value x, features, splits, comparisons, nanIsTrue, onTrue, onFalse, roots,
      starts, targets, weights;
  RankedTensorType type;
  Type scalar;
};
} // namespace

template <typename T>
Value TreeBuilder::table(Type elementType, ArrayRef<T> values) {
  // Tables are never empty, so that types stay simple.
  SmallVector<Attribute> elements;
  for (T value : values)
    elements.push_back(
        isa<FloatType>(elementType)
            ? Attribute(FloatAttr::get(elementType, static_cast<double>(value)))
            : IntegerAttr::get(elementType, static_cast<int64_t>(value)));
  if (elements.empty())
    elements.push_back(b.getZeroAttr(elementType));
  auto tableType = RankedTensorType::get(elements.size(), elementType);
  return arith::ConstantOp::create(b, loc,
                                   DenseElementsAttr::get(tableType, elements));
}

TreeBuilder::TreeBuilder(TreeEnsembleOp op, OpBuilder &builder, Value x)
    : op(op), b(builder), loc(op.getLoc()), x(x),
      type(cast<RankedTensorType>(op.getType())),
      scalar(computeType(type.getElementType())) {
  Type i64 = b.getI64Type();
  features = table<int64_t>(i64, op.getFeatures());
  splits = table<double>(scalar, op.getSplits());
  comparisons = table<int64_t>(i64, op.getComparisons());
  nanIsTrue = table<bool>(b.getI8Type(), op.getNanIsTrue());
  onTrue = table<int64_t>(i64, op.getOnTrue());
  onFalse = table<int64_t>(i64, op.getOnFalse());
  roots = table<int64_t>(i64, op.getRoots());
  starts = table<int64_t>(i64, op.getLeafStarts());
  targets = table<int64_t>(i64, op.getTargets());
  weights = table<double>(scalar, op.getWeights());
}

Value TreeBuilder::compare(OpBuilder &inner, Value row, Value node) {
  ScalarMath m(inner, loc, scalar);
  ScalarMath integers(inner, loc, inner.getI64Type());
  Value feature = read(inner, loc, features, node);
  Value stored =
      tensor::ExtractOp::create(inner, loc, x, ValueRange{row, feature});
  Value value = buildLoaded(inner, loc, stored, type.getElementType());
  Value split = tensor::ExtractOp::create(inner, loc, splits, node);
  Value kind = tensor::ExtractOp::create(inner, loc, comparisons, node);
  // Most ensembles have one kind of comparison; the others fold away.
  Value outcome;
  Value all[] = {m.le(value, split), m.lt(value, split), m.ge(value, split),
                 m.gt(value, split), m.eq(value, split), m.ne(value, split)};
  for (auto [number, result] : llvm::enumerate(all)) {
    if (!llvm::is_contained(op.getComparisons(), static_cast<int64_t>(number)))
      continue;
    Value isKind =
        integers.eq(kind, integers.constant(kind, static_cast<double>(number)));
    outcome = outcome ? integers.select(isKind, result, outcome) : result;
  }
  if (!llvm::is_contained(op.getNanIsTrue(), true))
    return outcome;
  Value flag = tensor::ExtractOp::create(inner, loc, nanIsTrue, node);
  Value tracksTrue = buildLoaded(inner, loc, flag, inner.getI1Type());
  return integers.bitOr(outcome, integers.bitAnd(tracksTrue, m.isNaN(value)));
}

Value TreeBuilder::walk(OpBuilder &outer, Value row, Value root) {
  Type i64 = outer.getI64Type();
  Value start = tensor::ExtractOp::create(outer, loc, roots, root);
  Value zero = arith::ConstantIntOp::create(outer, loc, 0, 64);
  auto loop = scf::WhileOp::create(
      outer, loc, i64, start,
      [&](OpBuilder &inner, Location, ValueRange args) {
        Value isNode = arith::CmpIOp::create(
            inner, loc, arith::CmpIPredicate::sge, args[0], zero);
        scf::ConditionOp::create(inner, loc, isNode, args);
      },
      [&](OpBuilder &inner, Location, ValueRange args) {
        Value next = args[0];
        if (!op.getFeatures().empty()) {
          Value node = buildIndexCast(inner, loc, args[0]);
          Value outcome = compare(inner, row, node);
          Value yes = tensor::ExtractOp::create(inner, loc, onTrue, node);
          Value no = tensor::ExtractOp::create(inner, loc, onFalse, node);
          next = arith::SelectOp::create(inner, loc, outcome, yes, no);
        }
        scf::YieldOp::create(inner, loc, next);
      });
  Value minusOne = arith::ConstantIntOp::create(outer, loc, -1, 64);
  return buildIndexCast(
      outer, loc,
      arith::SubIOp::create(outer, loc, minusOne, loop.getResult(0)));
}

Value TreeBuilder::addLeaf(OpBuilder &outer, Value result, Value row,
                           Value leaf) {
  Value one = arith::ConstantIndexOp::create(outer, loc, 1);
  Value after = arith::AddIOp::create(outer, loc, leaf, one);
  auto loop = scf::ForOp::create(
      outer, loc, read(outer, loc, starts, leaf),
      read(outer, loc, starts, after), one, result,
      [&](OpBuilder &inner, Location, Value i, ValueRange carried) {
        ScalarMath m(inner, loc, scalar);
        SmallVector<Value> at = {row, read(inner, loc, targets, i)};
        Value weight = tensor::ExtractOp::create(inner, loc, weights, i);
        Value old = tensor::ExtractOp::create(inner, loc, carried[0], at);
        Value now = op.getAggregate() == TreeAggregate::Min ? m.min(old, weight)
                    : op.getAggregate() == TreeAggregate::Max
                        ? m.max(old, weight)
                        : m.add(old, weight);
        Value next = tensor::InsertOp::create(inner, loc, now, carried[0], at);
        scf::YieldOp::create(inner, loc, next);
      });
  return loop.getResult(0);
}

/// The mean for averages; zero where no leaf had a weight.
Value TreeBuilder::finish(Value sums) {
  bool isExtreme = op.getAggregate() == TreeAggregate::Min ||
                   op.getAggregate() == TreeAggregate::Max;
  if (op.getAggregate() == TreeAggregate::Sum)
    return buildRounded(b, loc, sums, type);
  double count = std::max<double>(1, static_cast<double>(op.getRoots().size()));
  return buildMap(b, loc, type, sums, scalar, b.getMultiDimIdentityMap(2),
                  [&](OpBuilder &inner, Location at, ValueRange args) {
                    ScalarMath m(inner, at, scalar);
                    if (!isExtreme)
                      return m.div(args[0], m.constant(scalar, count));
                    Value isInfinite = m.eq(m.abs(args[0]), m.highest(scalar));
                    return m.select(isInfinite, m.constant(scalar, 0), args[0]);
                  });
}

Value TreeBuilder::build() {
  ScalarMath m(b, loc, scalar);
  Value start = op.getAggregate() == TreeAggregate::Min ? m.highest(scalar)
                : op.getAggregate() == TreeAggregate::Max
                    ? m.lowest(scalar)
                    : m.constant(scalar, 0);
  Value init = buildFilled(b, loc, type.clone(scalar), start);
  int64_t numTrees = op.getRoots().size();
  Value sums = buildLoops(
      b, loc, {type.getDimSize(0), numTrees}, init,
      [&](OpBuilder &inner, ValueRange index, ValueRange state) {
        Value leaf = walk(inner, index[0], index[1]);
        return SmallVector<Value>{addLeaf(inner, state[0], index[0], leaf)};
      })[0];
  return finish(sums);
}

FailureOr<SmallVector<Value>>
TreeEnsembleOp::lowerReference(OpBuilder &builder, ValueRange operands) {
  return SmallVector<Value>{TreeBuilder(*this, builder, operands[0]).build()};
}
