//===- OpenResize.cpp - Resizing by factors known at run time -------------===//
//
// Coordinates are computed from the actual extents, a dimension at a time:
// elements beside each are gathered and weighted.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/OpenResize.h"

using namespace mlir;
using namespace cameo;

namespace {
/// One dimension of a tensor.
class OpenResizer {
public:
  OpenResizer(OpImporter &n, const OpenResize &how)
      : n(n), extents(n.extents()), how(how), f64(n.builder().getF64Type()),
        i64(n.builder().getI64Type()) {}

  MaybeValue run(Value x);

private:
  MaybeValue number(AffineExpr expr) {
    return chainCast(n, extents.materialize(n.loc(), expr), f64);
  }
  Value real(double value) { return n.splat(f64, value); }
  /// The factor from `in` to `out`.
  MaybeValue buildScale();
  /// The coordinate in the operand of every element of the result.
  MaybeValue buildCoordinates();
  MaybeValue alignCorners(MaybeValue index, MaybeValue scale);
  /// The elements at coordinates that are whole numbers.
  MaybeValue pick(Value x, MaybeValue coordinate);
  MaybeValue pickNearest(Value x, MaybeValue coordinate);
  /// The weight of the element at `distance` after the one before the
  /// coordinate, which is `fraction` behind this.
  MaybeValue buildWeight(MaybeValue fraction, int64_t distance);
  MaybeValue interpolate(Value x, MaybeValue coordinate);

  OpImporter &n;
  Extents &extents;
  const OpenResize &how;
  Type f64, i64;
  AffineExpr in;
};
} // namespace

MaybeValue OpenResizer::buildScale() {
  if (how.scale != 0)
    return real(how.scale);
  return chain<DivOp>(n, number(how.out), number(in));
}

/// The first and the last elements of both stand in the same places.
MaybeValue OpenResizer::alignCorners(MaybeValue index, MaybeValue scale) {
  MaybeValue one = real(1);
  MaybeValue length = number(how.out);
  if (how.scale != 0)
    length = chain<MulOp>(n, scale, number(in));
  MaybeValue last = chain<SubOp>(n, length, one);
  MaybeValue isOne = chain<EqualOp>(n, last, real(0));
  MaybeValue step = chain<DivOp>(n, chain<SubOp>(n, number(in), one),
                                 chain<WhereOp>(n, isOne, one, last));
  return chain<MulOp>(n, index, chain<WhereOp>(n, isOne, real(0), step));
}

MaybeValue OpenResizer::buildCoordinates() {
  MaybeValue index = chainCast(n, buildCounts(n, how.out), f64);
  MaybeValue scale = buildScale(), half = real(0.5);
  if (how.coordinates == "align_corners")
    return alignCorners(index, scale);
  MaybeValue step = chain<DivOp>(n, real(1), scale);
  MaybeValue scaled = chain<MulOp>(n, index, step);
  if (how.coordinates == "asymmetric")
    return scaled;
  MaybeValue shift = chain<DivOp>(n, half, scale);
  if (how.coordinates == "tf_half_pixel_for_nn")
    return chain<AddOp>(n, scaled, shift);
  shift = chain<SubOp>(n, shift, half);
  if (how.coordinates == "half_pixel_symmetric") {
    MaybeValue span = chain<MulOp>(n, scale, number(in));
    MaybeValue rest =
        chain<SubOp>(n, real(1), chain<DivOp>(n, number(how.out), span));
    MaybeValue centre = chain<MulOp>(n, number(in), half);
    shift = chain<AddOp>(n, shift, chain<MulOp>(n, centre, rest));
  } else if (how.coordinates == "pytorch_half_pixel") {
    // A result of one element is the first one.
    MaybeValue isMore = chain<GreaterOp>(n, number(how.out), real(1));
    shift = chain<WhereOp>(n, isMore, shift, real(0));
  } else if (how.coordinates != "half_pixel") {
    return n.unsupported("coordinate_transformation_mode '" + how.coordinates +
                             "' of bounded extents",
                         "use half_pixel, align_corners or asymmetric");
  }
  return chain<AddOp>(n, scaled, shift);
}

