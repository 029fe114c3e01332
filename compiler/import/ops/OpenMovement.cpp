//===- OpenMovement.cpp - Pads and parts known at run time ----------------===//
//
// Where elements come from depends on actual extents: a padded dimension is a
// gather with indices computed from these.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Tensors.h"
#include "compiler/import/ops/OpenShapes.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

/// Elements of `x` that stand for `positions` along `dim`, or `filling` where
/// these are not in [0, extent).
static MaybeValue fillOutside(OpImporter &n, MaybeValue x, int64_t dim,
                              MaybeValue positions, AffineExpr extent,
                              Value filling) {
  if (failed(x))
    return failure();
  Value zero = n.splat(n.builder().getI64Type(), 0);
  MaybeValue isInside = chain<AndOp>(
      n, chain<GreaterOrEqualOp>(n, positions, zero),
      chain<LessOp>(n, positions, n.extents().materialize(n.loc(), extent)));
  SmallVector<int64_t> shape(typeOf(*x).getRank(), 1);
  shape[dim] = typeOf(*x).getDimSize(dim);
  isInside = chainReshape(n, isInside, shape);
  if (failed(isInside))
    return failure();
  return n.withExtents<WhereOp>(n.extents().getExtents(*x), *isInside, *x,
                                filling);
}

MaybeValue cameo::padOpen(OpImporter &n, Value x, int64_t dim,
                          AffineExpr before, AffineExpr extent, Value filling) {
  Extents &extents = n.extents();
  MaybeValue positions = chain<SubOp>(n, buildCounts(n, extent),
                                      extents.materialize(n.loc(), before));
  MaybeValue y = gatherOpen(n, x, dim, positions, extent);
  return fillOutside(n, y, dim, positions, extents.getExtent(x, dim), filling);
}

FailureOr<Exprs> cameo::readPads(OpImporter &n, int64_t rank) {
  FailureOr<Exprs> given = Exprs();
  if (n.opset() >= 11)
    given = n.knownInts(1, "pads");
  else
    for (int64_t pad : n.intsAttr(n.opset() < 2 ? "paddings" : "pads", {}))
      given->push_back(n.extents().constant(pad));
  if (failed(given))
    return failure();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.hasInput(3)) {
    FailureOr<SmallVector<int64_t>> values = n.constantInts(3, "axes");
    if (failed(values) || failed(n.normalizedAxes(*values, rank)))
      return failure();
    axes = *values;
  }
  if (given->size() != 2 * axes.size())
    return n.unsupported(Twine(given->size()) + " pads of " +
                             Twine(axes.size()) + " dimensions",
                         "give two pads per dimension");
  Exprs pads(2 * rank, n.extents().constant(0));
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t dim = axis < 0 ? axis + rank : axis;
    pads[dim] = (*given)[i];
    pads[rank + dim] = (*given)[axes.size() + i];
  }
  return pads;
}

namespace {
/// What is added at both ends of a dimension; negative numbers remove.
struct DimPads {
  AffineExpr before, after;
};

class OpenPadImporter {
public:
  explicit OpenPadImporter(OpImporter &n) : n(n), extents(n.extents()) {}
  ImportResult run();

private:
  LogicalResult read();
  /// Whether a dimension can be padded by an operation of fixed pads.
  bool isStatic(int64_t dim);
  /// Pads all dimensions that can be.
  MaybeValue padStatic(Value x);
  MaybeValue padDim(Value x, int64_t dim);
  /// The elements that indices of the padded dimension stand for, in
  /// [0, extent); those of padding by the mode.
  MaybeValue fold(MaybeValue position, AffineExpr extent);
  MaybeValue number(AffineExpr expr) {
    return extents.materialize(n.loc(), expr);
  }
  Value integer(int64_t value) {
    return n.splat(n.builder().getI64Type(), static_cast<double>(value));
  }

  OpImporter &n;
  Extents &extents;
  StringRef mode;
  SmallVector<DimPads> pads;
  Value padding; ///< A scalar.
};
} // namespace

LogicalResult OpenPadImporter::read() {
  int64_t rank = typeOf(n.input(0)).getRank();
  mode = n.stringAttr("mode", "constant");
  if (!llvm::is_contained({"constant", "edge", "reflect", "wrap"}, mode))
    return n.unsupported("mode = " + mode,
                         "use constant, edge, reflect or wrap");
  FailureOr<Exprs> given = readPads(n, rank);
  if (failed(given))
    return failure();
  for (int64_t dim = 0; dim < rank; ++dim)
    pads.push_back({(*given)[dim], (*given)[rank + dim]});
  Type type = typeOf(n.input(0)).getElementType();
  MaybeValue value =
      n.splat(type, n.opset() < 11 ? n.floatAttr("value", 0) : 0);
  if (n.opset() >= 11 && n.hasInput(2))
    value = chainReshape(n, n.input(2), {});
  if (succeeded(value))
    padding = *value;
  return value;
}

bool OpenPadImporter::isStatic(int64_t dim) {
  auto before = dyn_cast<AffineConstantExpr>(pads[dim].before),
       after = dyn_cast<AffineConstantExpr>(pads[dim].after);
  if (!before || !after)
    return false;
  if (before.getValue() == 0 && after.getValue() == 0)
    return true;
  bool isAdded = before.getValue() >= 0 && after.getValue() >= 0;
  bool isPlain = mode == "constant" && matchPattern(padding, m_Constant());
  return isAdded && (isPlain || !extents.isOpen(n.input(0), dim));
}

