//===- Indexing.cpp - Import of data movement by index tensors ------------===//
//
// Constant indices are checked here, so that kernels need not do it.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ExtentRules.h"
#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/OpenShapes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

/// Indices, and whether they are known to be in [0, extent).
struct Indices {
  Value value;
  bool inBounds = false;
};

/// Input 1 as indices into dimensions of `extents`, which stand for the
/// elements of its last dimension in turn. Constant indices are checked and
/// made non-negative.
static FailureOr<Indices> getIndices(OpImporter &n, ArrayRef<int64_t> extents) {
  Value input = n.input(1);
  DenseElementsAttr dense;
  if (extents.empty() || !matchPattern(input, m_Constant(&dense)) ||
      !isa<IntegerType>(dense.getElementType()))
    return Indices{input};
  SmallVector<APInt> values;
  for (auto [at, value] : llvm::enumerate(dense.getValues<APInt>())) {
    int64_t extent = extents[at % extents.size()], index = value.getSExtValue();
    if (index < -extent || index >= extent)
      return n.unsupported("index " + Twine(index) +
                               " into a dimension of extent " + Twine(extent),
                           "give indices in [-extent, extent)");
    values.push_back(
        APInt(value.getBitWidth(), index < 0 ? index + extent : index));
  }
  return Indices{n.constant(DenseElementsAttr::get(dense.getType(), values)),
                 true};
}

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

template <typename Op> static ImportResult importGather(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<int64_t> axis = n.axis("axis", 0, type.getRank());
  if (failed(axis))
    return failure();
  // Those into an open dimension are resolved at run time.
  SmallVector<int64_t> extents;
  if (!n.extents().isOpen(n.input(0), *axis))
    extents.push_back(type.getDimSize(*axis));
  FailureOr<Indices> indices = getIndices(n, extents);
  if (failed(indices))
    return failure();
  return n.build<Op>(n.input(0), indices->value, *axis, indices->inBounds);
}

/// The extents that tuples of indices (input 1) index, after `batchDims`; none
/// when operands do not fit, which type inference reports.
static ArrayRef<int64_t> getTupleExtents(OpImporter &n, int64_t batchDims) {
  ArrayRef<int64_t> shape = typeOf(n.input(0)).getShape();
  ArrayRef<int64_t> tuples = typeOf(n.input(1)).getShape();
  if (tuples.empty() || batchDims < 0 ||
      batchDims + tuples.back() > static_cast<int64_t>(shape.size()))
    return {};
  for (int64_t dim = batchDims; dim < batchDims + tuples.back(); ++dim)
    if (n.extents().isOpen(n.input(0), dim))
      return {};
  return shape.slice(batchDims, tuples.back());
}

static ImportResult importGatherND(OpImporter &n) {
  int64_t batchDims = n.intAttr("batch_dims", 0);
  FailureOr<Indices> indices = getIndices(n, getTupleExtents(n, batchDims));
  if (failed(indices))
    return failure();
  return n.build<GatherNDOp>(n.input(0), indices->value, batchDims,
                             indices->inBounds);
}

/// The elements of a constant input of booleans; none when it is not constant.
static std::optional<SmallVector<bool>> getConstantBools(OpImporter &n,
                                                         unsigned i) {
  DenseElementsAttr dense;
  if (!matchPattern(n.input(i), m_Constant(&dense)) ||
      !dense.getElementType().isInteger(1))
    return std::nullopt;
  return llvm::to_vector(dense.getValues<bool>());
}

/// The indices of the true elements of input `i`, a vector; there are as many
/// as is known at run time.
static MaybeValue buildTrueIndices(OpImporter &n, unsigned i) {
  int64_t extent = typeOf(n.input(i)).getNumElements();
  // The first null type is that of the indices, this one that of their number.
  return chainReshape(n, n.value<NonZeroOp>(Type(), n.input(i)), extent);
}

/// Compress is a gather.
static ImportResult importCompress(OpImporter &n) {
  if (typeOf(n.input(1)).getRank() != 1)
    return n.unsupported("the condition is not a vector",
                         "check the model with the ONNX checker");
  Exprs exprs = n.extents().getExtents(n.input(0));
  MaybeValue x = n.input(0);
  FailureOr<int64_t> axis = 0;
  if (n.hasAttr("axis"))
    axis = n.axis("axis", 0, typeOf(n.input(0)).getRank());
  else
    x = reshapeTo(n, *x, n.extents().product(exprs));
  if (failed(axis) || failed(x))
    return failure();
  std::optional<SmallVector<bool>> condition = getConstantBools(n, 1);
  if (!condition || n.extents().isOpen(*x, *axis))
    return chainResults(chain<GatherOp>(n, x, buildTrueIndices(n, 1), *axis,
                                        /*in_bounds=*/false));
  int64_t extent = typeOf(*x).getDimSize(*axis);
  SmallVector<int64_t> kept;
  for (auto [i, isKept] : llvm::enumerate(*condition))
    if (isKept && static_cast<int64_t>(i) < extent)
      kept.push_back(i);
  auto type = RankedTensorType::get(kept.size(), n.builder().getI64Type());
  Value indices = n.constant(DenseElementsAttr::get(type, ArrayRef(kept)));
  return n.build<GatherOp>(*x, indices, *axis, /*in_bounds=*/true);
}

