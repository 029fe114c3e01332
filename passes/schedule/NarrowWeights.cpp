//===- NarrowWeights.cpp - Store weights of products in fewer bits --------===//
//
// Products with few rows take as long as reading their weights. Those of half
// the bits or a quarter are read in half the time or a quarter; products widen
// them in registers and compute in f32.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/ElementTypes.h"
#include "passes/Passes.h"
#include "passes/schedule/PackedFloats.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_NARROWWEIGHTS
#include "passes/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct NarrowWeightsPass : cameo::impl::NarrowWeightsBase<NarrowWeightsPass> {
  using NarrowWeightsBase::NarrowWeightsBase;
  void runOnOperation() override;

private:
  bool canNarrow(MatMulOp product, Type type) const;
  void round(MatMulOp product, Type type);
  void quantize(MatMulOp product);
};

/// Builds operators that constant folding evaluates.
struct WeightBuilder {
  OpBuilder b;
  Location loc;

  Value scalar(float value) {
    auto type = RankedTensorType::get({}, b.getF32Type());
    return ConstantOp::create(b, loc, DenseElementsAttr::get(type, value));
  }
  Value cast(Value x, Type type) { return CastOp::create(b, loc, x, type); }
};
} // namespace

/// The largest magnitude of a constant; infinite when an element is not finite,
/// none when its elements cannot be read.
static std::optional<float> largestMagnitude(ElementsAttr values) {
  float largest = 0;
  auto add = [&](float value) {
    largest = std::isfinite(value) ? std::max(largest, std::abs(value))
                                   : std::numeric_limits<float>::infinity();
    return std::isfinite(value);
  };
  std::optional<ArrayRef<float>> array = readFloats(values);
  if (!array)
    return std::nullopt;
  (void)llvm::all_of(*array, add);
  return largest;
}

/// Whether the second operand is a constant matrix, large enough to matter,
/// whose values the type can hold.
bool NarrowWeightsPass::canNarrow(MatMulOp product, Type type) const {
  auto matrix = cast<RankedTensorType>(product.getB().getType());
  auto constant = product.getB().getDefiningOp<ConstantOp>();
  if (!constant || matrix.getRank() != 2 || !matrix.getElementType().isF32() ||
      matrix.getNumElements() < leastElements)
    return false;
  if (type.isBF16())
    return true;
  float most = type.isF16() ? 65504 : std::numeric_limits<float>::max();
  std::optional<float> largest = largestMagnitude(constant.getValue());
  return largest && *largest <= most;
}

// Pattern: matmul(x, w) -> matmul(x, cast(w))
void NarrowWeightsPass::round(MatMulOp product, Type type) {
  WeightBuilder weights{OpBuilder(product), product.getB().getLoc()};
  product.getBMutable().assign(weights.cast(product.getB(), type));
}

// Pattern: matmul(x, w) -> matmul(x, q) * s, with w ~ q * s and s one per
// column
void NarrowWeightsPass::quantize(MatMulOp product) {
  constexpr float kMost = 127, kLeastScale = 1e-30f;
  WeightBuilder weights{OpBuilder(product), product.getB().getLoc()};
  OpBuilder &b = weights.b;
  Location loc = weights.loc;
  Value w = product.getB();
  int64_t depth = product.getTransposeB() ? 1 : 0;
  Value largest =
      ReduceMaxOp::create(b, loc, AbsOp::create(b, loc, w),
                          ArrayRef<int64_t>{depth}, /*keepdims=*/true);
  Value scale = MaxOp::create(
      b, loc, MulOp::create(b, loc, largest, weights.scalar(1 / kMost)),
      weights.scalar(kLeastScale));
  Value numbers = RoundOp::create(b, loc, DivOp::create(b, loc, w, scale));
  product.getBMutable().assign(weights.cast(numbers, b.getI8Type()));
  int64_t columns = product.getType().getShape().back();
  Value perColumn =
      ReshapeOp::create(b, loc, scale, ArrayRef<int64_t>{columns});
  b.setInsertionPointAfter(product);
  auto scaled =
      MulOp::create(b, product.getLoc(), product.getResult(), perColumn);
  product.getResult().replaceAllUsesExcept(scaled.getResult(), scaled);
}

void NarrowWeightsPass::runOnOperation() {
  Builder builder(&getContext());
  Type narrow = type == "bf16"   ? Type(builder.getBF16Type())
                : type == "f16"  ? Type(builder.getF16Type())
                : type == "int8" ? Type(builder.getI8Type())
                                 : Type();
  if (!narrow)
    return;
  SmallVector<MatMulOp> products;
  getOperation().walk([&](MatMulOp product) { products.push_back(product); });
  for (MatMulOp product : products) {
    if (!canNarrow(product, narrow))
      continue;
    if (narrow.isInteger())
      quantize(product);
    else
      round(product, narrow);
    ++numNarrowed;
  }
}
