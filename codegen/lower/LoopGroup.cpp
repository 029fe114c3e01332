//===- LoopGroup.cpp - Operations that share a register tile --------------===//

#include "codegen/lower/LoopGroup.h"

#include "codegen/lower/Passes.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace cameo;

LoopGroup cameo::makeGroup(linalg::LinalgOp op) {
  GroupMember member = {
      op, llvm::to_vector(llvm::seq<int64_t>(0, op.getNumLoops()))};
  return {std::nullopt, member, {}};
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

static bool readsBuffer(linalg::LinalgOp op, Value buffer) {
  return llvm::any_of(op.getDpsInputs(), [&](Value input) {
    return baseOf(input) == baseOf(buffer);
  });
}

static Value onlyResult(linalg::LinalgOp op) {
  return op.getNumDpsInits() == 1 ? op.getDpsInitOperand(0)->get() : Value();
}

static bool isParallel(linalg::LinalgOp op) {
  return op.getNumLoops() == op.getNumParallelLoops();
}

static AffineMap resultMap(linalg::LinalgOp op) {
  return op.getMatchingIndexingMap(op.getDpsInitOperand(0));
}

/// `op` as a member of `root`'s group; none when a loop of it is not a loop of
/// the root.
static std::optional<GroupMember> matchMember(linalg::LinalgOp op,
                                              linalg::LinalgOp root) {
  if (!isParallel(op) || !resultMap(op).isPermutation() ||
      !resultMap(root).isProjectedPermutation())
    return std::nullopt;
  GroupMember member = {op, SmallVector<int64_t>(op.getNumLoops())};
  for (auto [mine, its] : llvm::zip_equal(resultMap(op).getResults(),
                                          resultMap(root).getResults()))
    member.toRoot[cast<AffineDimExpr>(mine).getPosition()] =
        cast<AffineDimExpr>(its).getPosition();
  return member;
}

/// Whether an operation overwrites its result without reading it.
static bool startsBuffer(linalg::LinalgOp op) {
  return isParallel(op) &&
         op.getMatchingBlockArgument(op.getDpsInitOperand(0)).use_empty();
}

/// Takes `op`, which comes after the group, into the group.
static bool extend(LoopGroup &group, linalg::LinalgOp op) {
  linalg::LinalgOp root = group.root.op;
  Value buffer = onlyResult(root);
  if (!buffer || onlyResult(op) != buffer || readsBuffer(op, buffer))
    return false;
  bool isAlone = !group.prologue && group.epilogue.empty();
  if (!isParallel(op)) {
    std::optional<GroupMember> start = matchMember(root, op);
    if (!isAlone || !start || !startsBuffer(root))
      return false;
    group = makeGroup(op);
    group.prologue = start;
    return true;
  }
  std::optional<GroupMember> member = matchMember(op, root);
  if (!member || startsBuffer(op))
    return false;
  group.epilogue.push_back(*member);
  return true;
}

std::vector<LoopGroup> cameo::findGroups(Operation *root) {
  std::vector<LoopGroup> groups;
  root->walk([&](Block *block) {
    bool open = false; // The last group may still grow.
    for (Operation &op : *block) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (!linalgOp) {
        open &= isMemoryEffectFree(&op) || isScalarRead(&op);
        continue;
      }
      if (open && extend(groups.back(), linalgOp))
        continue;
      groups.push_back(makeGroup(linalgOp));
      Value buffer = onlyResult(linalgOp);
      open = buffer && !readsBuffer(linalgOp, buffer);
    }
  });
  return groups;
}

//===----------------------------------------------------------------------===//
// Collapsing
//===----------------------------------------------------------------------===//

/// A sequence of the root's dimensions as the member's; empty when the member
/// has none of them.
static ReassociationIndices translate(const GroupMember &member,
                                      ArrayRef<int64_t> rootDims) {
  ReassociationIndices result;
  for (int64_t dim : rootDims)
    if (auto place = llvm::find(member.toRoot, dim);
        place != member.toRoot.end())
      result.push_back(place - member.toRoot.begin());
  return result;
}

static bool canCollapse(linalg::LinalgOp op) {
  return !op.hasIndexSemantics() &&
         llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
           return map.isProjectedPermutation();
         });
}

/// Whether no gap is between the elements that `operand` has along `dims`, in
/// this order.
static bool isContiguous(OpOperand &operand, ArrayRef<int64_t> dims) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || type.getLayout().isIdentity())
    return true;
  int64_t offset;
  SmallVector<int64_t> strides;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return false;
  AffineMap map = cast<linalg::LinalgOp>(operand.getOwner())
                      .getMatchingIndexingMap(&operand);
  auto isOne = [&](int64_t place) {
    return llvm::is_contained(dims, map.getDimPosition(place));
  };
  for (int64_t place = 0; place + 1 < type.getRank(); ++place)
    if (isOne(place) && isOne(place + 1) &&
        strides[place] != strides[place + 1] * type.getDimSize(place + 1))
      return false;
  return true;
}

