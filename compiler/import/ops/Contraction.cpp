//===- Contraction.cpp - Import of matrix products ------------------------===//

#include "compiler/import/ops/Quantization.h"

using namespace mlir;
using namespace cameo;

/// A product of operands that may be vectors: these become matrices of one row
/// (a) or one column (b), and that dimension is dropped from the result.
static MaybeValue buildMatMul(OpImporter &n, MaybeValue a, MaybeValue b) {
  if (failed(a) || failed(b))
    return failure();
  RankedTensorType aType = typeOf(*a), bType = typeOf(*b);
  if (aType.getRank() == 0 || bType.getRank() == 0)
    return n.unsupported("an operand is a scalar", "use Mul for scalars");
  bool isRow = aType.getRank() == 1, isColumn = bType.getRank() == 1;
  if (isRow)
    a = chainReshape(n, a, {1, aType.getDimSize(0)});
  if (isColumn)
    b = chainReshape(n, b, {bType.getDimSize(0), 1});
  MaybeValue product =
      chain<MatMulOp>(n, a, b, /*transpose_a=*/false, /*transpose_b=*/false);
  if (failed(product) || (!isRow && !isColumn))
    return product;
  SmallVector<int64_t> shape(typeOf(*product).getShape());
  if (isColumn)
    shape.pop_back();
  if (isRow)
    shape.erase(shape.end() - (isColumn ? 1 : 2));
  return chainReshape(n, product, shape);
}

static ImportResult importMatMul(OpImporter &n) {
  return chainResults(buildMatMul(n, n.input(0), n.input(1)));
}

/// The product of two inputs less their zero points. A vector of these has one
/// per row of a, per column of b.
static MaybeValue buildIntegerProduct(OpImporter &n, unsigned a, unsigned aZero,
                                      unsigned b, unsigned bZero) {
  auto centred = [&](unsigned i, unsigned zero, int64_t fromEnd) {
    int64_t rank = typeOf(n.input(i)).getRank();
    return buildCentred(n, n.input(i),
                        n.hasInput(zero) ? n.input(zero) : Value(),
                        std::max<int64_t>(0, rank - fromEnd));
  };
  return buildMatMul(n, centred(a, aZero, 2), centred(b, bZero, 1));
}

static ImportResult importMatMulInteger(OpImporter &n) {
  return chainResults(buildIntegerProduct(n, 0, 2, 1, 3));
}

static ImportResult importQLinearMatMul(OpImporter &n) {
  MaybeValue product = buildIntegerProduct(n, 0, 2, 3, 5);
  if (failed(product))
    return failure();
  int64_t rank = typeOf(*product).getRank();
  Requantization how{/*firstScale=*/1, /*secondScale=*/4, /*yScale=*/6,
                     std::max<int64_t>(0, rank - 2),
                     std::max<int64_t>(0, rank - 1)};
  return chainResults(buildRequantized(n, product, how));
}

/// `value * factor`; itself when the factor is one.
static MaybeValue buildScaled(OpImporter &n, MaybeValue value, double factor) {
  if (failed(value) || factor == 1)
    return value;
  return n.value<MulOp>(*value,
                        n.splat(typeOf(*value).getElementType(), factor));
}

static constexpr Limit kFraction{
    "integers with an alpha or beta that is a fraction",
    "use floating-point elements"};

static ImportResult importGemm(OpImporter &n) {
  double alpha = n.floatAttr("alpha", 1), beta = n.floatAttr("beta", 1);
  Type elementType = typeOf(n.input(0)).getElementType();
  bool whole = alpha == static_cast<double>(static_cast<int64_t>(alpha)) &&
               beta == static_cast<double>(static_cast<int64_t>(beta));
  if (isa<IntegerType>(elementType) && !whole)
    return n.unsupported(kFraction);
  if (typeOf(n.input(0)).getRank() != 2 || typeOf(n.input(1)).getRank() != 2)
    return n.unsupported("an operand is not a matrix",
                         "use MatMul for other ranks");
  MaybeValue y =
      n.value<MatMulOp>(n.input(0), n.input(1), n.intAttr("transA", 0) != 0,
                        n.intAttr("transB", 0) != 0);
  y = buildScaled(n, y, alpha);
  if (failed(y) || !n.hasInput(2) || beta == 0)
    return chainResults(y);
  RankedTensorType product = typeOf(*y);
  y = chain<AddOp>(n, y, buildScaled(n, n.input(2), beta));
  if (succeeded(y) && typeOf(*y) != product)
    return n.unsupported("C cannot be broadcast to the product",
                         "check the model with the ONNX checker");
  return chainResults(y);
}

void cameo::registerContraction(OpRegistry &registry) {
  registry.add("MatMul", 1, "number, number", importMatMul);
  registry.add("MatMulInteger", 10, "byte, byte, byte?, byte?",
               importMatMulInteger);
  registry.add(
      "QLinearMatMul", 10,
      "byte|f8, float, byte|f8, byte|f8, float, byte|f8, float, byte|f8",
      importQLinearMatMul);
  registry.add("Gemm", 1, "number, number, number?", importGemm, {kFraction});
  registry.allowOpenDims({"MatMul", "MatMulInteger", "QLinearMatMul", "Gemm"});
}
