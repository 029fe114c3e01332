//===- PackedFloats.cpp - Matrices in fewer bits than f32 -----------------===//

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

/// Per column the largest magnitude of its elements over those of rows; not a
/// number where one is not finite.
static SmallVector<float> findLargest(const FloatMatrix &matrix,
                                      ArrayRef<float> rowFactors) {
  SmallVector<float> largest(matrix.columns, 0);
  visitLines(matrix, 1, [&](int64_t row, int64_t column) {
    float magnitude = std::abs(matrix.at(row, column)) / rowFactors[row];
    if (!(magnitude <= largest[column])) // Keeps what is not a number.
      largest[column] = std::isfinite(magnitude) ? magnitude : NAN;
  });
  return largest;
}

/// Per row the root of the mean square of its elements, or a small part of that
/// of others; zeros where elements are not finite, or all are tiny or huge.
static SmallVector<float> balanceRows(const FloatMatrix &matrix) {
  constexpr float kLeast = 0x1p-30f, kSmall = 0x1p-20f;
  SmallVector<double> squares(matrix.rows, 0);
  visitLines(matrix, 1, [&](int64_t row, int64_t column) {
    double value = matrix.at(row, column);
    squares[row] += value * value;
  });
  double most = std::sqrt(*llvm::max_element(squares) / matrix.columns);
  if (!(most >= kLeast && most <= 1 / kLeast))
    return SmallVector<float>(matrix.rows, 0);
  return llvm::map_to_vector(squares, [&](double square) {
    return static_cast<float>(
        std::max(std::sqrt(square / matrix.columns), most * kSmall));
  });
}

namespace {
/// How numbers below one, or two, become words. Those of the first rows have
/// parts of others in their low bits.
struct F24 {
  static const PackedRows &rows() { return kF24Rows; }
  static double mostDifference(int64_t) { return 0x1p-20; }
  static SmallVector<float> rowFactors(const FloatMatrix &matrix) {
    return SmallVector<float>(matrix.rows, 1);
  }

  /// A power of two by which elements, divided, are below two also once they
  /// are rounded.
  static float factorOf(float largest) {
    constexpr float kRounded = 1 + 0x1p-18f;
    return std::ldexp(1.0f, std::ilogb(largest * kRounded));
  }

  // A sign, four bits of an exponent, of which 15 stands for [1, 2), and 19 of
  // a fraction: the upper bits of an f32 times 2^-112 without the zeros at the
  // top of its exponent.
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
};

struct Q20 {
  static const PackedRows &rows() { return kQ20Rows; }
  static double mostDifference(int64_t depth) {
    return 0x1p-24 * std::sqrt(depth);
  }
  static SmallVector<float> rowFactors(const FloatMatrix &matrix) {
    return balanceRows(matrix);
  }

  /// Elements, divided, are below one also once they are rounded.
  static float factorOf(float largest) {
    constexpr float kRounded = 1 + 0x1p-18f;
    return largest * kRounded;
  }

  // The upper bits of an integer.
  static uint32_t pack(float number, uint32_t low) {
    constexpr double kUnit = 1 << 12, kLimit = 1 << 19;
    double upper = std::round((number * 0x1p31 - low) / kUnit);
    upper = std::min(std::max(upper, -kLimit), kLimit - 1);
    return static_cast<uint32_t>(static_cast<int32_t>(upper)) << 12 | low;
  }
  static float unpack(uint32_t word) {
    return static_cast<float>(static_cast<int32_t>(word)) * 0x1p-31f;
  }
};

/// The words of a group of rows of a column.
template <typename Format> class WordGroup {
public:
  template <typename Numbers> explicit WordGroup(Numbers numbers) {
    const PackedRows &format = Format::rows();
    std::array<uint32_t, kMostWords> low = {};
    for (int64_t row = format.words; row < format.rows; ++row) {
      uint32_t word = Format::pack(numbers(row), 0);
      for (const PackedPart &part : format.partsOf(row))
        low[part.word] |= (word & part.mask) >> part.shift;
    }
    for (int64_t row = 0; row < format.words; ++row)
      words[row] = Format::pack(numbers(row), low[row]);
  }

  uint32_t getWord(int64_t i) const { return words[i]; }

  float read(int64_t row) const {
    const PackedRows &format = Format::rows();
    if (row < format.words)
      return Format::unpack(words[row]);
    uint32_t word = 0;
    for (const PackedPart &part : format.partsOf(row))
      word |= (words[part.word] << part.shift) & part.mask;
    return Format::unpack(word);
  }

private:
  static constexpr size_t kMostWords = 5;
  std::array<uint32_t, kMostWords> words = {};
};

/// Squares of what is stored and of how it differs, of a row or a column.
struct Difference {
  double error = 0, square = 0;

  void add(double stored, double exact) {
    error += (stored - exact) * (stored - exact);
    square += exact * exact;
  }
  bool isWithin(double most) const { return error <= most * most * square; }
};
} // namespace

