//===- Shape.cpp - Import of shape arithmetic and generated tensors -------===//
//
// Shapes are static, so what depends on nothing else becomes a constant; those
// of one repeated value stay small at any size.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/OpenShapes.h"
#include "compiler/import/ops/Random.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// Generated tensors of more elements are refused: no model means them.
static constexpr int64_t kMaxElements = int64_t(1) << 28;
/// The same where every element is another value.
static constexpr int64_t kMaxRange = int64_t(1) << 20;

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

/// Resolves zeros (the operand's extent, unless `allowZero`) and one -1.
static FailureOr<SmallVector<int64_t>> resolveShape(OpImporter &n,
                                                    RankedTensorType x,
                                                    SmallVector<int64_t> shape,
                                                    bool allowZero) {
  int64_t known = 1, open = -1;
  for (auto [dim, extent] : llvm::enumerate(shape)) {
    if (extent == 0 && !allowZero) {
      if (static_cast<int64_t>(dim) >= x.getRank())
        return n.unsupported("shape keeps dimension " + Twine(dim) +
                                 " of a tensor of rank " + Twine(x.getRank()),
                             "give its extent");
      extent = x.getDimSize(dim);
    }
    if (extent < -1 || (extent == -1 && open >= 0))
      return n.unsupported(
          "shape has " +
              Twine(extent < -1 ? "the negative extent " : "a second -1 at ") +
              Twine(extent < -1 ? extent : dim),
          "leave one extent open with -1");
    if (extent == -1)
      open = dim;
    else if (llvm::MulOverflow(known, extent, known))
      return n.unsupported("shape has too many elements",
                           "check the model with the ONNX checker");
  }
  if (open < 0)
    return shape;
  if (known == 0 || x.getNumElements() % known != 0)
    return n.unsupported("no extent in place of -1 gives " +
                             Twine(x.getNumElements()) + " elements",
                         "give the extent");
  shape[open] = x.getNumElements() / known;
  return shape;
}

static ImportResult importReshape(OpImporter &n) {
  if (n.opset() >= 5 && isOpenNode(n))
    return importOpenReshape(n);
  FailureOr<SmallVector<int64_t>> shape = n.intsAttr("shape", {});
  if (n.opset() >= 5)
    shape = n.constantInts(1, "shape");
  if (failed(shape))
    return failure();
  shape = resolveShape(n, typeOf(n.input(0)), *shape,
                       n.intAttr("allowzero", 0) != 0);
  if (failed(shape))
    return failure();
  return n.build<ReshapeOp>(n.input(0), *shape);
}

static ImportResult importFlatten(OpImporter &n) {
  auto x = typeOf(n.input(0));
  // Everything may be left of the cut.
  int64_t axis = n.intAttr("axis", 1);
  if (axis < -x.getRank() || axis > x.getRank())
    return n.unsupported("axis = " + Twine(axis) + " of a tensor of rank " +
                             Twine(x.getRank()),
                         "give an axis in [-rank, rank]");
  if (axis < 0)
    axis += x.getRank();
  if (n.extents().isOpen(n.input(0))) {
    Exprs exprs = n.extents().getExtents(n.input(0));
    Exprs matrix = {n.extents().product(ArrayRef(exprs).take_front(axis)),
                    n.extents().product(ArrayRef(exprs).drop_front(axis))};
    return chainResults(reshapeTo(n, n.input(0), matrix));
  }
  int64_t rows = ShapedType::getNumElements(x.getShape().take_front(axis));
  int64_t columns = ShapedType::getNumElements(x.getShape().drop_front(axis));
  return n.build<ReshapeOp>(n.input(0), ArrayRef<int64_t>{rows, columns});
}

/// The axes, an attribute or (from opset 13 on) an input, of a tensor of
/// `rank`.
static FailureOr<SmallVector<int64_t>> getAxes(OpImporter &n, int64_t rank) {
  FailureOr<SmallVector<int64_t>> axes = n.intsAttr("axes", {});
  if (n.opset() >= 13)
    axes = n.constantInts(1, "axes");
  if (failed(axes))
    return failure();
  return n.normalizedAxes(*axes, rank);
}

/// `x` with dimensions `axes` of one element; a run in which an open one has
/// another extent is an error.
static MaybeValue takeFirst(OpImporter &n, Value x, ArrayRef<int64_t> axes) {
  Extents &extents = n.extents();
  AffineExpr one = extents.constant(1);
  MaybeValue result = x;
  for (int64_t dim : axes) {
    if (failed(result) || !extents.isOpen(*result, dim))
      continue;
    AffineExpr extent =
        extents.check(n.loc(), extents.getExtent(*result, dim), one, one);
    // The element depends on the check, so that this is not left out.
    RankedTensorType type = typeOf(*result);
    Value first = extents.limitTo(
        n.loc(), *result, dim, extent,
        cast<TypedAttr>(n.builder().getZeroAttr(type.getElementType())));
    Exprs exprs = extents.getExtents(*result);
    exprs[dim] = one;
    SmallVector<int64_t> starts(type.getRank(), 0), counts(type.getShape()),
        steps(type.getRank(), 1);
    counts[dim] = 1;
    result = n.withExtents<SliceOp>(exprs, first, starts, counts, steps);
  }
  return result;
}