/// Whether a constant's element is not zero.
static bool isNonZero(Attribute element) {
  if (auto number = dyn_cast<FloatAttr>(element))
    return !number.getValue().isZero();
  return !cast<IntegerAttr>(element).getValue().isZero();
}

static ImportResult importNonZero(OpImporter &n) {
  DenseElementsAttr dense;
  // The first null type is that of the indices, this one that of their number.
  if (!matchPattern(n.input(0), m_Constant(&dense)))
    return chainResults(n.value<NonZeroOp>(Type(), n.input(0)));
  RankedTensorType type = typeOf(n.input(0));
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  SmallVector<SmallVector<int64_t>> found;
  for (auto [i, element] : llvm::enumerate(dense.getValues<Attribute>()))
    if (isNonZero(element))
      found.push_back(delinearize(i, strides));
  SmallVector<int64_t> values;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    for (ArrayRef<int64_t> index : found)
      values.push_back(index[dim]);
  auto resultType = RankedTensorType::get(
      {type.getRank(), static_cast<int64_t>(found.size())},
      n.builder().getI64Type());
  return SmallVector<Value>{
      n.constant(DenseElementsAttr::get(resultType, ArrayRef(values)))};
}

//===----------------------------------------------------------------------===//
// Scatters
//===----------------------------------------------------------------------===//

static FailureOr<ScatterReduction> getReduction(OpImporter &n) {
  StringRef name = n.stringAttr("reduction", "none");
  if (std::optional<ScatterReduction> reduction =
          symbolizeScatterReduction(name))
    return *reduction;
  return n.unsupported("reduction '" + name + "'",
                       "use none, add, mul, max or min");
}

static ImportResult importScatterElements(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<int64_t> axis = n.axis("axis", 0, type.getRank());
  FailureOr<ScatterReduction> reduction = getReduction(n);
  if (failed(axis) || failed(reduction))
    return failure();
  SmallVector<int64_t> extents;
  if (!n.extents().isOpen(n.input(0), *axis))
    extents.push_back(type.getDimSize(*axis));
  FailureOr<Indices> indices = getIndices(n, extents);
  if (failed(indices))
    return failure();
  return n.build<ScatterElementsOp>(n.input(0), indices->value, n.input(2),
                                    *axis, *reduction, indices->inBounds);
}

static ImportResult importScatterND(OpImporter &n) {
  FailureOr<ScatterReduction> reduction = getReduction(n);
  FailureOr<Indices> indices = getIndices(n, getTupleExtents(n, 0));
  if (failed(reduction) || failed(indices))
    return failure();
  return n.build<ScatterNDOp>(n.input(0), indices->value, n.input(2),
                              *reduction, indices->inBounds);
}

//===----------------------------------------------------------------------===//
// Others
//===----------------------------------------------------------------------===//

/// The constant input depth of OneHot, a number of any type.
static FailureOr<int64_t> getDepth(OpImporter &n) {
  DenseElementsAttr dense;
  int64_t depth = -1;
  if (!matchPattern(n.input(1), m_Constant(&dense)) ||
      dense.getNumElements() != 1)
    return n.unsupported("depth is not a constant number",
                         "make it an initialiser");
  Attribute element = *dense.getValues<Attribute>().begin();
  if (auto number = dyn_cast<FloatAttr>(element)) {
    APSInt value(64, /*isUnsigned=*/false);
    bool isExact;
    if (number.getValue().convertToInteger(value, APFloat::rmTowardZero,
                                           &isExact) != APFloat::opInvalidOp)
      depth = value.getSExtValue();
  } else {
    depth = cast<IntegerAttr>(element).getValue().getSExtValue();
  }
  if (depth < 0 || depth > std::numeric_limits<int32_t>::max())
    return n.unsupported("depth = " + Twine(depth),
                         "give a depth in [0, 2^31)");
  return depth;
}

/// Entry `i` of the values of OneHot, a scalar.
static MaybeValue getOneHotValue(OpImporter &n, int64_t i) {
  return chain<GatherOp>(n, n.input(2), n.splat(n.builder().getI64Type(), i),
                         /*axis=*/0, /*in_bounds=*/true);
}

