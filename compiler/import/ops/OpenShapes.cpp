//===- OpenShapes.cpp - Operators whose shapes are known at run time ------===//

#include "compiler/import/ops/OpenShapes.h"
#include "compiler/import/Reshapes.h"
#include "compiler/import/Tensors.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

bool cameo::isFromShapes(OpImporter &n, unsigned i) {
  return n.hasInput(i) && !matchPattern(n.input(i), m_Constant()) &&
         n.extents().getNumbers(n.input(i));
}

bool cameo::isData(OpImporter &n, unsigned i) {
  return n.hasInput(i) && !matchPattern(n.input(i), m_Constant()) &&
         !n.extents().getNumbers(n.input(i));
}

FailureOr<Exprs> cameo::readInts(OpImporter &n, unsigned i, StringRef what) {
  // More would be no axes of a tensor.
  constexpr int64_t kMaxInts = 16;
  RankedTensorType type = typeOf(n.input(i));
  if (!isData(n, i) || !isa<IntegerType>(type.getElementType()) ||
      type.getNumElements() > kMaxInts || n.extents().isOpen(n.input(i)))
    return n.knownInts(i, what);
  Type i64 = n.builder().getI64Type();
  MaybeValue all =
      chainReshape(n, chainCast(n, n.input(i), i64), {type.getNumElements()});
  Exprs numbers;
  for (int64_t at = 0; at < type.getNumElements(); ++at) {
    MaybeValue number =
        chain<GatherOp>(n, all, n.splat(i64, static_cast<double>(at)),
                        /*axis=*/0, /*in_bounds=*/true);
    if (failed(number))
      return failure();
    numbers.push_back(
        n.extents().addSymbol(*number, {std::numeric_limits<int64_t>::min(),
                                        std::numeric_limits<int64_t>::max()}));
  }
  return numbers;
}

bool cameo::isOpenNode(OpImporter &n) {
  for (unsigned i = 0; i < n.numInputs(); ++i)
    if (n.hasInput(i) && (n.extents().isOpen(n.input(i)) || isFromShapes(n, i)))
      return true;
  return false;
}

MaybeValue cameo::buildNumbers(OpImporter &n, ArrayRef<AffineExpr> numbers,
                               bool isVector) {
  Extents &extents = n.extents();
  SmallVector<Value> parts;
  for (AffineExpr number : numbers) {
    MaybeValue part = extents.materialize(n.loc(), number);
    if (isVector)
      part = chainReshape(n, part, {1});
    if (failed(part))
      return failure();
    parts.push_back(*part);
  }
  if (!isVector)
    return parts.front();
  if (parts.empty())
    return n.constant(DenseElementsAttr::get(
        RankedTensorType::get(0, n.builder().getI64Type()),
        ArrayRef<int64_t>()));
  MaybeValue vector = n.value<ConcatOp>(ValueRange(parts), /*axis=*/0);
  if (succeeded(vector))
    extents.setNumbers(*vector, numbers);
  return vector;
}

FailureOr<SmallVector<int64_t>> cameo::getBounds(OpImporter &n,
                                                 ArrayRef<AffineExpr> extents) {
  SmallVector<int64_t> shape;
  for (AffineExpr extent : extents) {
    NumberRange range = n.extents().getRange(extent);
    if (range.high < 0)
      return n.unsupported("an extent is negative",
                           "check the model with the ONNX checker");
    shape.push_back(range.high);
  }
  if (!hasSensibleSize(shape))
    return n.unsupported("its result may have too many elements",
                         "give smaller bounds");
  return shape;
}

AffineExpr cameo::checkExtent(OpImporter &n, AffineExpr extent) {
  int64_t high = std::max<int64_t>(0, n.extents().getRange(extent).high);
  return n.extents().check(n.loc(), extent, n.extents().constant(0),
                           n.extents().constant(high));
}

//===----------------------------------------------------------------------===//
// Reshape, Expand, Tile
//===----------------------------------------------------------------------===//

