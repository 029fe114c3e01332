//===- ExtentRules.cpp - Extents through operations -----------------------===//
//
// The table of rules, and those of elementwise operations, products,
// reductions and normalisations.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Chain.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/RecurrentOps.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Context
//===----------------------------------------------------------------------===//

TypedAttr cameo::getNeutral(Type type, Neutral neutral) {
  if (auto real = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = real.getFloatSemantics();
    switch (neutral) {
    case Neutral::Zero:
      return FloatAttr::get(type, 0.0);
    case Neutral::One:
      return FloatAttr::get(type, 1.0);
    default:
      return FloatAttr::get(
          type, APFloat::getInf(semantics, neutral == Neutral::Lowest));
    }
  }
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = cameo::isUnsigned(type);
  APInt value(width, neutral == Neutral::One ? 1 : 0);
  if (neutral == Neutral::Lowest)
    value = isUnsigned ? APInt::getMinValue(width)
                       : APInt::getSignedMinValue(width);
  if (neutral == Neutral::Highest)
    value = isUnsigned ? APInt::getMaxValue(width)
                       : APInt::getSignedMaxValue(width);
  return IntegerAttr::get(type, value);
}

void ExtentRule::limit(unsigned operand, int64_t dim, Neutral neutral) {
  Value x = operandAt(operand);
  TypedAttr fill = getNeutral(getElementTypeOrSelf(x), neutral);
  op->setOperand(operand, extents.limit(op->getLoc(), x, dim, fill));
}

void ExtentRule::limit(unsigned operand, Neutral neutral) {
  for (int64_t dim = 0; dim < typeOf(operand).getRank(); ++dim)
    limit(operand, dim, neutral);
}

LogicalResult ExtentRule::replace(FailureOr<Value> value) {
  if (failed(value))
    return failure();
  replacement = *value;
  return success();
}

LogicalResult ExtentRule::refuse(unsigned operand, int64_t dim) {
  return n.unsupported("'" + op->getName().stripDialect() +
                           "' does not take the bounded dimension " +
                           Twine(dim) + " of its operand " + Twine(operand) +
                           " yet",
                       "fix the extent: --dim=NAME=VALUE or --shape=INPUT=...");
}

LogicalResult ExtentRule::requireFixed(unsigned operand,
                                       ArrayRef<int64_t> dims) {
  for (int64_t dim : dims)
    if (isOpen(operand, dim))
      return refuse(operand, dim);
  return success();
}

LogicalResult ExtentRule::requireFixed(unsigned operand) {
  if (std::optional<int64_t> dim = extents.findOpenDim(operandAt(operand)))
    return refuse(operand, *dim);
  return success();
}

