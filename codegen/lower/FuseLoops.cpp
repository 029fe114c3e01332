//===- FuseLoops.cpp - One loop over rows where several follow ------------===//
//
// A row that one loop wrote is still in the first cache when the next reads it,
// if both are one loop. Short rows are there anyway, and run faster one
// operation after the other, since steps of one row wait for each other.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_FUSELOOPS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct FuseLoopsPass : cameo::impl::FuseLoopsBase<FuseLoopsPass> {
  using FuseLoopsBase::FuseLoopsBase;
  void runOnOperation() override;
};

/// One access to memory; `rows` are the positions at which the loop's induction
/// variable is the index.
struct RowAccess {
  Value buffer;
  SmallVector<int64_t> rows;
  bool writes;
};
} // namespace

/// The access of an operation that reads or writes elements or vectors of them.
static std::optional<RowAccess> matchAccess(Operation *op, Value row) {
  RowAccess access;
  OperandRange indices(nullptr, 0);
  Type type;
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    access = {load.getMemRef(), {}, false};
    indices = load.getIndices(), type = load.getType();
  } else if (auto load = dyn_cast<vector::LoadOp>(op)) {
    access = {load.getBase(), {}, false};
    indices = load.getIndices(), type = load.getType();
  } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
    access = {store.getMemRef(), {}, true};
    indices = store.getIndices(), type = store.getValueToStore().getType();
  } else if (auto store = dyn_cast<vector::StoreOp>(op)) {
    access = {store.getBase(), {}, true};
    indices = store.getIndices(), type = store.getValueToStore().getType();
  } else {
    return std::nullopt;
  }
  // A vector reaches beyond its index in the last position.
  int64_t last =
      isa<VectorType>(type) ? static_cast<int64_t>(indices.size()) - 1 : -1;
  for (auto [position, index] : llvm::enumerate(indices))
    if (index == row && static_cast<int64_t>(position) != last)
      access.rows.push_back(position);
  return access;
}

/// All accesses of a loop; none when it has other effects.
static std::optional<SmallVector<RowAccess>> findAccesses(scf::ForOp loop) {
  SmallVector<RowAccess> accesses;
  WalkResult result = loop.getBody()->walk([&](Operation *op) {
    if (isMemoryEffectFree(op) ||
        op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      return WalkResult::advance();
    std::optional<RowAccess> access = matchAccess(op, loop.getInductionVar());
    if (!access)
      return WalkResult::interrupt();
    accesses.push_back(*access);
    return WalkResult::advance();
  });
  return result.wasInterrupted() ? std::nullopt : std::optional(accesses);
}

/// Whether what the two loops have in common, if one writes it, is accessed by
/// each iteration in its own row only.
static bool keepsRowsApart(ArrayRef<RowAccess> first,
                           ArrayRef<RowAccess> second) {
  auto touches = [](ArrayRef<RowAccess> accesses, Value base) {
    return llvm::any_of(accesses, [&](const RowAccess &access) {
      return baseOf(access.buffer) == base;
    });
  };
  SmallVector<RowAccess> all(first);
  llvm::append_range(all, second);
  for (const RowAccess &write : all) {
    Value base = baseOf(write.buffer);
    if (!write.writes || !touches(first, base) || !touches(second, base))
      continue;
    SmallVector<int64_t> common = write.rows;
    for (const RowAccess &other : all) {
      if (baseOf(other.buffer) != base)
        continue;
      if (other.buffer != write.buffer)
        return false;
      llvm::erase_if(common, [&](int64_t position) {
        return !llvm::is_contained(other.rows, position);
      });
    }
    if (common.empty())
      return false;
  }
  return true;
}

/// Bytes of the largest buffer that both loops access.
static int64_t sharedBytes(ArrayRef<RowAccess> first,
                           ArrayRef<RowAccess> second) {
  int64_t most = 0;
  for (const RowAccess &access : first) {
    auto type = cast<MemRefType>(access.buffer.getType());
    bool isShared = llvm::any_of(second, [&](const RowAccess &other) {
      return other.buffer == access.buffer;
    });
    if (isShared && type.hasStaticShape() && !type.getElementType().isIndex())
      most = std::max<int64_t>(most, type.getNumElements() *
                                         type.getElementTypeBitWidth() / 8);
  }
  return most;
}

static bool isSameRange(scf::ForOp first, scf::ForOp second) {
  auto isEqual = [](Value a, Value b) {
    std::optional<int64_t> constant = getConstantIntValue(a);
    return a == b || (constant && constant == getConstantIntValue(b));
  };
  return first.getNumResults() == 0 && second.getNumResults() == 0 &&
         isEqual(first.getLowerBound(), second.getLowerBound()) &&
         isEqual(first.getUpperBound(), second.getUpperBound()) &&
         isEqual(first.getStep(), second.getStep());
}

/// Moves the body of `first` into `second`, before what is there.
static void fuse(RewriterBase &rewriter, scf::ForOp first, scf::ForOp second) {
  rewriter.eraseOp(first.getBody()->getTerminator());
  rewriter.inlineBlockBefore(first.getBody(), second.getBody(),
                             second.getBody()->begin(),
                             second.getInductionVar());
  rewriter.eraseOp(first);
}

void FuseLoopsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  IRRewriter rewriter(&getContext());
  function.walk([&](Block *block) {
    scf::ForOp last; // Nothing but pure operations has come since.
    for (Operation &op : llvm::make_early_inc_range(*block)) {
      auto loop = dyn_cast<scf::ForOp>(op);
      if (!loop) {
        if (!isMemoryEffectFree(&op))
          last = nullptr;
        continue;
      }
      if (last && isSameRange(last, loop)) {
        auto before = findAccesses(last), after = findAccesses(loop);
        if (before && after && sharedBytes(*before, *after) >= minBytes &&
            keepsRowsApart(*before, *after)) {
          fuse(rewriter, last, loop);
          ++numFused;
        }
      }
      last = loop;
    }
  });
}