ImportResult cameo::importOpenReshape(OpImporter &n) {
  Extents &extents = n.extents();
  FailureOr<Exprs> shape = n.knownInts(1, "shape");
  if (failed(shape))
    return failure();
  Exprs x = extents.getExtents(n.input(0)), known;
  bool allowsZero = n.intAttr("allowzero", 0) != 0;
  AffineExpr *open = nullptr;
  for (auto [dim, extent] : llvm::enumerate(*shape)) {
    if (extent == extents.constant(0) && !allowsZero) {
      if (dim >= x.size())
        return n.unsupported("shape keeps dimension " + Twine(dim) +
                                 " of a tensor of rank " + Twine(x.size()),
                             "give its extent");
      extent = x[dim];
    }
    NumberRange range = extents.getRange(extent);
    if (range.high < 0 && !open) {
      open = &extent;
      continue;
    }
    if (range.low < 0 || (range.low == 0 && range.high > 0 && !allowsZero &&
                          (dim >= x.size() || extent != x[dim])))
      return n.unsupported("whether extent " + Twine(dim) +
                               " of the shape is left open is only known at "
                               "run time",
                           "raise the lower bound of the inputs' extents");
    known.push_back(extent);
  }
  if (open)
    *open = extents.quotient(x, known);
  return chainResults(reshapeTo(n, n.input(0), *shape));
}

ImportResult cameo::importOpenExpand(OpImporter &n) {
  Extents &extents = n.extents();
  FailureOr<Exprs> given = n.knownInts(1, "shape");
  if (failed(given))
    return failure();
  Exprs shape = *given, x = extents.getExtents(n.input(0));
  AffineExpr one = extents.constant(1);
  while (shape.size() < x.size())
    shape.insert(shape.begin(), one);
  size_t lead = shape.size() - x.size();
  for (auto [dim, extent] : llvm::enumerate(shape)) {
    extent = checkExtent(n, extent);
    if (dim < lead || x[dim - lead] == one)
      continue;
    AffineExpr from = x[dim - lead];
    extent =
        extent == one ? from : extents.check(n.loc(), from, extent, extent);
  }
  FailureOr<SmallVector<int64_t>> bounds = getBounds(n, shape);
  if (failed(bounds))
    return failure();
  // The operand's bound may be the larger one of a dimension that both have.
  for (auto [dim, extent] : llvm::enumerate(typeOf(n.input(0)).getShape()))
    if (x[dim] != one)
      (*bounds)[lead + dim] = extent;
  return chainResults(n.withExtents<ExpandOp>(shape, n.input(0), *bounds));
}

ImportResult cameo::importOpenTile(OpImporter &n) {
  Extents &extents = n.extents();
  FailureOr<Exprs> repeats = n.knownInts(1, "repeats");
  if (failed(repeats))
    return failure();
  Exprs x = extents.getExtents(n.input(0));
  if (repeats->size() != x.size())
    return n.unsupported("repeats do not fit a tensor of rank " +
                             Twine(x.size()),
                         "give a number per dimension");
  // Every repeated dimension is expanded along a new one before it.
  Exprs split, expanded, result;
  SmallVector<int64_t> splitShape, expandedShape;
  for (auto [dim, repeat] : llvm::enumerate(*repeats)) {
    int64_t bound = typeOf(n.input(0)).getDimSize(dim);
    if (repeat != extents.constant(1)) {
      repeat = checkExtent(n, repeat);
      split.push_back(extents.constant(1));
      splitShape.push_back(1);
      expanded.push_back(repeat);
      expandedShape.push_back(extents.getRange(repeat).high);
    }
    split.push_back(x[dim]);
    splitShape.push_back(bound);
    expanded.push_back(x[dim]);
    expandedShape.push_back(bound);
    result.push_back(extents.simplify(x[dim] * repeat));
  }
  if (!hasSensibleSize(expandedShape))
    return n.unsupported("its result may have too many elements",
                         "give smaller bounds");
  MaybeValue value = n.withExtents<ReshapeOp>(split, n.input(0), splitShape);
  if (succeeded(value))
    value = n.withExtents<ExpandOp>(expanded, *value, expandedShape);
  if (failed(value))
    return failure();
  return chainResults(reshapeTo(n, *value, result));
}

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

/// A number that counts from the end where it is negative, which is known at
/// run time.
static FailureOr<AffineExpr> countFromEnd(OpImporter &n, AffineExpr given,
                                          AffineExpr extent) {
  Extents &extents = n.extents();
  Value number = extents.materialize(n.loc(), given),
        end = extents.materialize(n.loc(), extent),
        zero = n.splat(n.builder().getI64Type(), 0);
  MaybeValue position = chain<WhereOp>(n, chain<LessOp>(n, number, zero),
                                       chain<AddOp>(n, number, end), number);
  if (failed(position))
    return failure();
  return extents.addSymbol(*position, {std::numeric_limits<int64_t>::min(),
                                       std::numeric_limits<int64_t>::max()});
}