/// Whether every member walks the root's dimensions `dims` as one.
static bool walkedAsOne(ArrayRef<GroupMember> members, ArrayRef<int64_t> dims) {
  return llvm::all_of(members, [&](GroupMember member) {
    ReassociationIndices mine = translate(member, dims);
    return mine.empty() ||
           (linalg::areDimSequencesPreserved(member.op.getIndexingMapsArray(),
                                             {mine}) &&
            llvm::all_of(member.op->getOpOperands(), [&](OpOperand &operand) {
              return isContiguous(operand, mine);
            }));
  });
}

/// The root's loops, those together that can be one; empty when none can.
static SmallVector<ReassociationIndices>
collapsibleLoops(ArrayRef<GroupMember> members, const LoopGroup &group) {
  linalg::LinalgOp root = group.root.op;
  LoopBounds bounds = group.bounds();
  SmallVector<utils::IteratorType> iterators = root.getIteratorTypesArray();
  SmallVector<ReassociationIndices> sequences;
  if (!llvm::all_of(members, [](GroupMember m) { return canCollapse(m.op); }))
    return sequences;
  for (int64_t dim = 0, end = root.getNumLoops(); dim < end;) {
    ReassociationIndices sequence = {dim};
    for (int64_t next = dim + 1;
         next < end && iterators[next] == iterators[dim] && !bounds[next];
         ++next) {
      ReassociationIndices longer = sequence;
      longer.push_back(next);
      if (!walkedAsOne(members, longer))
        break;
      sequence = longer;
    }
    dim += sequence.size();
    sequences.push_back(sequence);
  }
  bool any = llvm::any_of(sequences, [](auto &s) { return s.size() > 1; });
  return any ? sequences : SmallVector<ReassociationIndices>();
}

static linalg::LinalgOp collapse(RewriterBase &rewriter, linalg::LinalgOp op,
                                 ArrayRef<ReassociationIndices> sequences) {
  rewriter.setInsertionPoint(op);
  // A bound of the outermost loop is one of all.
  LoopBounds bounds = boundsOf(op), collapsed;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (const ReassociationIndices &sequence : sequences) {
    int64_t inner = 1;
    bool isOuter = true;
    for (int64_t dim : ArrayRef(sequence).drop_front()) {
      inner *= ranges[dim];
      isOuter &= !bounds[dim];
    }
    collapsed.push_back(isOuter ? scaleBound(bounds[sequence[0]], inner)
                                : plan::BoundAttr());
  }
  FailureOr<linalg::CollapseResult> result =
      linalg::collapseOpIterationDims(op, sequences, rewriter);
  if (failed(result))
    return nullptr;
  rewriter.eraseOp(op);
  setBounds(result->collapsedOp, collapsed);
  return result->collapsedOp;
}

LoopGroup cameo::collapseLoops(RewriterBase &rewriter, const LoopGroup &group) {
  SmallVector<GroupMember> members = group.members();
  SmallVector<ReassociationIndices> sequences =
      collapsibleLoops(members, group);
  if (sequences.empty())
    return group;
  // Members are collapsed alike: their results stay the same buffer, seen
  // through equal views.
  SmallVector<linalg::LinalgOp> collapsed;
  for (GroupMember &member : members) {
    SmallVector<ReassociationIndices> mine;
    for (const ReassociationIndices &sequence : sequences)
      if (ReassociationIndices own = translate(member, sequence); !own.empty())
        mine.push_back(own);
    llvm::sort(mine, [](auto &a, auto &b) { return a[0] < b[0]; });
    bool changes = llvm::any_of(mine, [](auto &s) { return s.size() > 1; });
    linalg::LinalgOp op =
        changes ? collapse(rewriter, member.op, mine) : member.op;
    assert(op && "walkedAsOne is what collapsing needs");
    collapsed.push_back(op);
  }
  size_t rootPosition = group.prologue ? 1 : 0;
  LoopGroup result = makeGroup(collapsed[rootPosition]);
  if (group.prologue)
    result.prologue = matchMember(collapsed[0], result.root.op);
  for (linalg::LinalgOp op : ArrayRef(collapsed).drop_front(rootPosition + 1))
    result.epilogue.push_back(*matchMember(op, result.root.op));
  return result;
}
