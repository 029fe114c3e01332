//===- Pooling.cpp - Import of pools --------------------------------------===//

#include "compiler/import/ops/Windows.h"

using namespace mlir;
using namespace cameo;

namespace {
/// What is pooled, and how.
struct Pool {
  Value x;
  WindowAttrs windows;
};
} // namespace

/// Reads a pool; `filling` is what padding may be filled with.
static FailureOr<Pool> readPool(OpImporter &n,
                                std::optional<Neutral> filling = {}) {
  RankedTensorType x = typeOf(n.input(0));
  SmallVector<int64_t> kernel = n.intsAttr("kernel_shape", {});
  if (x.getRank() < 3 || static_cast<int64_t>(kernel.size()) != x.getRank() - 2)
    return n.unsupported("kernel_shape has " + Twine(kernel.size()) +
                             " entries for a tensor of rank " +
                             Twine(x.getRank()),
                         "give one per spatial dimension");
  FailureOr<WindowAttrs> windows = readWindows(n, kernel);
  if (failed(windows))
    return failure();
  MaybeValue padded = resolveAutoPad(n, n.input(0), *windows, filling);
  if (failed(padded))
    return failure();
  return Pool{*padded, *windows};
}

static bool getCeilMode(OpImporter &n) {
  return n.intAttr("ceil_mode", 0) != 0;
}

static ImportResult importMaxPool(OpImporter &n) {
  bool hasIndices = n.hasOutput(1);
  FailureOr<Pool> pool =
      readPool(n, hasIndices ? std::nullopt : std::optional(Neutral::Lowest));
  if (failed(pool))
    return failure();
  const WindowAttrs &windows = pool->windows;
  if (!hasIndices)
    return n.build<MaxPoolOp>(pool->x, windows.kernel, windows.strides,
                              windows.dilations, windows.pads, getCeilMode(n));
  // The first null type is that of the values, this one that of the indices.
  MaybeValue max = n.value<MaxPoolIndicesOp>(
      Type(), pool->x, windows.kernel, windows.strides, windows.dilations,
      windows.pads, getCeilMode(n), n.intAttr("storage_order", 0) != 0);
  if (failed(max))
    return failure();
  return llvm::to_vector_of<Value>(max->getDefiningOp()->getResults());
}

static ImportResult importAveragePool(OpImporter &n) {
  FailureOr<Pool> pool = readPool(n);
  if (failed(pool))
    return failure();
  const WindowAttrs &windows = pool->windows;
  return n.build<AvgPoolOp>(pool->x, windows.kernel, windows.strides,
                            windows.dilations, windows.pads, getCeilMode(n),
                            n.intAttr("count_include_pad", 0) != 0);
}

/// The exponent of a norm.
static FailureOr<int64_t> getExponent(OpImporter &n) {
  int64_t p = n.intAttr("p", 2);
  if (p < 1)
    return n.unsupported("p = " + Twine(p), "use a positive p");
  return p;
}

static ImportResult importLpPool(OpImporter &n) {
  FailureOr<Pool> pool = readPool(n, Neutral::Zero);
  FailureOr<int64_t> p = getExponent(n);
  if (failed(pool) || failed(p))
    return failure();
  const WindowAttrs &windows = pool->windows;
  return n.build<LpPoolOp>(pool->x, windows.kernel, windows.strides,
                           windows.dilations, windows.pads, getCeilMode(n), *p);
}

/// The spatial dimensions of the first input.
static SmallVector<int64_t> getSpatialAxes(OpImporter &n) {
  return llvm::to_vector(
      llvm::seq<int64_t>(std::min<int64_t>(2, typeOf(n.input(0)).getRank()),
                         typeOf(n.input(0)).getRank()));
}

template <typename Op> static ImportResult importGlobalPool(OpImporter &n) {
  return n.build<Op>(n.input(0), getSpatialAxes(n), /*keepdims=*/true);
}

static ImportResult importGlobalLpPool(OpImporter &n) {
  FailureOr<int64_t> p = getExponent(n);
  if (failed(p))
    return failure();
  if (*p == 2)
    return importGlobalPool<ReduceL2Op>(n);
  if (*p == 1)
    return importGlobalPool<ReduceL1Op>(n);
  RankedTensorType x = typeOf(n.input(0));
  if (n.extents().isOpen(n.input(0)))
    return n.unsupported("p = " + Twine(*p) + " over bounded extents",
                         "use p = 1 or 2");
  SmallVector<int64_t> ones(x.getRank() - 2, 1), none(2 * ones.size(), 0);
  return n.build<LpPoolOp>(n.input(0), x.getShape().drop_front(2), ones, ones,
                           none,
                           /*ceil_mode=*/false, *p);
}

void cameo::registerPooling(OpRegistry &registry) {
  registry.add("MaxPool", 1, "number", importMaxPool);
  registry.add("AveragePool", 1, "float", importAveragePool);
  registry.add("LpPool", 2, "float", importLpPool);
  registry.add("GlobalAveragePool", 1, "float", importGlobalPool<ReduceMeanOp>);
  registry.add("GlobalMaxPool", 1, "float", importGlobalPool<ReduceMaxOp>);
  registry.add("GlobalLpPool", 2, "float", importGlobalLpPool);
  registry.allowOpenDims({"MaxPool", "AveragePool", "LpPool",
                          "GlobalAveragePool", "GlobalLpPool",
                          "GlobalMaxPool"});
}