MaybeValue OpenPadImporter::padStatic(Value x) {
  int64_t rank = pads.size();
  SmallVector<int64_t> fixed(2 * rank, 0);
  for (int64_t dim = 0; dim < rank; ++dim) {
    if (!isStatic(dim))
      continue;
    fixed[dim] = cast<AffineConstantExpr>(pads[dim].before).getValue();
    fixed[rank + dim] = cast<AffineConstantExpr>(pads[dim].after).getValue();
  }
  if (mode == "constant")
    return n.value<PadOp>(x, padding, fixed);
  if (mode == "edge")
    return n.value<PadEdgeOp>(x, fixed);
  if (mode == "reflect")
    return n.value<PadReflectOp>(x, fixed);
  return n.value<PadWrapOp>(x, fixed);
}

MaybeValue OpenPadImporter::fold(MaybeValue position, AffineExpr extent) {
  AffineExpr last = extents.simplify(extent - 1);
  if (mode == "constant" || mode == "edge")
    return chain<MinOp>(n, chain<MaxOp>(n, position, integer(0)), number(last));
  AffineExpr period = mode == "wrap" ? extent : extents.simplify(last * 2);
  period = extents.greatest(n.loc(), period, extents.constant(1));
  position = chain<ModOp>(n, position, number(period), /*fmod=*/false);
  if (mode == "wrap")
    return position;
  MaybeValue back = chain<SubOp>(n, number(period), position);
  return chain<MinOp>(n, position, back);
}

MaybeValue OpenPadImporter::padDim(Value x, int64_t dim) {
  AffineExpr zero = extents.constant(0), have = extents.getExtent(x, dim);
  auto [before, after] = pads[dim];
  AffineExpr result = checkExtent(n, extents.simplify(have + before + after));
  // First some elements are removed.
  AffineExpr first = extents.greatest(n.loc(), extents.simplify(-before), zero);
  AffineExpr added = extents.greatest(n.loc(), before, zero);
  AffineExpr kept =
      extents.simplify(have - first + extents.least(n.loc(), after, zero));
  if (!hasSensibleSize(extents.getRange(result).high))
    return n.unsupported("pads make too many elements", "give smaller pads");
  MaybeValue position = chain<SubOp>(n, buildCounts(n, result), number(added));
  MaybeValue indices = chain<AddOp>(n, fold(position, kept), number(first));
  MaybeValue y = gatherOpen(n, x, dim, indices, result);
  return mode == "constant" ? fillOutside(n, y, dim, position, kept, padding)
                            : y;
}

ImportResult OpenPadImporter::run() {
  if (failed(read()))
    return failure();
  MaybeValue x = padStatic(n.input(0));
  for (int64_t dim = 0; dim < static_cast<int64_t>(pads.size()); ++dim)
    if (succeeded(x) && !isStatic(dim))
      x = padDim(*x, dim);
  return chainResults(x);
}

ImportResult cameo::importOpenPad(OpImporter &n) {
  return OpenPadImporter(n).run();
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

/// The extents of the parts: given, or equal but for a smaller last one.
static FailureOr<Exprs> getOpenSplit(OpImporter &n, AffineExpr extent) {
  Extents &extents = n.extents();
  FailureOr<Exprs> split = Exprs();
  if (n.hasInput(1))
    split = n.knownInts(1, "split");
  else
    for (int64_t part : n.intsAttr("split", {}))
      split->push_back(extents.constant(part));
  if (failed(split) || !split->empty())
    return split;
  int64_t parts = n.numOutputs();
  AffineExpr part = extents.simplify(extent.ceilDiv(parts));
  for (int64_t i = 0; i < parts; ++i) {
    // Before opset 18, parts were equal.
    AffineExpr left = extents.simplify(extent - part * i);
    AffineExpr here =
        n.opset() < 18 ? part : extents.least(n.loc(), part, left);
    split->push_back(extents.greatest(n.loc(), here, extents.constant(0)));
  }
  return split;
}

ImportResult cameo::importOpenSplit(OpImporter &n, int64_t axis) {
  Extents &extents = n.extents();
  AffineExpr extent = extents.getExtent(n.input(0), axis);
  FailureOr<Exprs> split = getOpenSplit(n, extent);
  if (failed(split))
    return failure();
  int64_t parts = n.intAttr("num_outputs", n.numOutputs());
  if (static_cast<int64_t>(split->size()) != n.numOutputs() ||
      (!n.hasInput(1) && parts != n.numOutputs()))
    return n.unsupported(Twine(split->size()) + " parts for " +
                             Twine(n.numOutputs()) + " outputs",
                         "give an extent per output");
  AffineExpr total = extents.constant(0);
  for (AffineExpr part : *split)
    total = total + part;
  // The last part tells a run in which they do not fit.
  total = extents.simplify(total);
  AffineExpr checked = extents.check(n.loc(), total, extent, extent);
  AffineExpr start = extents.constant(0);
  SmallVector<MaybeValue> results;
  for (auto [i, part] : llvm::enumerate(*split)) {
    bool isLast = i + 1 == split->size();
    AffineExpr count =
        isLast ? checkExtent(n, extents.simplify(checked - start)) : part;
    results.push_back(sliceOpen(n, n.input(0), axis, {start, count}));
    start = extents.simplify(start + part);
  }
  return chainResults(results);
}
