//===- PackedFloats.cpp - Matrices of floats of 24 bits -------------------===//

#include "passes/schedule/PackedFloats.h"
#include "dialects/cameo/PackedFloats.h"
#include "dialects/cameo/Shapes.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/bit.h"

#include <array>
#include <cmath>

using namespace mlir;
using namespace cameo;

/// Columns that are visited together: those of a line of memory.
static constexpr int64_t kLine = 16;

std::optional<ArrayRef<float>> cameo::readFloats(ElementsAttr values) {
  if (auto dense = dyn_cast<DenseElementsAttr>(values)) {
    ArrayRef<char> raw = dense.getRawData();
    return ArrayRef(reinterpret_cast<const float *>(raw.data()),
                    raw.size() / sizeof(float));
  }
  auto resource = dyn_cast<DenseF32ResourceElementsAttr>(values);
  return resource ? resource.tryGetAsArrayRef() : std::nullopt;
}

std::optional<FloatMatrix> cameo::readMatrix(MatMulOp product) {
  Value w = product.getB();
  if (auto pad = w.getDefiningOp<PadOp>())
    w = pad.getX();
  auto constant = w.getDefiningOp<ConstantOp>();
  auto type = cast<RankedTensorType>(w.getType());
  if (!constant || type.getRank() != 2 || !type.getElementType().isF32())
    return std::nullopt;
  FloatMatrix matrix;
  matrix.values = readFloats(constant.getValue()).value_or(ArrayRef<float>());
  if (static_cast<int64_t>(matrix.values.size()) != type.getNumElements())
    return std::nullopt;
  matrix.rows = type.getDimSize(0);
  matrix.columns = type.getDimSize(1);
  matrix.rowStep = matrix.columns;
  matrix.columnStep = 1;
  if (product.getTransposeB()) {
    std::swap(matrix.rows, matrix.columns);
    std::swap(matrix.rowStep, matrix.columnStep);
  }
  return matrix;
}

/// Calls `visit` with every `rowStep`th row and every column, columns of one
/// line of memory together.
template <typename Visitor>
static void visitLines(const FloatMatrix &matrix, int64_t rowStep,
                       Visitor visit) {
  for (int64_t first = 0; first < matrix.columns; first += kLine)
    for (int64_t row = 0; row < matrix.rows; row += rowStep)
      for (int64_t column = first,
                   end = std::min(first + kLine, matrix.columns);
           column < end; ++column)
        visit(row, column);
}

/// Per column a power of two by which its elements, divided, are below two also
/// once they are rounded; zero where an element is not finite or all are tiny.
static SmallVector<float> findScales(const FloatMatrix &matrix) {
  SmallVector<float> largest(matrix.columns, 0);
  visitLines(matrix, 1, [&](int64_t row, int64_t column) {
    float magnitude = std::abs(matrix.at(row, column));
    if (!(magnitude <= largest[column])) // Keeps what is not a number.
      largest[column] = std::isnan(largest[column]) ? NAN : magnitude;
  });
  return llvm::map_to_vector(largest, [](float most) {
    constexpr float kRounded = 1 + 0x1p-18f, kTiny = 0x1p-100f;
    most *= kRounded;
    if (most == 0)
      return 1.0f;
    return std::isfinite(most) && most > kTiny
               ? std::ldexp(1.0f, std::ilogb(most))
               : 0.0f;
  });
}

namespace {
/// The words of four rows of a column. Numbers are a sign, four bits of an
/// exponent, of which 15 stands for [1, 2), and 19 of a fraction: the upper
/// bits of an f32 times 2^-112 without the zeros at the top of its exponent.
struct WordGroup {
  std::array<uint32_t, kPackedWords> words;

  WordGroup(const FloatMatrix &matrix, int64_t row, int64_t column,
            float scale) {
    auto number = [&](int64_t i) { return matrix.at(row + i, column) / scale; };
    uint32_t last = pack(number(kPackedWords), 0);
    for (int64_t i = 0; i < kPackedWords; ++i)
      words[i] = pack(number(i), (last >> (8 * (kPackedWords - i))) & 0xFF);
  }