/// A start or an end as an index from the front, in [low, high].
static FailureOr<AffineExpr> getPosition(OpImporter &n, AffineExpr given,
                                         AffineExpr extent, AffineExpr low,
                                         AffineExpr high) {
  Extents &extents = n.extents();
  NumberRange range = extents.getRange(given);
  if (range.low < 0 && range.high >= 0) {
    FailureOr<AffineExpr> resolved = countFromEnd(n, given, extent);
    if (failed(resolved))
      return failure();
    given = *resolved;
    range.low = range.high = 0;
  }
  // The extremes of the integer type stand for all that there is.
  constexpr int64_t far = int64_t(1) << 31;
  if (range.low >= far - 1)
    return high;
  if (range.high <= -far)
    return low;
  AffineExpr position =
      range.high < 0 ? extents.simplify(given + extent) : given;
  position = extents.greatest(n.loc(), position, low);
  return extents.least(n.loc(), position, high);
}

static FailureOr<Selection> getSelection(OpImporter &n, AffineExpr start,
                                         AffineExpr end, AffineExpr step,
                                         AffineExpr extent) {
  Extents &extents = n.extents();
  auto number = dyn_cast<AffineConstantExpr>(step);
  if (!number || number.getValue() == 0 ||
      std::abs(number.getValue()) > std::numeric_limits<int32_t>::max())
    return n.unsupported("a step is zero or not constant", "give other steps");
  int64_t by = number.getValue();
  AffineExpr zero = extents.constant(0), last = extents.simplify(extent - 1);
  FailureOr<AffineExpr> first, beyond;
  if (by > 0) {
    first = getPosition(n, start, extent, zero, extent);
    beyond = getPosition(n, end, extent, zero, extent);
  } else {
    first = getPosition(n, start, extent, zero, last);
    beyond = getPosition(n, end, extent, extents.constant(-1), last);
  }
  if (failed(first) || failed(beyond))
    return failure();
  AffineExpr span =
      extents.simplify(by > 0 ? *beyond - *first : *first - *beyond);
  span = extents.greatest(n.loc(), span, zero);
  return Selection{*first, extents.simplify(span.ceilDiv(std::abs(by))), by};
}

Value cameo::buildCounts(OpImporter &n, AffineExpr extent) {
  int64_t bound = std::max<int64_t>(0, n.extents().getRange(extent).high);
  auto counts = llvm::to_vector(llvm::seq<int64_t>(0, bound));
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(bound, n.builder().getI64Type()),
      ArrayRef(counts)));
}

MaybeValue cameo::gatherOpen(OpImporter &n, Value x, int64_t dim,
                             MaybeValue indices, AffineExpr extent) {
  Exprs exprs = n.extents().getExtents(x);
  exprs[dim] = extent;
  Type i64 = n.builder().getI64Type();
  int64_t last = std::max<int64_t>(typeOf(x).getDimSize(dim), 1) - 1;
  indices = chain<MaxOp>(n, indices, n.splat(i64, 0));
  indices = chain<MinOp>(n, indices, n.splat(i64, static_cast<double>(last)));
  if (failed(indices))
    return failure();
  return n.withExtents<GatherOp>(exprs, x, *indices, dim, /*in_bounds=*/true);
}

MaybeValue cameo::sliceOpen(OpImporter &n, Value x, int64_t dim,
                            const Selection &range) {
  Extents &extents = n.extents();
  RankedTensorType type = typeOf(x);
  Exprs exprs = extents.getExtents(x);
  exprs[dim] = range.count;
  int64_t bound = type.getDimSize(dim);
  int64_t count = std::min(extents.getRange(range.count).high, bound);
  auto start = dyn_cast<AffineConstantExpr>(range.start);
  if (start && range.step > 0) {
    int64_t room = std::max<int64_t>(0, bound - start.getValue());
    count = std::min<int64_t>(count, llvm::divideCeil(room, range.step));
    SmallVector<int64_t> starts(type.getRank(), 0), counts(type.getShape()),
        steps(type.getRank(), 1);
    starts[dim] = count == 0 ? 0 : start.getValue();
    counts[dim] = count;
    steps[dim] = range.step;
    return n.withExtents<SliceOp>(exprs, x, starts, counts, steps);
  }
  // Where it starts is known at run time: a gather, whose indices beyond the
  // extent are any.
  SmallVector<int64_t> offsets;
  for (int64_t i = 0; i < count; ++i)
    offsets.push_back(i * range.step);
  Value steps = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(count, n.builder().getI64Type()),
      ArrayRef(offsets)));
  MaybeValue indices =
      n.value<AddOp>(steps, extents.materialize(n.loc(), range.start));
  return gatherOpen(n, x, dim, indices, range.count);
}