/// OneHot compares the indices with all positions.
static ImportResult importOneHot(OpImporter &n) {
  RankedTensorType indexType = typeOf(n.input(0));
  FailureOr<int64_t> depth = getDepth(n);
  FailureOr<int64_t> axis = n.axis("axis", -1, indexType.getRank() + 1);
  if (failed(depth) || failed(axis))
    return failure();
  if (typeOf(n.input(2)).getShape() != ArrayRef<int64_t>(2))
    return n.unsupported("values are not two numbers", "give [off, on]");
  Type i64 = n.builder().getI64Type();
  SmallVector<int64_t> shape(indexType.getShape());
  shape.insert(shape.begin() + *axis, 1);
  MaybeValue index = chainReshape(n, chainCast(n, n.input(0), i64), shape);
  MaybeValue fromEnd = chain<AddOp>(n, index, n.splat(i64, *depth));
  MaybeValue isNegative = chain<LessOp>(n, index, n.splat(i64, 0));
  MaybeValue position = chain<WhereOp>(n, isNegative, fromEnd, index);
  shape[*axis] = *depth;
  MaybeValue isHot = chain<EqualOp>(
      n, position, buildPositions(n, RankedTensorType::get(shape, i64), *axis));
  return chainResults(
      chain<WhereOp>(n, isHot, getOneHotValue(n, 1), getOneHotValue(n, 0)));
}

static ImportResult importReverseSequence(OpImporter &n) {
  int64_t batch = n.intAttr("batch_axis", 1), time = n.intAttr("time_axis", 0);
  if (batch != 1 - time)
    return n.unsupported("time_axis = " + Twine(time) +
                             " and batch_axis = " + Twine(batch),
                         "give 0 and 1, or 1 and 0");
  return n.build<ReverseSequenceOp>(n.input(0), n.input(1), time);
}

/// TopK of as many elements as is known at run time.
static ImportResult importOpenTopK(OpImporter &n, int64_t axis) {
  Extents &extents = n.extents();
  FailureOr<Exprs> k = readInts(n, 1, "k");
  if (failed(k))
    return failure();
  if (k->size() != 1)
    return n.unsupported("k of " + Twine(k->size()) + " elements",
                         "give one k");
  bool largest = n.intAttr("largest", 1) != 0;
  Value x = n.input(0);
  Exprs exprs = extents.getExtents(x);
  // There must be as many elements.
  exprs[axis] =
      extents.check(n.loc(), k->front(), extents.constant(0), exprs[axis]);
  int64_t bound =
      std::min(typeOf(x).getDimSize(axis), extents.getRange(exprs[axis]).high);
  x = extents.limit(n.loc(), x, axis,
                    getNeutral(typeOf(x).getElementType(),
                               largest ? Neutral::Lowest : Neutral::Highest));
  MaybeValue values =
      n.withExtents<TopKOp>(exprs, Type(), x, bound, axis, largest);
  if (failed(values))
    return failure();
  auto op = values->getDefiningOp<TopKOp>();
  extents.setExtents(op.getIndices(), exprs);
  return SmallVector<Value>{op.getValues(), op.getIndices()};
}

static ImportResult importTopK(OpImporter &n) {
  FailureOr<int64_t> axis = n.axis("axis", -1, typeOf(n.input(0)).getRank());
  if (failed(axis))
    return failure();
  if (n.opset() >= 10 && (isFromShapes(n, 1) || isData(n, 1)))
    return importOpenTopK(n, *axis);
  SmallVector<int64_t> k = {n.intAttr("k", -1)};
  if (n.opset() >= 10) {
    FailureOr<SmallVector<int64_t>> input = n.constantInts(1, "k");
    if (failed(input))
      return failure();
    k = *input;
  }
  if (k.size() != 1)
    return n.unsupported("k of " + Twine(k.size()) + " elements", "give one k");
  // The first null type is that of the values, this one that of the indices.
  MaybeValue values = n.value<TopKOp>(Type(), n.input(0), k[0], *axis,
                                      /*largest=*/n.intAttr("largest", 1) != 0);
  if (failed(values))
    return failure();
  return llvm::to_vector_of<Value>(values->getDefiningOp()->getResults());
}

void cameo::registerIndexing(OpRegistry &registry) {
  registry.add("Compress", 9, "any, bool", importCompress);
  registry.add("Gather", 1, "any, index", importGather<GatherOp>);
  registry.add("GatherElements", 11, "any, index",
               importGather<GatherElementsOp>);
  registry.add("GatherND", 11, "any, index", importGatherND);
  registry.add("NonZero", 9, "number|bool", importNonZero);
  registry.add("OneHot", 9, "number, known number, number|bool", importOneHot);
  registry.add("ReverseSequence", 10, "any, index", importReverseSequence);
  registry.add("Scatter", 9, "any, index, any", importScatterElements);
  registry.add("ScatterElements", 11, "any, index, any", importScatterElements);
  registry.add("ScatterND", 11, "any, index, any", importScatterND);
  registry.add("TopK", 1, "number, int64?", importTopK);
  registry.allowOpenDims({"Compress", "Gather", "GatherElements", "GatherND",
                          "NonZero", "OneHot", "ReverseSequence", "Scatter",
                          "ScatterElements", "ScatterND", "TopK"});
}
