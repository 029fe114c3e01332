//===- Indexing.cpp - Import of data movement by index tensors -----------===//
//
// Constant indices are checked here, so that kernels need not do it.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Chain.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

/// Indices, and whether they are known to be in [0, extent).
struct Indices {
  Value value;
  bool inBounds = false;
};

/// Input `i` as indices in [-extents[c], extents[c]), where c counts the
/// elements of the last dimension (one extent: all are alike). Constant ones
/// are checked and made non-negative.
static FailureOr<Indices> getIndices(OpImporter &n, unsigned i,
                                     ArrayRef<int64_t> extents) {
  Value input = n.input(i);
  DenseElementsAttr dense;
  if (!matchPattern(input, m_Constant(&dense)) ||
      !isa<IntegerType>(dense.getElementType()))
    return Indices{input};
  SmallVector<APInt> values;
  for (auto [at, value] : llvm::enumerate(dense.getValues<APInt>())) {
    int64_t extent = extents[at % extents.size()], index = value.getSExtValue();
    if (index < -extent || index >= extent)
      return n.unsupported("index " + Twine(index) +
                               " into a dimension of extent " + Twine(extent),
                           "give indices in [-extent, extent)");
    values.push_back(
        APInt(value.getBitWidth(), index < 0 ? index + extent : index));
  }
  return Indices{n.constant(DenseElementsAttr::get(dense.getType(), values)),
                 true};
}

static ImportResult importGather(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<int64_t> axis = n.axis("axis", 0, type.getRank());
  if (failed(axis))
    return failure();
  FailureOr<Indices> indices = getIndices(n, 1, type.getDimSize(*axis));
  if (failed(indices))
    return failure();
  return n.build<GatherOp>(n.input(0), indices->value, *axis,
                           indices->inBounds);
}

void cameo::registerIndexing(OpRegistry &registry) {
  registry.add("Gather", importGather, 2);
}