MaybeValue OpenResizer::pick(Value x, MaybeValue coordinate) {
  AffineExpr last =
      extents.greatest(n.loc(), extents.simplify(in - 1), extents.constant(0));
  // NaN of elements beyond the extent is no index.
  MaybeValue clamped = chain<MaxOp>(n, coordinate, real(0));
  clamped = chain<MinOp>(n, clamped, number(last));
  MaybeValue isNumber = chain<EqualOp>(n, clamped, clamped);
  clamped = chain<WhereOp>(n, isNumber, clamped, real(0));
  return gatherOpen(n, x, how.dim, chainCast(n, clamped, i64), how.out);
}

/// Coordinates within 1e-9 of a whole number count as that number.
static MaybeValue snap(OpImporter &n, MaybeValue coordinate, Value distance) {
  MaybeValue whole = chain<RoundOp>(n, coordinate);
  MaybeValue isNear = chain<LessOp>(
      n, chain<AbsOp>(n, chain<SubOp>(n, coordinate, whole)), distance);
  return chain<WhereOp>(n, isNear, whole, coordinate);
}

MaybeValue OpenResizer::pickNearest(Value x, MaybeValue coordinate) {
  if (how.rounding == "round_prefer_floor")
    coordinate = chain<SubOp>(n, coordinate, real(0.5));
  else if (how.rounding == "round_prefer_ceil")
    coordinate = chain<AddOp>(n, coordinate, real(0.5));
  coordinate = snap(n, coordinate, real(1e-9));
  bool isUp = how.rounding == "ceil" || how.rounding == "round_prefer_floor";
  return pick(x, isUp ? chain<CeilOp>(n, coordinate)
                      : chain<FloorOp>(n, coordinate));
}

MaybeValue OpenResizer::buildWeight(MaybeValue fraction, int64_t distance) {
  MaybeValue one = real(1);
  MaybeValue far = chain<AbsOp>(
      n, chain<SubOp>(n, fraction, real(static_cast<double>(distance))));
  if (!how.cubic)
    return chain<SubOp>(n, one, far);
  // ((a + 2) d - (a + 3)) d^2 + 1 within one, ((a d - 5 a) d + 8 a) d - 4 a
  // beyond.
  double a = how.cubicA;
  auto times = [&](MaybeValue x, MaybeValue y) {
    return chain<MulOp>(n, x, y);
  };
  auto plus = [&](MaybeValue x, double y) {
    return chain<AddOp>(n, x, real(y));
  };
  if (distance == 0 || distance == 1) {
    MaybeValue inner = plus(times(real(a + 2), far), -(a + 3));
    return plus(times(inner, times(far, far)), 1);
  }
  MaybeValue outer = plus(times(real(a), far), -5 * a);
  outer = plus(times(outer, far), 8 * a);
  return plus(times(outer, far), -4 * a);
}

MaybeValue OpenResizer::interpolate(Value x, MaybeValue coordinate) {
  SmallVector<int64_t> shape(typeOf(x).getRank(), 1);
  shape[how.dim] = extents.getRange(how.out).high;
  Type type = typeOf(x).getElementType();
  MaybeValue before = chain<FloorOp>(n, coordinate);
  MaybeValue fraction = chain<SubOp>(n, coordinate, before);
  MaybeValue sum;
  int64_t first = how.cubic ? -1 : 0, last = how.cubic ? 2 : 1;
  for (int64_t tap = first; tap <= last; ++tap) {
    MaybeValue elements =
        pick(x, chain<AddOp>(n, before, real(static_cast<double>(tap))));
    MaybeValue weight = chainCast(n, buildWeight(fraction, tap), type);
    weight = chainReshape(n, weight, shape);
    if (failed(elements) || failed(weight))
      return failure();
    // Weights beyond the extent are any.
    MaybeValue product =
        n.withExtents<MulOp>(extents.getExtents(*elements), *elements, *weight);
    sum = tap == first ? product : chain<AddOp>(n, sum, product);
  }
  return sum;
}

MaybeValue OpenResizer::run(Value x) {
  in = extents.getExtent(x, how.dim);
  MaybeValue coordinate = buildCoordinates();
  return how.rounding.empty() ? interpolate(x, coordinate)
                              : pickNearest(x, coordinate);
}

MaybeValue cameo::resizeOpen(OpImporter &n, Value x, const OpenResize &how) {
  return OpenResizer(n, how).run(x);
}