LogicalResult ExtentRule::requireFixedFrom(unsigned first) {
  for (unsigned i = first; i < op->getNumOperands(); ++i)
    if (failed(requireFixed(i)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise operations
//===----------------------------------------------------------------------===//

/// The extents of dimensions that are broadcast against each other.
static Exprs broadcast(ExtentRule &r, ArrayRef<Exprs> operands, size_t rank) {
  Exprs result(rank, r.extents.constant(1));
  for (const Exprs &exprs : operands) {
    size_t lead = rank - exprs.size();
    for (auto [i, expr] : llvm::enumerate(exprs)) {
      AffineExpr &at = result[lead + i];
      if (expr == r.extents.constant(1))
        continue;
      at = at == r.extents.constant(1) ? expr : r.unify(at, expr);
    }
  }
  return result;
}

static LogicalResult ruleElementwise(Operation *op, ExtentRule &r) {
  // Garbage must not look like a division by zero.
  if (isa<DivOp, ModOp>(op) &&
      isa<IntegerType>(getElementTypeOrSelf(op->getOperand(1))))
    r.limit(1, Neutral::One);
  SmallVector<Exprs> operands;
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    operands.push_back(r.of(i));
  return r.set(broadcast(r, operands, r.resultType().getRank()));
}

/// Statistics belong to channels, dimension 1.
static LogicalResult ruleBatchNorm(BatchNormOp op, ExtentRule &r) {
  if (failed(r.requireFixedFrom(1)) || failed(r.requireFixed(0, {1})))
    return failure();
  return r.set(r.of(0));
}

static LogicalResult ruleExpand(ExpandOp op, ExtentRule &r) {
  Exprs shape;
  for (int64_t extent : op.getShape())
    shape.push_back(r.extents.constant(extent));
  Exprs x = r.of(0);
  size_t lead = shape.size() - x.size();
  for (auto [i, expr] : llvm::enumerate(x))
    if (expr != r.extents.constant(1))
      shape[lead + i] = expr;
  return r.set(shape);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

static LogicalResult ruleMatMul(MatMulOp op, ExtentRule &r) {
  Exprs a = r.of(0), b = r.of(1);
  int64_t rankA = a.size(), rankB = b.size();
  int64_t m = rankA - (op.getTransposeA() ? 1 : 2),
          depthA = rankA - (op.getTransposeA() ? 2 : 1),
          depthB = rankB - (op.getTransposeB() ? 1 : 2),
          column = rankB - (op.getTransposeB() ? 2 : 1);
  AffineExpr depth = r.unify(a[depthA], b[depthB]);
  // Where they must be checked, the product depends on the checked number.
  if (depth != a[depthA])
    op->setOperand(0,
                   r.extents.limitTo(op.getLoc(), op.getA(), depthA, depth,
                                     getNeutral(getElementTypeOrSelf(op.getA()),
                                                Neutral::Zero)));
  // Neither operand may have a NaN where the other one has zeros.
  r.limit(0, depthA, Neutral::Zero);
  r.limit(1, depthB, Neutral::Zero);
  Exprs rows(llvm::drop_end(a, 2)), columns(llvm::drop_end(b, 2));
  Exprs result = broadcast(r, {rows, columns}, r.resultType().getRank() - 2);
  result.push_back(a[m]);
  result.push_back(b[column]);
  return r.set(result);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static Exprs reduced(ExtentRule &r, ArrayRef<int64_t> axes, bool keepdims) {
  Exprs result;
  for (auto [dim, expr] : llvm::enumerate(r.of(0))) {
    bool isReduced = llvm::is_contained(axes, static_cast<int64_t>(dim));
    if (!isReduced || keepdims)
      result.push_back(isReduced ? r.extents.constant(1) : expr);
  }
  return result;
}

template <typename Op, Neutral neutral>
static LogicalResult ruleReduce(Op op, ExtentRule &r) {
  Exprs result = reduced(r, op.getAxes(), op.getKeepdims());
  for (int64_t axis : op.getAxes())
    r.limit(0, axis, neutral);
  return r.set(result);
}

/// The sum, divided by how many there are.
static LogicalResult ruleMean(ReduceMeanOp op, ExtentRule &r) {
  Exprs x = r.of(0), counted;
  for (int64_t axis : op.getAxes())
    counted.push_back(x[axis]);
  AffineExpr count = r.extents.product(counted);
  if (!r.extents.isOpen(count))
    return r.set(reduced(r, op.getAxes(), op.getKeepdims()));
  Type type = getElementTypeOrSelf(op.getX());
  Type used =
      type.isF16() || type.isBF16() ? Float32Type::get(op.getContext()) : type;
  // An empty mean is that of zeros, as before.
  Value number = r.extents.materialize(
      op.getLoc(),
      r.extents.greatest(op.getLoc(), count, r.extents.constant(1)));
  MaybeValue sum = chain<ReduceSumOp>(r.n, chainCast(r.n, op.getX(), used),
                                      op.getAxes(), op.getKeepdims());
  MaybeValue mean = chain<DivOp>(r.n, sum, chainCast(r.n, number, used));
  return r.replace(chainCast(r.n, mean, type));
}

template <typename Op, Neutral neutral>
static LogicalResult ruleArg(Op op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  Exprs result = reduced(r, axis, op.getKeepdims());
  AffineExpr extent = r.of(0)[axis];
  r.limit(0, axis, neutral);
  if (!r.extents.isOpen(extent) || !op.getSelectLast())
    return r.set(result);
  // Where all elements are what stands beyond the extent, it is the last one.
  MaybeValue found = r.n.withExtents<Op>(
      result, op.getX(), axis, op.getKeepdims(), /*select_last=*/true);
  AffineExpr last = r.extents.greatest(
      op.getLoc(), r.extents.simplify(extent - 1), r.extents.constant(0));
  return r.replace(
      chain<MinOp>(r.n, found, r.extents.materialize(op.getLoc(), last)));
}

template <typename Op, Neutral neutral>
static LogicalResult ruleCumulative(Op op, ExtentRule &r) {
  if (op.getReverse())
    r.limit(0, op.getAxis(), neutral);
  return r.set(r.of(0));
}

//===----------------------------------------------------------------------===//
// Normalisations
//===----------------------------------------------------------------------===//

template <typename Op> static LogicalResult ruleSoftmax(Op op, ExtentRule &r) {
  int64_t axis = op.getAxis();
  Exprs result = r.of(0);
  r.limit(0, axis, Neutral::Lowest);
  if (isa<SoftmaxOp>(op.getOperation()) && r.extents.isOpen(result[axis]))
    r.extents.setFill(op.getResult(), axis,
                      getNeutral(op.getType().getElementType(), Neutral::Zero));
  return r.set(result);
}

/// `x`, perhaps less its mean, divided by its deviation, both over `axes`.
static MaybeValue buildNormalized(OpImporter &n, MaybeValue x,
                                  ArrayRef<int64_t> axes, APFloat epsilon,
                                  bool isCentred) {
  if (isCentred)
    x = chain<SubOp>(n, x, chain<ReduceMeanOp>(n, x, axes, /*keepdims=*/true));
  MaybeValue variance = chain<ReduceMeanOp>(n, chain<MulOp>(n, x, x), axes,
                                            /*keepdims=*/true);
  if (failed(variance))
    return failure();
  Value smallest =
      n.splat(getElementTypeOrSelf(*variance), epsilon.convertToFloat());
  return chain<DivOp>(n, x,
                      chain<SqrtOp>(n, chain<AddOp>(n, variance, smallest)));
}

/// The type that normalisations compute in.
static Type getWideType(Type element) {
  return element.isF64() ? element : Float32Type::get(element.getContext());
}

/// Over open dimensions, statistics are reductions of their own.
template <typename Op> static LogicalResult ruleRowNorm(Op op, ExtentRule &r) {
  auto axes =
      llvm::to_vector(llvm::seq<int64_t>(op.getAxis(), r.typeOf(0).getRank()));
  if (llvm::none_of(axes, [&](int64_t dim) { return r.isOpen(0, dim); })) {
    if (failed(r.requireFixedFrom(1)))
      return failure();
    return r.set(r.of(0));
  }
  constexpr bool isCentred = std::is_same_v<Op, LayerNormOp>;
  Type type = r.typeOf(0).getElementType(), wide = getWideType(type);
  MaybeValue y = buildNormalized(r.n, chainCast(r.n, op.getX(), wide), axes,
                                 op.getEpsilon(), isCentred);
  y = chain<MulOp>(r.n, y, chainCast(r.n, op.getScale(), wide));
  if constexpr (isCentred)
    if (op.getBias())
      y = chain<AddOp>(r.n, y, chainCast(r.n, op.getBias(), wide));
  return r.replace(chainCast(r.n, y, type));
}

static LogicalResult ruleGroupNorm(GroupNormOp op, ExtentRule &r) {
  if (failed(r.requireFixedFrom(1)) || failed(r.requireFixed(0, {1})))
    return failure();
  Exprs x = r.of(0);
  auto isOpen = [&](AffineExpr expr) { return r.extents.isOpen(expr); };
  if (llvm::none_of(ArrayRef(x).drop_front(2), isOpen))
    return r.set(x);
  int64_t channels = r.typeOf(0).getDimSize(1);
  int64_t groups = static_cast<int64_t>(op.getGroups());
  Exprs split = {x[0], r.extents.constant(groups),
                 r.extents.constant(channels / groups)};
  split.append(x.begin() + 2, x.end());
  auto axes = llvm::to_vector(llvm::seq<int64_t>(2, split.size()));
  Type type = r.typeOf(0).getElementType(), wide = getWideType(type);
  MaybeValue y = chainReshapeTo(r.n, chainCast(r.n, op.getX(), wide), split);
  y = buildNormalized(r.n, y, axes, op.getEpsilon(), /*isCentred=*/true);
  y = chainReshapeTo(r.n, y, x);
  SmallVector<int64_t> perChannel(x.size() - 1, 1);
  perChannel[0] = channels;
  auto parameter = [&](Value value) {
    return chainReshape(r.n, chainCast(r.n, value, wide), perChannel);
  };
  y = chain<MulOp>(r.n, y, parameter(op.getScale()));
  y = chain<AddOp>(r.n, y, parameter(op.getBias()));
  return r.replace(chainCast(r.n, y, type));
}

/// Windows over channels.
static LogicalResult ruleLRN(LRNOp, ExtentRule &r) {
  Exprs x = r.of(0);
  r.limit(0, 1, Neutral::Zero);
  return r.set(x);
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

/// The loop runs to the actual extent, from which the reverse direction starts.
template <typename Op>
static LogicalResult ruleRecurrent(Op op, ExtentRule &r) {
  if (failed(r.requireFixed(0, {2})) || failed(r.requireFixed(1)))
    return failure();
  Exprs x = r.of(0);
  unsigned numStates = op->getNumResults() - 1, next = 2;
  unsigned numBatched = numStates + (op.getLengths() ? 1 : 0);
  for (; next < 2 + numBatched; ++next)
    if (r.isOpen(next, 0))
      x[1] = r.unify(x[1], r.of(next)[0]);
  if (failed(r.requireFixedFrom(next)))
    return failure();
  if (r.extents.isOpen(x[0]) && !op.getLengths()) {
    Value extent = r.extents.materialize(op.getLoc(), x[0]);
    MaybeValue lengths =
        r.n.value<ExpandOp>(extent, ArrayRef(r.typeOf(0).getDimSize(1)));
    if (failed(lengths))
      return failure();
    op.getLengthsMutable().assign(*lengths);
    op->setAttr(kSameLengthsAttr, UnitAttr::get(op.getContext()));
  }
  // Nobody asks for the products of steps beyond.
  r.limit(0, 0, Neutral::Zero);
  AffineExpr hidden = r.extents.constant(r.resultType().getDimSize(2));
  for (unsigned i = 1; i <= numStates; ++i)
    (void)r.set({x[1], hidden}, i);
  return r.set({x[0], x[1], hidden});
}

static LogicalResult ruleTreeEnsemble(TreeEnsembleOp op, ExtentRule &r) {
  if (failed(r.requireFixed(0, {1})))
    return failure();
  return r.set({r.of(0)[0], r.extents.constant(r.resultType().getDimSize(1))});
}

static LogicalResult ruleDet(DetOp op, ExtentRule &r) {
  int64_t rank = r.typeOf(0).getRank();
  if (failed(r.requireFixed(0, {rank - 2, rank - 1})))
    return failure();
  return r.set(Exprs(ArrayRef(r.of(0)).drop_back(2)));
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

template <typename Op, Neutral neutral>
static void addReduce(ExtentRuleTable &table) {
  addExtentRule<Op, ruleReduce<Op, neutral>>(table);
}

static ExtentRuleTable buildTable() {
  ExtentRuleTable table;
  addExtentRule<BatchNormOp, ruleBatchNorm>(table);
  addExtentRule<ExpandOp, ruleExpand>(table);
  addExtentRule<MatMulOp, ruleMatMul>(table);
  addReduce<ReduceSumOp, Neutral::Zero>(table);
  addReduce<ReduceL1Op, Neutral::Zero>(table);
  addReduce<ReduceL2Op, Neutral::Zero>(table);
  addReduce<ReduceSumSquareOp, Neutral::Zero>(table);
  addReduce<ReduceLogSumOp, Neutral::Zero>(table);
  addReduce<ReduceLogSumExpOp, Neutral::Lowest>(table);
  addReduce<ReduceMaxOp, Neutral::Lowest>(table);
  addReduce<ReduceMinOp, Neutral::Highest>(table);
  addReduce<ReduceProdOp, Neutral::One>(table);
  addExtentRule<ReduceMeanOp, ruleMean>(table);
  addExtentRule<ArgMaxOp, ruleArg<ArgMaxOp, Neutral::Lowest>>(table);
  addExtentRule<ArgMinOp, ruleArg<ArgMinOp, Neutral::Highest>>(table);
  addExtentRule<CumSumOp, ruleCumulative<CumSumOp, Neutral::Zero>>(table);
  addExtentRule<CumProdOp, ruleCumulative<CumProdOp, Neutral::One>>(table);
  addExtentRule<SoftmaxOp, ruleSoftmax<SoftmaxOp>>(table);
  addExtentRule<LogSoftmaxOp, ruleSoftmax<LogSoftmaxOp>>(table);
  addExtentRule<LayerNormOp, ruleRowNorm<LayerNormOp>>(table);
  addExtentRule<RMSNormOp, ruleRowNorm<RMSNormOp>>(table);
  addExtentRule<GroupNormOp, ruleGroupNorm>(table);
  addExtentRule<LRNOp, ruleLRN>(table);
  addExtentRule<RnnOp, ruleRecurrent<RnnOp>>(table);
  addExtentRule<GruOp, ruleRecurrent<GruOp>>(table);
  addExtentRule<LstmOp, ruleRecurrent<LstmOp>>(table);
  addExtentRule<TreeEnsembleOp, ruleTreeEnsemble>(table);
  addExtentRule<DetOp, ruleDet>(table);
  addWindowExtentRules(table);
  addMovementExtentRules(table);
  return table;
}

LogicalResult cameo::applyExtentRule(ExtentRule &rule) {
  static const ExtentRuleTable table = buildTable();
  auto entry = table.find(rule.op->getName().getStringRef());
  if (entry != table.end())
    return entry->second(rule.op, rule);
  if (isa<ElementwiseOpInterface>(rule.op))
    return ruleElementwise(rule.op, rule);
  return rule.requireFixedFrom(0);
}
