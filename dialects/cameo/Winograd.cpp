//===- Winograd.cpp - Minimal filtering algorithms ------------------------===//

#include "dialects/cameo/Winograd.h"

#include "llvm/ADT/STLExtras.h"

using namespace cameo;

bool cameo::isWinogradTile(int64_t tile, int64_t stride) {
  if (stride == 1)
    return tile == 2 || tile == 4 || tile == 6;
  return stride == 2 && tile >= 2 && tile <= 4;
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

/// The finite points of F(tile, taps); the last one is infinity. Opposite
/// points share half of their work, and all powers used are exact. For tiles of
/// 4, these points round half as much as 0, 1, -1, 2, -2 (measured against
/// f64).
static llvm::SmallVector<double> getPoints(int64_t tile, int64_t taps) {
  switch (tile + taps) {
  case 4:
    return {1, -1};
  case 5:
    return {0, 1, -1};
  case 6:
    return {0.5, -0.5, 1.5, -1.5};
  case 7:
    return {0, 0.625, -0.625, 1.5, -1.5};
  default:
    return {0, 1, -1, 2, -2, 0.5, -0.5};
  }
}

/// F(tile, taps), step one.
static WinogradMatrices interpolate(int64_t tile, int64_t taps) {
  llvm::SmallVector<double> points = getPoints(tile, taps);
  int64_t count = points.size() + 1;
  WinogradMatrices result;
  result.output.assign(tile, {});
  for (auto [j, point] : llvm::enumerate(points)) {
    llvm::SmallVector<double> row = multiplyOut(points, j);
    double scale = evaluate(row, point);
    row.resize(count, 0);
    result.input.push_back(row);
    double power = 1;
    result.filter.emplace_back();
    for (int64_t k = 0; k < taps; ++k, power *= point)
      result.filter.back().push_back(power / scale);
    power = 1;
    for (int64_t i = 0; i < tile; ++i, power *= point)
      result.output[i].push_back(power);
  }
  result.input.push_back(multiplyOut(points, points.size()));
  result.filter.emplace_back(taps, 0);
  result.filter.back().back() = 1;
  for (int64_t i = 0; i < tile; ++i)
    result.output[i].push_back(i == tile - 1);
  return result;
}

WinogradMatrices cameo::getWinogradMatrices(int64_t tile, int64_t stride) {
  if (stride == 1)
    return interpolate(tile, kWinogradFilter);
  int64_t count = winogradPoints(tile, stride);
  WinogradMatrices even = interpolate(tile, kWinogradFilter - 1), result;
  for (const auto &row : even.input) {
    result.input.emplace_back(count, 0);
    for (auto [i, value] : llvm::enumerate(row))
      result.input.back()[2 * i] = value;
  }
  for (const auto &row : even.filter)
    result.filter.push_back({row[0], 0, row[1]});
  result.filter.push_back({0, 1, 0});
  result.output = even.output;
  for (int64_t i = 0; i < tile; ++i) {
    result.input.emplace_back(count, 0);
    result.input.back()[2 * i + 1] = 1;
    for (int64_t j = 0; j < tile; ++j)
      result.output[i].push_back(i == j);
  }
  return result;
}

llvm::SmallVector<WinogradRange> cameo::getWinogradRanges(int64_t tile,
                                                          int64_t stride) {
  int64_t planes = winogradPlanes(tile);
  if (stride == 1)
    return {{0, planes, 0, false}};
  return {{0, planes - 1, 0, false}, {planes - 1, tile, planes - 1, true}};
}