  /// The nearest word with this low byte.
  static uint32_t pack(float number, uint32_t low) {
    uint32_t bits = llvm::bit_cast<uint32_t>(std::abs(number) * 0x1p-112f);
    // In units of the 24th bit, beside what the low byte adds when it is read.
    constexpr int64_t kUnit = 1 << 4;
    int64_t rest = int64_t(bits) - (low >> 4);
    auto upper =
        static_cast<uint32_t>(std::max<int64_t>(rest + kUnit / 2, 0) / kUnit);
    return (std::signbit(number) ? 1u << 31 : 0) | upper << 8 | low;
  }
  static float unpack(uint32_t word) {
    uint32_t bits = (word & 1u << 31) | (word & ~(1u << 31)) >> 4;
    return llvm::bit_cast<float>(bits) * 0x1p112f;
  }

  float read(int64_t i) const {
    if (i < kPackedWords)
      return unpack(words[i]);
    uint32_t last = 0;
    for (uint32_t word : words)
      last = last << 8 | (word & 0xFF);
    return unpack(last << 8);
  }
};
} // namespace

std::optional<PackedMatrix> cameo::packFloats(const FloatMatrix &matrix,
                                              int64_t columns) {
  if (matrix.rows % kPackedRows != 0)
    return std::nullopt;
  PackedMatrix packed;
  packed.scales = findScales(matrix);
  if (llvm::is_contained(packed.scales, 0.0f))
    return std::nullopt;
  packed.words = HeapAsmResourceBlob::allocate(
      matrix.rows / kPackedRows * kPackedWords * columns * sizeof(uint32_t),
      64);
  MutableArrayRef<char> bytes = packed.words.getMutableData();
  llvm::fill(bytes, 0); // Columns that are added.
  auto *words = reinterpret_cast<uint32_t *>(bytes.data());
  SmallVector<double> errors(matrix.rows, 0), squares(matrix.rows, 0);
  visitLines(matrix, kPackedRows, [&](int64_t row, int64_t column) {
    float scale = packed.scales[column];
    WordGroup group(matrix, row, column, scale);
    for (int64_t i = 0; i < kPackedWords; ++i)
      words[(row / kPackedRows * kPackedWords + i) * columns + column] =
          group.words[i];
    for (int64_t i = 0; i < kPackedRows; ++i) {
      double exact = matrix.at(row + i, column),
             error = double(group.read(i)) * scale - exact;
      errors[row + i] += error * error;
      squares[row + i] += exact * exact;
    }
  });
  for (auto [error, square] : llvm::zip_equal(errors, squares))
    if (error > 0x1p-40 * square)
      return std::nullopt;
  packed.scales.resize(columns, 0);
  return packed;
}

Operation *cameo::usePackedFloats(MatMulOp product, PackedMatrix packed) {
  OpBuilder b(product);
  Location loc = product.getLoc(), weights = product.getB().getLoc();
  int64_t columns = packed.scales.size();
  int64_t groups = shapeOf(product.getA()).back() / kPackedRows;
  auto type =
      RankedTensorType::get({groups, kPackedWords, columns}, b.getI32Type());
  Value w = ConstantOp::create(
      b, weights,
      DenseResourceElementsAttr::get(type, "f24", std::move(packed.words)));
  Value scale = ConstantOp::create(
      b, weights,
      DenseElementsAttr::get(RankedTensorType::get({columns}, b.getF32Type()),
                             ArrayRef<float>(packed.scales)));
  auto sums = F24MatMulOp::create(b, loc, product.getA(), w);
  auto scaled = MulOp::create(b, loc, sums, scale);
  product.replaceAllUsesWith(scaled.getResult());
  product.erase();
  return sums;
}
