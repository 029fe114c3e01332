//===- AlgorithmCost.cpp - Estimates of how long algorithms take ----------===//

#include "passes/schedule/AlgorithmCost.h"

#include "dialects/cameo/FastProduct.h"
#include "dialects/cameo/Shapes.h"
#include "dialects/cameo/Winograd.h"

#include <cmath>

using namespace mlir;
using namespace cameo;

/// What takes `cycles`, and reads filters of so many points once. Most of what
/// is shorter hides behind the other.
double AlgorithmCost::withFilters(double cycles, double points) const {
  constexpr double kShown = 0.3;
  double reading = 4 * channels * filters * points / filterRate;
  return std::max(cycles, reading) + kShown * std::min(cycles, reading);
}

double AlgorithmCost::products() const {
  return channels * filters * images * rows * columns * taps / (2 * lanes);
}

double AlgorithmCost::direct() const { return withFilters(products(), taps); }

double AlgorithmCost::winograd(int64_t tile) const {
  return ofTiles(tile, /*perProduct=*/1, /*sums=*/0);
}

/// The input's squares are summed, with two more rows per tile, and pairs of
/// channels are, per point.
double AlgorithmCost::fastWinograd(int64_t tile) const {
  double points = std::pow(winogradPoints(tile, stride), 2);
  double tiles = images * std::ceil(rows / tile) * std::ceil(columns / tile);
  double sums =
      (2.5 * points * tiles + 3 * images * rows * columns) * channels / lanes;
  return ofTiles(tile, kPairCost, sums);
}

/// Products of tiles in all points, and `sums`.
double AlgorithmCost::ofTiles(int64_t tile, double perProduct,
                              double sums) const {
  double points = std::pow(winogradPoints(tile, stride), 2);
  double planes = std::pow(winogradPlanes(tile), 2);
  double tiles = images * std::ceil(rows / tile) * std::ceil(columns / tile);
  double products = points * tiles * channels * filters / (2 * lanes);
  // Loads, stores and additions of the transforms, about three per point in
  // and out.
  double transforms = tiles * points * 3 * (channels + filters) / lanes;
  return withFilters(perProduct * products + transforms + sums, planes);
}

/// Scaling takes about four steps per pixel and block of channels, and there is
/// more around it. Blocks of filters are taken by twos; the last one of an odd
/// number waits for loads.
double AlgorithmCost::pairs() const {
  bool isOdd = std::fmod(std::ceil(filters / lanes), 2) == 1;
  double scaling =
      (isOdd ? 14.5 : 11.5) * images * rows * columns * channels / lanes;
  return withFilters(kPairCost * products() + scaling, taps);
}

/// Few rows wait for the whole matrix, which has fewer bytes in fewer bits.
double AlgorithmCost::fewRows(int64_t bits) const {
  double vectors = channels * filters / lanes;
  // Operations that make f32 of stored words, for which there are two pipes: of
  // 24 bits three per vector and five more for every fourth, of 20 bits one per
  // vector and eleven more for three in eight.
  double widening = bits == 32 ? 0 : bits == 24 ? 17.0 / 8 : 19.0 / 16;
  return std::max(products() + vectors * widening,
                  bits / 8.0 * channels * filters / filterRate);
}

int64_t cameo::rowsOf(MatMulOp product) {
  int64_t columns = product.getType().getShape().back();
  return product.getType().getNumElements() / std::max<int64_t>(columns, 1);
}

AlgorithmCost cameo::costOf(ConvOp conv, int64_t lanes, int64_t filterRate) {
  ArrayRef<int64_t> w = shapeOf(conv.getW()), y = shapeOf(conv.getResult());
  AlgorithmCost cost{
      double(w[1]),  double(w[0]),         double(y[0]),      1, 1, 1,
      double(lanes), conv.getStrides()[0], double(filterRate)};
  // Dimensions before the last two count as rows.
  for (size_t i = 2; i < y.size(); ++i) {
    (i + 1 == y.size() ? cost.columns : cost.rows) *= y[i];
    cost.taps *= w[i];
  }
  return cost;
}

AlgorithmCost cameo::costOf(MatMulOp product, int64_t lanes,
                            int64_t filterRate) {
  return {double(shapeOf(product.getA()).back()),
          double(product.getType().getShape().back()),
          1,
          double(rowsOf(product)),
          1,
          1,
          double(lanes),
          1,
          double(filterRate)};
}
