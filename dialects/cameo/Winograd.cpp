//===- Winograd.cpp - Minimal filtering algorithms ------------------------===//

#include "dialects/cameo/Winograd.h"

#include "llvm/ADT/STLExtras.h"

using namespace cameo;

bool cameo::isWinogradTile(int64_t tile) {
  return tile == 2 || tile == 4 || tile == 6;
}

/// Coefficients, lowest first, of the product of (x - p) over `points` but the
/// one at `left`.
static llvm::SmallVector<double> multiplyOut(llvm::ArrayRef<double> points,
                                             size_t left) {
  llvm::SmallVector<double> product = {1};
  for (auto [i, point] : llvm::enumerate(points)) {
    if (i == left)
      continue;
    product.push_back(0);
    for (size_t k = product.size(); k-- > 0;)
      product[k] = (k > 0 ? product[k - 1] : 0) - point * product[k];
  }
  return product;
}

static double evaluate(llvm::ArrayRef<double> polynomial, double x) {
  double value = 0;
  for (double coefficient : llvm::reverse(polynomial))
    value = value * x + coefficient;
  return value;
}

/// The finite points; the last one is infinity. Opposite points share half of
/// their work, and all powers used are exact. For tiles of 4, these points
/// round half as much as 0, 1, -1, 2, -2 (measured against f64).
static llvm::SmallVector<double> getPoints(int64_t tile) {
  if (tile == 2)
    return {0, 1, -1};
  if (tile == 4)
    return {0, 0.625, -0.625, 1.5, -1.5};
  return {0, 1, -1, 2, -2, 0.5, -0.5};
}

WinogradMatrices cameo::getWinogradMatrices(int64_t tile) {
  int64_t count = winogradPoints(tile);
  llvm::SmallVector<double> points = getPoints(tile);
  WinogradMatrices result;
  result.output.assign(tile, {});
  for (auto [j, point] : llvm::enumerate(points)) {
    llvm::SmallVector<double> row = multiplyOut(points, j);
    double scale = evaluate(row, point);
    row.resize(count, 0);
    result.input.push_back(row);
    double power = 1;
    result.filter.emplace_back();
    for (int64_t k = 0; k < kWinogradFilter; ++k, power *= point)
      result.filter.back().push_back(power / scale);
    power = 1;
    for (int64_t i = 0; i < tile; ++i, power *= point)
      result.output[i].push_back(power);
  }
  result.input.push_back(multiplyOut(points, points.size()));
  result.filter.push_back({0, 0, 1});
  for (int64_t i = 0; i < tile; ++i)
    result.output[i].push_back(i == tile - 1);
  return result;
}
