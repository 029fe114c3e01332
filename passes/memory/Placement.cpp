//===- Placement.cpp - Offsets of buffers in one arena --------------------===//

#include "passes/memory/Placement.h"

#include "llvm/ADT/STLExtras.h"

#include <functional>
#include <map>

using namespace cameo;
using llvm::ArrayRef;
using llvm::SmallVector;

/// Puts ranges, one after the other, at the lowest offset where none that is
/// live at the same time stands; returns the end of the last.
static int64_t placeInOrder(ArrayRef<LiveRange *> order, int64_t start) {
  int64_t end = start;
  SmallVector<LiveRange *> placed; // Sorted by position.
  for (LiveRange *range : order) {
    int64_t position = start;
    for (LiveRange *other : placed) {
      if (other->last < range->first || range->last < other->first)
        continue;
      if (other->position >= position + range->bytes)
        break;
      position = std::max(position, other->position + other->bytes);
    }
    range->position = position;
    end = std::max(end, position + range->bytes);
    placed.insert(llvm::upper_bound(placed, range,
                                    [](LiveRange *a, LiveRange *b) {
                                      return a->position < b->position;
                                    }),
                  range);
  }
  return end;
}

/// The launch with the most bytes live, and these.
static std::pair<int64_t, int64_t> findPeak(ArrayRef<LiveRange *> ranges,
                                            int64_t start) {
  std::map<int64_t, int64_t> change;
  for (LiveRange *range : ranges) {
    change[range->first] += range->bytes;
    change[range->last + 1] -= range->bytes;
  }
  std::pair<int64_t, int64_t> peak = {0, start};
  int64_t live = start;
  for (auto [launch, bytes] : change)
    if ((live += bytes) > peak.second)
      peak = {launch, live};
  return peak;
}

/// Greedy: the largest ranges first; where that leaves gaps, the best of that,
/// those of the fullest moment first, and those that live longest first.
std::pair<int64_t, int64_t> cameo::placeRanges(ArrayRef<LiveRange *> ranges,
                                               int64_t start) {
  auto [peak, live] = findPeak(ranges, start);
  auto atPeak = [peak = peak](LiveRange *range) {
    return range->first <= peak && peak <= range->last;
  };
  auto lengthOf = [](LiveRange *range) { return range->last - range->first; };
  using Key = std::tuple<int64_t, int64_t, int64_t, int64_t>;
  std::function<Key(LiveRange *)> keys[] = {
      [](LiveRange *x) { return Key(0, -x->bytes, x->first, x->last); },
      [&](LiveRange *x) {
        return Key(!atPeak(x), -x->bytes, x->first, x->last);
      },
      [&](LiveRange *x) { return Key(-lengthOf(x), -x->bytes, x->first, 0); },
      [&](LiveRange *x) {
        return Key(!atPeak(x), -lengthOf(x), -x->bytes, x->first);
      }};
  SmallVector<LiveRange *> order(ranges), best;
  int64_t end = start;
  for (const auto &key : keys) {
    if (!best.empty() && end == live)
      break;
    llvm::sort(order,
               [&](LiveRange *a, LiveRange *b) { return key(a) < key(b); });
    int64_t thisEnd = placeInOrder(order, start);
    if (!best.empty() && thisEnd >= end)
      continue;
    end = thisEnd;
    best = order;
  }
  return {placeInOrder(best, start), live};
}
