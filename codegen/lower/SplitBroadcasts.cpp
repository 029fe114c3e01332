//===- SplitBroadcasts.cpp - Broadcasts that instructions read ------------===//
//
// Where vectors are wider than the pipes, a broadcast to a register takes an
// operation's time of a pipe, but one that an instruction reads itself, as an
// operand in memory, takes none. A value that several additions read, in loops
// that keep all pipes busy, is therefore read anew for each of them.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "codegen/lower/TileBuilder.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_SPLITBROADCASTS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct SplitBroadcastsPass
    : cameo::impl::SplitBroadcastsBase<SplitBroadcastsPass> {
  void runOnOperation() override;
};

/// An addition that reads a broadcast which others read as well.
struct Reader {
  OpOperand *operand;
  vector::BroadcastOp broadcast;
  memref::LoadOp load;
  int64_t copy; // Which of the readers of the broadcast it is, from 1 on.
};
} // namespace

/// All readers but the first one of every broadcast from memory that additions
/// in its block share, in blocks with pairs of fast inner products.
static SmallVector<Reader> findReaders(func::FuncOp function) {
  SmallVector<Reader> readers;
  DenseSet<Block *> busy;
  function.walk([&](arith::AddFOp add) {
    if (add->hasAttr(kPairAttr) && isa<VectorType>(add.getType()))
      busy.insert(add->getBlock());
  });
  function.walk([&](vector::BroadcastOp broadcast) {
    auto load = broadcast.getSource().getDefiningOp<memref::LoadOp>();
    if (!load || !busy.contains(broadcast->getBlock()))
      return;
    int64_t copy = 0;
    // The last use is the first in the list.
    for (OpOperand &use : broadcast->getUses()) {
      if (!isa<arith::AddFOp>(use.getOwner()) ||
          use.getOwner()->getBlock() != broadcast->getBlock())
        continue;
      if (copy > 0)
        readers.push_back({&use, broadcast, load, copy});
      ++copy;
    }
  });
  return readers;
}

/// The body of the outermost loop around an operation: loops may become
/// functions of their own, which read for themselves what is the same in all.
static Block *findOutermostBody(Operation *op) {
  Block *body = op->getBlock();
  auto isInside = [](Block *block) {
    return !isa<func::FuncOp>(block->getParentOp());
  };
  while (isInside(body) && isInside(body->getParentOp()->getBlock()))
    body = body->getParentOp()->getBlock();
  return body;
}

void SplitBroadcastsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (!isKernel(function))
    return;
  SmallVector<Reader> readers = findReaders(function);
  if (readers.empty())
    return;
  int64_t copies = 0;
  for (const Reader &reader : readers)
    copies = std::max(copies, reader.copy);
  // Zeros that nobody knows to be equal: else what is read at these offsets
  // would be read once again.
  IRRewriter rewriter(&getContext());
  TileBuilder tiles(rewriter, readers.front().load);
  auto type = RankedTensorType::get({copies}, rewriter.getI64Type());
  Value table = tiles.addTable(DenseElementsAttr::get(type, int64_t(0)));
  DenseMap<std::pair<Block *, int64_t>, Value> zeros;
  for (Reader &reader : readers) {
    Operation *add = reader.operand->getOwner();
    Location loc = add->getLoc();
    Block *body = findOutermostBody(add);
    Value &zero = zeros[{body, reader.copy}];
    if (!zero) {
      rewriter.setInsertionPointToStart(body);
      zero = arith::IndexCastOp::create(
          rewriter, loc, rewriter.getIndexType(),
          memref::LoadOp::create(rewriter, loc, table,
                                 tiles.constant(reader.copy - 1)));
    }
    // Pattern: a + broadcast(m[i]) -> a + broadcast(m[i + 0])
    rewriter.setInsertionPoint(add);
    SmallVector<Value> indices(reader.load.getIndices());
    indices.back() = arith::AddIOp::create(rewriter, loc, indices.back(), zero);
    Value number =
        memref::LoadOp::create(rewriter, loc, reader.load.getMemRef(), indices);
    Value copy = vector::BroadcastOp::create(
        rewriter, loc, reader.broadcast.getType(), number);
    rewriter.modifyOpInPlace(add, [&] { reader.operand->set(copy); });
    ++numSplit;
  }
}