static ImportResult importSqueeze(OpImporter &n) {
  auto x = typeOf(n.input(0));
  SmallVector<int64_t> axes, shape;
  if (n.opset() < 13 ? n.hasAttr("axes") : n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = getAxes(n, x.getRank());
    if (failed(given))
      return failure();
    axes = *given;
  } else {
    for (int64_t dim = 0; dim < x.getRank(); ++dim)
      if (x.getDimSize(dim) == 1)
        axes.push_back(dim);
  }
  MaybeValue value = takeFirst(n, n.input(0), axes);
  if (failed(value))
    return failure();
  x = typeOf(*value);
  for (int64_t dim = 0; dim < x.getRank(); ++dim) {
    if (!llvm::is_contained(axes, dim))
      shape.push_back(x.getDimSize(dim));
    else if (x.getDimSize(dim) != 1)
      return n.unsupported("axis " + Twine(dim) + " has extent " +
                               Twine(x.getDimSize(dim)),
                           "squeeze axes of extent 1 only");
  }
  return n.build<ReshapeOp>(*value, shape);
}

static ImportResult importUnsqueeze(OpImporter &n) {
  auto x = typeOf(n.input(0));
  FailureOr<SmallVector<int64_t>> given = n.intsAttr("axes", {});
  if (n.opset() >= 13)
    given = n.constantInts(1, "axes");
  if (failed(given))
    return failure();
  FailureOr<SmallVector<int64_t>> axes =
      n.normalizedAxes(*given, x.getRank() + given->size());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape(x.getShape());
  for (int64_t axis : *axes)
    shape.insert(shape.begin() + axis, 1);
  return n.build<ReshapeOp>(n.input(0), shape);
}

//===----------------------------------------------------------------------===//
// Identities
//===----------------------------------------------------------------------===//

static ImportResult importIdentity(OpImporter &n) {
  return SmallVector<Value>{n.input(0)};
}

static Value buildSplat(OpImporter &n, ArrayRef<int64_t> shape,
                        Attribute element) {
  auto type = RankedTensorType::get(shape, cast<TypedAttr>(element).getType());
  return n.constant(DenseElementsAttr::get(type, element));
}

/// Training: elements are kept where a random number is at least the ratio.
static ImportResult buildDropout(OpImporter &n) {
  Value x = n.input(0);
  RankedTensorType type = typeOf(x);
  Type element = type.getElementType();
  MaybeValue ratio =
      n.splat(element, n.opset() < 12 ? n.floatAttr("ratio", 0.5) : 0.5);
  if (n.opset() >= 12 && n.hasInput(1))
    ratio = chainReshape(n, chainCast(n, n.input(1), element), {});
  MaybeValue numbers = buildUniform(n, type.getShape(), element);
  if (succeeded(numbers) && n.extents().isOpen(x))
    n.extents().setExtents(*numbers, n.extents().getExtents(x));
  MaybeValue kept = chain<GreaterOrEqualOp>(n, numbers, ratio);
  if (n.opset() >= 12 && n.hasInput(2))
    kept =
        chain<OrOp>(n, kept, chain<NotOp>(n, chainReshape(n, n.input(2), {})));
  // Without training, nothing is scaled either.
  MaybeValue scale = chain<SubOp>(n, n.splat(element, 1), ratio);
  if (n.opset() >= 12 && n.hasInput(2))
    scale = chain<WhereOp>(n, chainReshape(n, n.input(2), {}), scale,
                           n.splat(element, 1));
  MaybeValue y =
      chain<WhereOp>(n, kept, chain<DivOp>(n, x, scale), n.splat(element, 0));
  SmallVector<MaybeValue> results = {y};
  if (n.hasOutput(1))
    results.push_back(n.opset() < 10 ? chainCast(n, kept, element) : kept);
  return chainResults(results);
}

