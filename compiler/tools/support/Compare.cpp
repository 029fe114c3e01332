// Implements Compare.h.
#include "compiler/tools/support/Compare.h"

#include "compiler/tools/support/Text.h"

#include <cmath>
#include <cstring>

namespace cameo {

/// "[0,2,5]" of the element at `position` in row-major order.
static std::string indexText(uint64_t position,
                             const std::vector<int64_t> &shape) {
  std::string result;
  for (size_t d = shape.size(); d-- > 0;) {
    auto index = static_cast<unsigned long long>(position % shape[d]);
    result = text(result.empty() ? "%llu%s" : "%llu,%s", index, result.c_str());
    position /= shape[d];
  }
  return text("[%s]", result.c_str());
}

/// How far off an element is, in units of its tolerance; above 1 is wrong.
static long double severity(long double got, long double want,
                            Tolerance tolerance) {
  if (got == want || (std::isnan(got) && std::isnan(want)))
    return 0;
  // An infinite `want` would make every finite difference tolerable.
  if (!std::isfinite(got) || !std::isfinite(want))
    return INFINITY;
  long double allowed =
      tolerance.absolute + tolerance.relative * std::fabs(want);
  return allowed > 0 ? std::fabs(got - want) / allowed : INFINITY;
}

/// Strings of the width that the model gives them.
static Comparison compareText(const Tensor &got, const Tensor &want,
                              Tolerance tolerance) {
  Comparison result;
  Tensor padded;
  if (!padded.allocate(want.elementType, want.shape, result.report))
    return result;
  std::memcpy(padded.data.get(), want.data.get(), want.bytes);
  if (!got.shape.empty() &&
      !resizeText(padded, got.shape.back(), result.report))
    return result;
  return compareTensors(got, padded, tolerance);
}

Comparison compareTensors(const Tensor &got, const Tensor &want,
                          Tolerance tolerance) {
  if (want.isText)
    return compareText(got, want, tolerance);
  Comparison result;
  if (got.elementType != want.elementType || got.shape != want.shape) {
    result.report = text("got %s, wanted %s", got.describe().c_str(),
                         want.describe().c_str());
    return result;
  }
  long double worst = 0;
  uint64_t count = got.count();
  for (uint64_t i = 0; i < count; ++i) {
    long double s = severity(got.element(i), want.element(i), tolerance);
    result.wrong += s > 1;
    if (s <= worst)
      continue;
    worst = s;
    result.worstIndex = i;
  }
  result.equal = result.wrong == 0;
  if (worst == 0) {
    result.report = "exactly equal";
    return result;
  }
  long double g = got.element(result.worstIndex);
  long double w = want.element(result.worstIndex);
  result.worstError = std::fabs(g - w);
  std::string where = text("worst at %s: got %.9Lg, wanted %.9Lg, error %.3g",
                           indexText(result.worstIndex, got.shape).c_str(), g,
                           w, result.worstError);
  result.report =
      result.equal
          ? where
          : text("%llu of %llu elements differ; %s",
                 static_cast<unsigned long long>(result.wrong),
                 static_cast<unsigned long long>(count), where.c_str());
  return result;
}

} // namespace cameo