ImportResult cameo::importOpenSlice(OpImporter &n) {
  Extents &extents = n.extents();
  auto read = [&](unsigned i, StringRef name) -> FailureOr<Exprs> {
    if (n.opset() >= 10)
      return n.knownInts(i, name);
    Exprs numbers;
    for (int64_t number : n.intsAttr(name, {}))
      numbers.push_back(extents.constant(number));
    return numbers;
  };
  auto readData = [&](unsigned i, StringRef name) {
    return n.opset() >= 10 ? readInts(n, i, name) : read(i, name);
  };
  FailureOr<Exprs> starts = readData(1, "starts"), ends = readData(2, "ends");
  if (failed(starts) || failed(ends))
    return failure();
  size_t count = starts->size();
  int64_t rank = typeOf(n.input(0)).getRank();
  FailureOr<Exprs> axes = Exprs(), steps = Exprs(count, extents.constant(1));
  for (size_t i = 0; i < count; ++i)
    axes->push_back(extents.constant(i));
  if (n.opset() < 10 ? n.hasAttr("axes") : n.hasInput(3))
    axes = read(3, "axes");
  if (n.hasInput(4))
    steps = read(4, "steps");
  if (failed(axes) || failed(steps))
    return failure();
  if (ends->size() != count || axes->size() != count || steps->size() != count)
    return n.unsupported("starts, ends, axes and steps do not belong together",
                         "give an entry per axis");
  MaybeValue x = n.input(0);
  for (size_t i = 0; i < count; ++i) {
    auto axis = dyn_cast<AffineConstantExpr>((*axes)[i]);
    if (!axis || axis.getValue() < -rank || axis.getValue() >= rank)
      return n.unsupported("an axis is not in [-rank, rank)",
                           "give a constant one that is");
    int64_t dim = axis.getValue() + (axis.getValue() < 0 ? rank : 0);
    FailureOr<Selection> range = getSelection(
        n, (*starts)[i], (*ends)[i], (*steps)[i], extents.getExtent(*x, dim));
    if (failed(range))
      return failure();
    x = sliceOpen(n, *x, dim, *range);
    if (failed(x))
      return failure();
  }
  return chainResults(x);
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

ImportResult cameo::importOpenRange(OpImporter &n) {
  Extents &extents = n.extents();
  Type type = getElementTypeOrSelf(n.input(0));
  SmallVector<AffineExpr> numbers;
  for (unsigned i = 0; i < 3; ++i) {
    FailureOr<Exprs> given = n.knownInts(i, i == 0   ? "start"
                                            : i == 1 ? "limit"
                                                     : "delta");
    if (failed(given) || given->size() != 1)
      return failure();
    numbers.push_back(given->front());
  }
  auto delta = dyn_cast<AffineConstantExpr>(numbers[2]);
  if (!type.isSignlessInteger() || !delta || delta.getValue() == 0)
    return n.unsupported("delta is zero, or not a constant integer",
                         "fix the shapes of the inputs");
  AffineExpr span = numbers[1] - numbers[0];
  AffineExpr count = delta.getValue() > 0 ? span.ceilDiv(delta.getValue())
                                          : (-span).ceilDiv(-delta.getValue());
  count =
      extents.greatest(n.loc(), extents.simplify(count), extents.constant(0));
  FailureOr<SmallVector<int64_t>> bounds = getBounds(n, count);
  if (failed(bounds))
    return failure();
  SmallVector<Attribute> offsets;
  for (int64_t i = 0; i < bounds->front(); ++i)
    offsets.push_back(IntegerAttr::get(
        type, APInt(type.getIntOrFloatBitWidth(), i * delta.getValue(),
                    /*isSigned=*/true, /*implicitTrunc=*/true)));
  Value steps = n.constant(DenseElementsAttr::get(
      RankedTensorType::get(bounds->front(), type), offsets));
  return chainResults(n.withExtents<AddOp>(count, steps, n.input(0)));
}