/// Fills `packed.words`; returns whether rows and columns are near those of the
/// matrix.
template <typename Format>
static bool fillWords(const FloatMatrix &matrix, int64_t columns,
                      PackedMatrix &packed) {
  const PackedRows &format = Format::rows();
  packed.words = HeapAsmResourceBlob::allocate(
      matrix.rows / format.rows * format.words * columns * sizeof(uint32_t),
      64);
  MutableArrayRef<char> bytes = packed.words.getMutableData();
  llvm::fill(bytes, 0); // Columns that are added.
  auto *words = reinterpret_cast<uint32_t *>(bytes.data());
  SmallVector<Difference> ofRows(matrix.rows), ofColumns(matrix.columns);
  visitLines(matrix, format.rows, [&](int64_t row, int64_t column) {
    const float *rowFactors = &packed.rowFactors[row];
    float factor = packed.columnFactors[column];
    WordGroup<Format> group([&](int64_t i) {
      return matrix.at(row + i, column) / rowFactors[i] / factor;
    });
    for (int64_t i = 0; i < format.words; ++i)
      words[(row / format.rows * format.words + i) * columns + column] =
          group.getWord(i);
    for (int64_t i = 0; i < format.rows; ++i) {
      double exact = matrix.at(row + i, column),
             stored = double(group.read(i)) * factor * rowFactors[i];
      ofRows[row + i].add(stored, exact);
      ofColumns[column].add(stored, exact);
    }
  });
  double most = Format::mostDifference(matrix.rows);
  auto isNear = [&](const Difference &d) { return d.isWithin(most); };
  return llvm::all_of(ofRows, isNear) && llvm::all_of(ofColumns, isNear);
}

template <typename Format>
static std::optional<PackedMatrix> packAs(const FloatMatrix &matrix,
                                          int64_t columns) {
  if (matrix.rows % Format::rows().rows != 0)
    return std::nullopt;
  PackedMatrix packed;
  packed.rowFactors = Format::rowFactors(matrix);
  if (llvm::is_contained(packed.rowFactors, 0.0f))
    return std::nullopt;
  for (float largest : findLargest(matrix, packed.rowFactors)) {
    constexpr float kTiny = 0x1p-100f;
    if (largest != 0 && !(largest > kTiny && largest < 1 / kTiny))
      return std::nullopt;
    packed.columnFactors.push_back(largest == 0 ? 1
                                                : Format::factorOf(largest));
  }
  if (!fillWords<Format>(matrix, columns, packed))
    return std::nullopt;
  packed.columnFactors.resize(columns, 0);
  return packed;
}

int64_t cameo::bitsOf(PackedFormat format) {
  return format == PackedFormat::F24 ? 24 : 20;
}

StringRef cameo::nameOf(PackedFormat format) {
  return format == PackedFormat::F24 ? "f24" : "q20";
}

std::optional<PackedMatrix> cameo::packFloats(const FloatMatrix &matrix,
                                              int64_t columns,
                                              PackedFormat format) {
  std::optional<PackedMatrix> packed = format == PackedFormat::F24
                                           ? packAs<F24>(matrix, columns)
                                           : packAs<Q20>(matrix, columns);
  if (packed)
    packed->format = format;
  return packed;
}

static Value buildFactors(OpBuilder &b, Location loc, ArrayRef<float> factors) {
  auto type = RankedTensorType::get(static_cast<int64_t>(factors.size()),
                                    b.getF32Type());
  return ConstantOp::create(b, loc, DenseElementsAttr::get(type, factors));
}

Operation *cameo::usePackedFloats(MatMulOp product, PackedMatrix packed) {
  OpBuilder b(product);
  Location loc = product.getLoc(), weights = product.getB().getLoc();
  bool isFixed = packed.format == PackedFormat::Q20;
  const PackedRows &format = isFixed ? kQ20Rows : kF24Rows;
  Value x = product.getA();
  auto type =
      RankedTensorType::get({shapeOf(x).back() / format.rows, format.words,
                             static_cast<int64_t>(packed.columnFactors.size())},
                            b.getI32Type());
  Value w = ConstantOp::create(
      b, weights,
      DenseResourceElementsAttr::get(type, nameOf(packed.format),
                                     std::move(packed.words)));
  Value factors = buildFactors(b, weights, packed.columnFactors);
  Operation *sums;
  if (isFixed) {
    // Integers are 2^31 times the numbers that they stand for.
    for (float &factor : packed.rowFactors)
      factor *= 0x1p-31f;
    x = MulOp::create(b, loc, x, buildFactors(b, weights, packed.rowFactors));
    sums = Q20MatMulOp::create(b, loc, x, w);
  } else {
    sums = F24MatMulOp::create(b, loc, x, w);
  }
  auto scaled = MulOp::create(b, loc, sums->getResult(0), factors);
  product.replaceAllUsesWith(scaled.getResult());
  product.erase();
  return sums;
}
