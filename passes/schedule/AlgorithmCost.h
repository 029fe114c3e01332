//===- AlgorithmCost.h - Estimates of how long algorithms take --*- C++ -*-===//
//
// In cycles of a core with two multiply-adds per cycle.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_PASSES_SCHEDULE_ALGORITHMCOST_H
#define CAMEO_PASSES_SCHEDULE_ALGORITHMCOST_H

#include "dialects/cameo/Cameo.h"

namespace cameo {

/// What a convolution costs; a product of matrices is one of 1x1, whose rows
/// are pixels and whose columns are filters.
struct AlgorithmCost {
  double channels, filters, images, rows, columns, taps, lanes;
  int64_t stride;
  double filterRate; // Bytes per step from where filters are.

  double direct() const;
  /// By minimal filtering with tiles of `tile` x `tile`.
  double winograd(int64_t tile) const;
  double fastWinograd(int64_t tile) const;
  /// By fast inner products.
  double pairs() const;
  /// A product of few rows, which waits for its matrix of numbers of `bits`.
  double fewRows(int64_t bits) const;

private:
  double withFilters(double cycles, double points) const;
  double ofTiles(int64_t tile, double perProduct, double sums) const;
  double products() const;
};

/// Rows of the result of a product, all matrices of the left side together.
int64_t rowsOf(MatMulOp product);

AlgorithmCost costOf(ConvOp conv, int64_t lanes, int64_t filterRate);
AlgorithmCost costOf(MatMulOp product, int64_t lanes, int64_t filterRate);

} // namespace cameo

#endif // CAMEO_PASSES_SCHEDULE_ALGORITHMCOST_H