/// Inference: the operand, and a mask in which everything is kept.
static ImportResult importDropout(OpImporter &n) {
  bool isTraining = n.opset() < 7 && n.intAttr("is_test", 0) == 0;
  auto isZero = [&](unsigned i) {
    return matchPattern(n.input(i), m_Zero()) ||
           matchPattern(n.input(i), m_AnyZeroFloat());
  };
  if (n.opset() >= 12)
    isTraining = n.hasInput(2) && !isZero(2) && !(n.hasInput(1) && isZero(1));
  if (isTraining && n.opset() < 7 && n.floatAttr("ratio", 0.5) == 0)
    isTraining = false;
  if (isTraining)
    return buildDropout(n);
  SmallVector<Value> results = {n.input(0)};
  if (n.hasOutput(1)) {
    auto x = typeOf(n.input(0));
    Builder &b = n.builder();
    // The mask was of the operand's type before opset 10.
    Attribute kept = b.getBoolAttr(true);
    if (n.opset() < 10)
      kept = b.getFloatAttr(x.getElementType(), 1);
    results.push_back(buildSplat(n, x.getShape(), kept));
    if (n.extents().isOpen(n.input(0)))
      n.extents().setExtents(results[1], n.extents().getExtents(n.input(0)));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static Value buildInts(OpImporter &n, ArrayRef<int64_t> shape,
                       ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(shape, n.builder().getI64Type());
  return n.constant(DenseElementsAttr::get(type, values));
}

static ImportResult importShape(OpImporter &n) {
  auto x = typeOf(n.input(0));
  int64_t rank = x.getRank();
  auto clamp = [&](int64_t i) {
    return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank);
  };
  int64_t start = clamp(n.intAttr("start", 0));
  int64_t end = std::max(clamp(n.intAttr("end", rank)), start);
  if (n.extents().isOpen(n.input(0))) {
    Exprs exprs = n.extents().getExtents(n.input(0));
    auto part = ArrayRef(exprs).slice(start, end - start);
    if (llvm::any_of(part, [&](AffineExpr e) { return n.extents().isOpen(e); }))
      return chainResults(buildNumbers(n, part, /*isVector=*/true));
  }
  ArrayRef<int64_t> shape = x.getShape().slice(start, end - start);
  return SmallVector<Value>{
      buildInts(n, static_cast<int64_t>(shape.size()), shape)};
}

static ImportResult importSize(OpImporter &n) {
  if (n.extents().isOpen(n.input(0))) {
    Exprs exprs = n.extents().getExtents(n.input(0));
    return chainResults(
        buildNumbers(n, n.extents().product(exprs), /*isVector=*/false));
  }
  return SmallVector<Value>{
      buildInts(n, {}, typeOf(n.input(0)).getNumElements())};
}

//===----------------------------------------------------------------------===//
// Generated tensors
//===----------------------------------------------------------------------===//

static ImportResult importConstantOfShape(OpImporter &n) {
  FailureOr<Exprs> exprs = n.knownInts(0, "shape");
  if (failed(exprs))
    return failure();
  for (AffineExpr &expr : *exprs)
    if (n.extents().isOpen(expr))
      expr = n.extents().greatest(n.loc(), expr, n.extents().constant(0));
  FailureOr<SmallVector<int64_t>> shape = getBounds(n, *exprs);
  if (failed(shape))
    return failure();
  int64_t count = 1;
  for (int64_t extent : *shape)
    if (extent < 0 || llvm::MulOverflow(count, extent, count) ||
        count > kMaxElements)
      return n.unsupported("shape has a negative extent or too many elements",
                           "check the model with the ONNX checker");
  Attribute element = n.builder().getF32FloatAttr(0);
  if (n.hasAttr("value")) {
    FailureOr<ElementsAttr> value = n.tensorAttr("value");
    if (failed(value))
      return failure();
    if (value->getNumElements() != 1)
      return n.unsupported("value has " + Twine(value->getNumElements()) +
                               " elements",
                           "give one element");
    element = cast<DenseElementsAttr>(*value).getSplatValue<Attribute>();
  }
  Value splat = buildSplat(n, *shape, element);
  if (llvm::any_of(*exprs, [&](AffineExpr e) { return n.extents().isOpen(e); }))
    n.extents().setExtents(splat, *exprs);
  return SmallVector<Value>{splat};
}

/// The number of a constant of one element, which every operand of Range is.
static FailureOr<Attribute> getScalar(OpImporter &n, unsigned i) {
  DenseElementsAttr value;
  if (!matchPattern(n.input(i), m_Constant(&value)) ||
      value.getNumElements() != 1)
    return n.unsupported(
        "input " + Twine(i) + " is not a constant number",
        "make it an initialiser, or fix the shapes of the inputs");
  return value.getSplatValue<Attribute>();
}

/// The number of elements of a range; -1 when there is no sensible one.
static int64_t getRangeSize(double start, double limit, double delta) {
  double size = std::ceil((limit - start) / delta);
  if (std::isnan(size) || size > static_cast<double>(kMaxRange))
    return -1;
  return size > 0 ? static_cast<int64_t>(size) : 0;
}

static ImportResult importRange(OpImporter &n) {
  if (isOpenNode(n))
    return importOpenRange(n);
  SmallVector<Attribute> numbers;
  for (unsigned i = 0; i < 3; ++i) {
    FailureOr<Attribute> number = getScalar(n, i);
    if (failed(number))
      return failure();
    numbers.push_back(*number);
  }
  Type elementType = cast<TypedAttr>(numbers[0]).getType();
  if (llvm::any_of(numbers, [&](Attribute number) {
        return cast<TypedAttr>(number).getType() != elementType;
      }))
    return n.unsupported("the inputs' types differ", "give them one type");
  SmallVector<Attribute> elements;
  int64_t size = -1;
  if (isa<FloatType>(elementType)) {
    auto get = [&](unsigned i) {
      return cast<FloatAttr>(numbers[i]).getValueAsDouble();
    };
    size = getRangeSize(get(0), get(1), get(2));
    for (int64_t i = 0; i < size; ++i)
      elements.push_back(FloatAttr::get(elementType, get(0) + i * get(2)));
  } else {
    auto get = [&](unsigned i) {
      return cast<IntegerAttr>(numbers[i]).getValue().getSExtValue();
    };
    size = getRangeSize(get(0), get(1), get(2));
    unsigned width = elementType.getIntOrFloatBitWidth();
    for (int64_t i = 0; i < size; ++i)
      elements.push_back(IntegerAttr::get(
          elementType, APInt(width, get(0) + i * get(2), /*isSigned=*/true,
                             /*implicitTrunc=*/true)));
  }
  if (size < 0)
    return n.unsupported("the range is endless or too long",
                         "give a delta towards the limit");
  return SmallVector<Value>{n.constant(DenseElementsAttr::get(
      RankedTensorType::get(size, elementType), elements))};
}

/// Compares the distance to the diagonal, column - row, to `k`.
template <typename Compare>
static MaybeValue chainDiagonal(OpImporter &n, Value x, MaybeValue k) {
  int64_t rank = typeOf(x).getRank();
  MaybeValue distance = chain<SubOp>(n, buildPositions(n, x, rank - 1),
                                     buildPositions(n, x, rank - 2));
  return chain<Compare>(n, distance, k);
}

static ImportResult importEyeLike(OpImporter &n) {
  auto x = typeOf(n.input(0));
  if (x.getRank() != 2)
    return n.unsupported("the operand has rank " + Twine(x.getRank()),
                         "give a matrix");
  Type elementType = x.getElementType();
  if (n.hasAttr("dtype")) {
    FailureOr<Type> given = n.elementTypeAttr("dtype");
    if (failed(given))
      return failure();
    elementType = *given;
  }
  Value k = n.splat(n.builder().getI64Type(), n.intAttr("k", 0));
  return chainResults(
      chainCast(n, chainDiagonal<EqualOp>(n, n.input(0), k), elementType));
}

/// Keeps the elements of a matrix (of many) on one side of a diagonal.
static ImportResult importTrilu(OpImporter &n) {
  auto x = typeOf(n.input(0));
  if (x.getRank() < 2)
    return n.unsupported("the operand has rank " + Twine(x.getRank()),
                         "give a matrix");
  MaybeValue k = n.splat(n.builder().getI64Type(), 0);
  if (n.hasInput(1))
    k = chainReshape(n, n.input(1), {});
  MaybeValue kept = n.intAttr("upper", 1) != 0
                        ? chainDiagonal<GreaterOrEqualOp>(n, n.input(0), k)
                        : chainDiagonal<LessOrEqualOp>(n, n.input(0), k);
  return chainResults(
      chain<WhereOp>(n, kept, n.input(0), n.splat(x.getElementType(), 0)));
}

void cameo::registerShape(OpRegistry &registry) {
  registry.add("ConstantOfShape", 9, "known int64", importConstantOfShape);
  registry.add("Dropout", 1, "float, float?, bool?", importDropout);
  registry.add("EyeLike", 9, "any", importEyeLike);
  registry.add("Flatten", 1, "any", importFlatten);
  registry.add("Identity", 1, "any|string|sequence|optional", importIdentity);
  registry.add("Range", 11, "known number, known number, known number",
               importRange);
  registry.add("Reshape", 1, "any, known int64?", importReshape);
  registry.add("Shape", 1, "any", importShape);
  registry.add("Size", 1, "any", importSize);
  registry.add("Squeeze", 1, "any, known int64?", importSqueeze);
  registry.add("Trilu", 14, "number|bool, int64?", importTrilu);
  registry.add("Unsqueeze", 1, "any, known int64?", importUnsqueeze);
  registry.allowOpenDims({"Dropout", "EyeLike", "Flatten", "Identity",
                          "Reshape", "Shape", "Size", "Squeeze", "Trilu",
                          "Unsqueeze"});
}
