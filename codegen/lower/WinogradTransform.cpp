//===- WinogradTransform.cpp - Transforms of tiles ------------------------===//

#include "codegen/lower/WinogradTransform.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Builds products of a matrix and a vector of scalars.
class VectorTransform {
public:
  VectorTransform(OpBuilder &builder, Location loc, const Matrix &matrix,
                  ValueRange inputs, int64_t count)
      : b(builder), loc(loc), matrix(matrix), inputs(inputs), results(count) {}

  SmallVector<Value> build();

private:
  void pairColumns();
  void buildRow(int64_t row);
  bool buildRowPair(int64_t row);
  Value combine(Value sum, double coefficient, Value value);
  Value dot(ArrayRef<double> coefficients, ValueRange values);
  Value negate(Value value) { return arith::NegFOp::create(b, loc, value); }

  OpBuilder &b;
  Location loc;
  Matrix matrix;
  SmallVector<Value> inputs;
  SmallVector<Value> results;
};
} // namespace

/// `sum` (null: nothing yet) + `coefficient` * `value`.
Value VectorTransform::combine(Value sum, double coefficient, Value value) {
  if (coefficient == 0)
    return sum;
  if (sum && coefficient == 1)
    return arith::AddFOp::create(b, loc, sum, value);
  if (sum && coefficient == -1)
    return arith::SubFOp::create(b, loc, sum, value);
  if (coefficient == 1)
    return value;
  if (coefficient == -1)
    return negate(value);
  Value factor = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(value.getType(), coefficient));
  Value product = arith::MulFOp::create(b, loc, value, factor);
  return sum ? arith::AddFOp::create(b, loc, sum, product) : product;
}

/// Null for a sum of nothing. Positive units first, as they cost no product.
Value VectorTransform::dot(ArrayRef<double> coefficients, ValueRange values) {
  Value sum;
  for (auto [i, coefficient] : llvm::enumerate(coefficients))
    if (coefficient == 1)
      sum = combine(sum, coefficient, values[i]);
  for (auto [i, coefficient] : llvm::enumerate(coefficients))
    if (coefficient != 1)
      sum = combine(sum, coefficient, values[i]);
  return sum;
}

/// Pattern: a x + a y -> a (x + y), a x - a y -> a (x - y), where that is so in
/// every row for neighbours x, y
void VectorTransform::pairColumns() {
  for (size_t column = 0; column + 1 < inputs.size(); ++column) {
    bool any = false;
    bool opposite = llvm::all_of(matrix, [&](ArrayRef<double> row) {
      any |= row[column] == -row[column + 1] && row[column] != 0;
      return std::abs(row[column]) == std::abs(row[column + 1]);
    });
    if (!opposite || !any)
      continue;
    Value x = inputs[column], y = inputs[column + 1];
    inputs[column] = arith::AddFOp::create(b, loc, x, y);
    inputs[column + 1] = arith::SubFOp::create(b, loc, x, y);
    for (SmallVector<double> &row : matrix) {
      bool isSum = row[column] == row[column + 1];
      row[column + 1] = isSum ? 0 : row[column];
      row[column] = isSum ? row[column] : 0;
    }
    ++column;
  }
}

/// Pattern: (e + o, e - o) -> e and o once, where rows differ in the sign of
/// the columns of o
bool VectorTransform::buildRowPair(int64_t row) {
  if (row + 1 >= static_cast<int64_t>(results.size()))
    return false;
  SmallVector<double> even(inputs.size(), 0), odd(inputs.size(), 0);
  for (size_t i = 0; i < inputs.size(); ++i) {
    double a = matrix[row][i], b = matrix[row + 1][i];
    if (a != b && a != -b)
      return false;
    (a == b ? even : odd)[i] = a;
  }
  Value e = dot(even, inputs), o = dot(odd, inputs);
  if (!e || !o)
    return false;
  results[row] = arith::AddFOp::create(b, loc, e, o);
  results[row + 1] = arith::SubFOp::create(b, loc, e, o);
  return true;
}

void VectorTransform::buildRow(int64_t row) {
  results[row] = dot(matrix[row], inputs);
}

SmallVector<Value> VectorTransform::build() {
  pairColumns();
  for (int64_t row = 0, end = results.size(); row < end; ++row) {
    if (buildRowPair(row))
      ++row;
    else
      buildRow(row);
  }
  return results;
}

static ScalarTile transpose(const ScalarTile &tile) {
  ScalarTile result(tile.front().size());
  for (const auto &row : tile)
    for (auto [column, value] : llvm::enumerate(row))
      result[column].push_back(value);
  return result;
}

/// `matrix` * every row of `tile`.
static ScalarTile transformRows(OpBuilder &builder, Location loc,
                                const Matrix &matrix, const ScalarTile &tile,
                                int64_t count) {
  return llvm::map_to_vector(tile, [&](const SmallVector<Value> &row) {
    return VectorTransform(builder, loc, matrix, row, count).build();
  });
}

ScalarTile cameo::buildTileTransform(OpBuilder &builder, Location loc,
                                     const Matrix &matrix,
                                     const ScalarTile &tile, int64_t rows,
                                     int64_t columns) {
  ScalarTile half = transformRows(builder, loc, matrix, tile, columns);
  return transpose(transformRows(builder, loc, matrix, transpose(half), rows));
}

AffineMap cameo::pointMap(Builder &builder, int64_t point) {
  return AffineMap::get(
      3, 0,
      {builder.getAffineConstantExpr(point), builder.getAffineDimExpr(0),
       builder.getAffineDimExpr(1), builder.getAffineDimExpr(2)},
      builder.getContext());
}

ScalarTile cameo::tileOf(ValueRange args, int64_t points) {
  ScalarTile tile;
  for (int64_t row = 0; row < points; ++row)
    tile.emplace_back(args.slice(row * points, points));
  return tile;
}
