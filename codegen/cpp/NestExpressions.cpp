//===- NestExpressions.cpp - Fold values into expressions using them ------===//
//
// Goes backwards through each block and decides for every value that is used
// once by an expression whether it can move there: not across a write of what
// it reads, and not when the line would become too long.
//
//===----------------------------------------------------------------------===//

#include "codegen/cpp/Passes.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace cameo::cpp {
#define GEN_PASS_DEF_NESTEXPRESSIONS
#include "codegen/cpp/Passes.h.inc"
} // namespace cameo::cpp

/// A C++ expression of one value made by `loops-to-emitc`; none has an effect.
static bool isExpression(Operation *op) {
  return isa<emitc::CExpressionInterface>(op) && op->getNumResults() == 1 &&
         !isa<emitc::ExpressionOp>(op);
}

static bool readsMemory(Operation *op) {
  if (isa<emitc::ApplyOp>(op))
    return true;
  auto call = dyn_cast<emitc::CallOpaqueOp>(op);
  return call && (call.getCallee().starts_with("load_") ||
                  call.getCallee().starts_with("masked_load_") ||
                  call.getCallee().starts_with("gather_"));
}

/// Whether `op`, or anything nested in it, writes what `reader` reads.
static bool writesWhatIsRead(Operation *op, Operation *reader) {
  bool memory = readsMemory(reader);
  Value variable;
  if (auto load = dyn_cast<emitc::LoadOp>(reader))
    variable = load.getOperand();
  if (!memory && !variable)
    return false;
  return op
      ->walk([&](Operation *nested) {
        if (auto assign = dyn_cast<emitc::AssignOp>(nested))
          return assign.getVar() == variable ? WalkResult::interrupt()
                                             : WalkResult::advance();
        bool writes =
            isa<emitc::VerbatimOp>(nested) ||
            (isa<emitc::CallOpaqueOp>(nested) && nested->getNumResults() == 0);
        return writes && memory ? WalkResult::interrupt()
                                : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Columns that an operation itself adds to an expression.
static int64_t textLength(Operation *op) {
  int64_t length = 4 * op->getNumOperands();
  if (auto call = dyn_cast<emitc::CallOpaqueOp>(op)) {
    length += call.getCallee().size();
    if (call.getArgs())
      length += 4 * call.getArgs()->size();
  }
  for (Value operand : op->getOperands())
    if (auto literal = operand.getDefiningOp<emitc::LiteralOp>())
      length += literal.getValue().size();
  return isa<emitc::CastOp>(op) ? length + 8 : length;
}

static bool isBitwise(Operation *op) {
  return isa<emitc::BitwiseAndOp, emitc::BitwiseOrOp, emitc::BitwiseXorOp>(op);
}

/// Whether compilers ask for parentheses, which EmitC does not write, around
/// `op` in `user`, although precedence makes them needless.
static bool asksForParentheses(Operation *op, Operation *user) {
  bool inBitwise =
      isBitwise(user) && op->getName() != user->getName() &&
      (isBitwise(op) || isa<emitc::CmpOp, emitc::AddOp, emitc::SubOp>(op));
  bool inShift =
      isa<emitc::BitwiseLeftShiftOp, emitc::BitwiseRightShiftOp>(user) &&
      isa<emitc::AddOp, emitc::SubOp>(op);
  bool inComparison =
      isa<emitc::CmpOp>(user) && (isBitwise(op) || isa<emitc::CmpOp>(op));
  bool inCondition = isa<emitc::ConditionalOp>(user) && isBitwise(op);
  // `&` skips no call, which `&&` would: compilers ask which one was meant.
  bool inTruth = isBitwise(user) && user->getResult(0).getType().isInteger(1) &&
                 isa<emitc::CallOpaqueOp, emitc::LogicalNotOp>(op);
  return inBitwise || inShift || inComparison || inCondition || inTruth;
}

namespace {

/// The expressions of one block.
class Nester {
public:
  Nester(Block &block, int64_t maxLength)
      : block(block), maxLength(maxLength) {}
  int64_t run();

private:
  void decide(Operation *op);
  bool isMovable(Operation *op, Operation *root);
  void build(Operation *root, ArrayRef<Operation *> members);

  Block &block;
  int64_t maxLength;
  llvm::DenseMap<Operation *, Operation *> rootOf;
  llvm::DenseMap<Operation *, int64_t> length;
};

} // namespace

bool Nester::isMovable(Operation *op, Operation *root) {
  for (Operation *between = op->getNextNode(); between != root;
       between = between->getNextNode())
    if (writesWhatIsRead(between, op))
      return false;
  return true;
}

void Nester::decide(Operation *op) {
  int64_t own = textLength(op);
  rootOf[op] = op;
  length[op] = own;
  if (!op->getResult(0).hasOneUse())
    return;
  Operation *user = *op->getResult(0).getUsers().begin();
  if (user->getBlock() != &block || !isExpression(user) ||
      asksForParentheses(op, user))
    return;
  Operation *root = rootOf[user];
  // Addresses have no other form than inside the access.
  bool isAddress = isa<emitc::PointerType>(op->getResult(0).getType());
  if ((!isAddress && length[root] + own > maxLength) || !isMovable(op, root))
    return;
  rootOf[op] = root;
  length[root] += own;
}

void Nester::build(Operation *root, ArrayRef<Operation *> members) {
  SetVector<Value> inputs;
  llvm::SmallPtrSet<Operation *, 8> inside(members.begin(), members.end());
  for (Operation *op : members)
    for (Value operand : op->getOperands())
      if (!operand.getDefiningOp() || !inside.contains(operand.getDefiningOp()))
        inputs.insert(operand);
  OpBuilder b(root);
  auto expression = emitc::ExpressionOp::create(
      b, root->getLoc(), root->getResult(0).getType(), inputs.getArrayRef(),
      /*do_not_inline=*/false);
  Block &body = expression.createBody();
  IRMapping mapping;
  mapping.map(inputs.getArrayRef(), body.getArguments());
  b.setInsertionPointToStart(&body);
  for (Operation *op : members)
    b.clone(*op, mapping);
  emitc::YieldOp::create(b, root->getLoc(), mapping.lookup(root->getResult(0)));
  root->getResult(0).replaceAllUsesWith(expression.getResult());
  for (Operation *op : llvm::reverse(members))
    op->erase();
}

int64_t Nester::run() {
  // All results of a loop are read after it, needed or not.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa<emitc::LoadOp>(op) && op.use_empty())
      op.erase();
  for (Operation &op : llvm::reverse(block))
    if (isExpression(&op))
      decide(&op);
  llvm::MapVector<Operation *, SmallVector<Operation *>> groups;
  for (Operation &op : block)
    if (auto it = rootOf.find(&op); it != rootOf.end())
      groups[it->second].push_back(&op);
  int64_t nested = 0;
  for (auto &[root, members] : groups) {
    if (members.size() == 1 && isa<emitc::LoadOp, emitc::ConstantOp>(root))
      continue;
    nested += members.size() - 1;
    build(root, members);
  }
  return nested;
}

namespace {
struct NestExpressionsPass
    : cameo::cpp::impl::NestExpressionsBase<NestExpressionsPass> {
  using NestExpressionsBase::NestExpressionsBase;
  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](Block *block) {
      if (block->getParentOp()->getParentOfType<emitc::FuncOp>() ||
          isa<emitc::FuncOp>(block->getParentOp()))
        if (!isa<emitc::ExpressionOp>(block->getParentOp()))
          blocks.push_back(block);
    });
    for (Block *block : blocks)
      numNested += Nester(*block, maxLength).run();
  }
};
} // namespace
