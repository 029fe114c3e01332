//===- WinogradEpilogue.cpp - What follows minimal filtering --------------===//

#include "codegen/lower/WinogradEpilogue.h"
#include "codegen/lower/Passes.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace cameo;

/// Whether a buffer lives in the kernel alone.
static bool isLocal(Value buffer) {
  auto argument = dyn_cast<BlockArgument>(buffer);
  if (!argument)
    return isa_and_nonnull<memref::AllocaOp>(buffer.getDefiningOp());
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return function &&
         function.getArgAttr(argument.getArgNumber(), "plan.scratch");
}

/// The operation before `user` that writes one value to all of `buffer`.
static linalg::LinalgOp findFill(Value buffer, Operation *user) {
  for (Operation *op = user->getPrevNode(); op; op = op->getPrevNode()) {
    auto fill = dyn_cast<linalg::LinalgOp>(op);
    if (!llvm::is_contained(op->getOperands(), buffer))
      continue;
    if (!fill || fill.getNumDpsInits() != 1 || !fill.getDpsInputs().empty() ||
        !llvm::hasSingleElement(*fill.getBlock()))
      return nullptr;
    return fill;
  }
  return nullptr;
}

/// The only reader of `buffer`, which `writers` operations write.
static OpOperand *findReader(Value buffer, size_t writers) {
  OpOperand *reader = nullptr;
  size_t writes = 0;
  for (OpOperand &use : buffer.getUses()) {
    auto user = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
    if (!user)
      return nullptr;
    if (user.isDpsInit(&use)) {
      ++writes;
      continue;
    }
    if (reader)
      return nullptr;
    reader = &use;
  }
  return writes == writers ? reader : nullptr;
}

/// The loops of `op` when it reads (n, fb, 2 h + kh, 2 w + kw, f) of `read` for
/// (n, fb, h, w, f) of its result; empty when it does not.
static SmallVector<unsigned> findLoops(linalg::LinalgOp op, OpOperand *read) {
  constexpr int64_t kWindow = WinogradPool::kWindow;
  AffineMap from = op.getMatchingIndexingMap(read),
            to = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<unsigned> loops;
  if (to.getNumResults() != 5 || from.getNumResults() != 5 ||
      op.getNumLoops() != 7 || !to.isProjectedPermutation())
    return {};
  for (unsigned i = 0; i < 5; ++i)
    loops.push_back(to.getDimPosition(i));
  for (unsigned i : {0, 1, 4})
    if (from.getResult(i) != to.getResult(i))
      return {};
  for (unsigned i : {2, 3})
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      if (from.getResult(i) == to.getResult(i) * kWindow +
                                   getAffineDimExpr(loop, op.getContext()) &&
          ranges[loop] == kWindow && !llvm::is_contained(loops, loop))
        loops.push_back(loop);
  return loops.size() == 7 ? loops : SmallVector<unsigned>();
}

std::optional<WinogradPool>
cameo::findWinogradPool(WinogradTilesOp op,
                        ArrayRef<linalg::LinalgOp> epilogue) {
  if (op.getTile() % WinogradPool::kWindow != 0 || !isLocal(op.getInit()))
    return std::nullopt;
  WinogradPool pool;
  pool.read = findReader(op.getInit(), 1 + epilogue.size());
  auto user =
      pool.read ? dyn_cast<linalg::LinalgOp>(pool.read->getOwner()) : nullptr;
  if (!user || user->getBlock() != op->getBlock() ||
      user.getNumDpsInits() != 1 || user.hasIndexSemantics())
    return std::nullopt;
  pool.op = user;
  pool.loops = findLoops(user, pool.read);
  pool.fill = findFill(user.getDpsInits()[0], user);
  if (pool.loops.empty() || !pool.fill)
    return std::nullopt;
  // Written to the result as it is: no argument of the fill's body.
  pool.start = pool.fill.getBlock()->getTerminator()->getOperand(0);
  if (isa<BlockArgument>(pool.start) &&
      cast<BlockArgument>(pool.start).getOwner() == pool.fill.getBlock())
    return std::nullopt;
  return pool;
}

//===----------------------------------------------------------------------===//
// Members
//===----------------------------------------------------------------------===//

unsigned InputList::add(Value value, AffineMap map) {
  for (unsigned i = 0; i < values.size(); ++i)
    if (values[i] == value && maps[i] == map)
      return i;
  values.push_back(value);
  maps.push_back(map);
  return values.size() - 1;
}

void WinogradMember::addReads(InputList &list, AffineMap ofElement) {
  inputs.emplace_back();
  for (OpOperand *operand : op.getDpsInputOperands())
    if (operand != read)
      inputs.back().push_back(
          list.add(operand->get(),
                   op.getMatchingIndexingMap(operand).compose(ofElement)));
}

Value WinogradMember::apply(OpBuilder &builder, size_t number, ValueRange args,
                            Value value, Value sum) {
  IRMapping mapping;
  mapping.map(op.getMatchingBlockArgument(op.getDpsInitOperand(0)),
              read ? sum : value);
  const unsigned *next = inputs[number].begin();
  for (OpOperand *operand : op.getDpsInputOperands())
    mapping.map(op.getMatchingBlockArgument(operand),
                operand == read ? value : args[*next++]);
  for (Operation &inner : op.getBlock()->without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(op.getBlock()->getTerminator()->getOperand(0));
}
