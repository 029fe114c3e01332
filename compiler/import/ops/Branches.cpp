//===- Branches.cpp - Import of branches ----------------------------------===//
//
// A branch of a known condition is built in place. Branches of the model's
// graph are built among its nodes, so that they become kernels like these;
// branches inside others or in loops become regions.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Importer.h"
#include "compiler/import/ops/Chain.h"
#include "compiler/import/ops/Control.h"
#include "compiler/import/ops/Sequences.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "onnx/onnx_pb.h"

using namespace mlir;
using namespace cameo;

static constexpr Limit kTypesDiffer{
    "its branches give tensors of different types",
    "make the condition constant, or give both branches the same shapes"};
// Of a branch inside of a loop or of another branch.
static constexpr Limit kExtentsDiffer{
    "its branches give tensors of different extents",
    "fix the extents, or make the condition constant"};
static constexpr Limit kGivesSequence{
    "its graph gives a sequence or an empty optional",
    "make the condition or the number of iterations constant"};

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

void cameo::eraseAfter(OpImporter &n, Block &block, Operation *mark) {
  while (!block.empty() && &block.back() != mark) {
    n.extents().forget(&block.back());
    block.back().erase();
  }
}

void cameo::eraseRegion(OpImporter &n, Block &block) {
  eraseAfter(n, block, /*mark=*/nullptr);
  n.extents().forget(block.getArguments());
}

static bool isSplat(Operation *op) {
  auto constant = dyn_cast_if_present<ConstantOp>(op);
  auto dense =
      constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
  return dense && dense.isSplat();
}

FailureOr<BodyRegion>
cameo::buildRegion(OpImporter &n, TypeRange argTypes,
                   function_ref<ImportResult(ValueRange args)> build) {
  BodyRegion body;
  OpBuilder::InsertionGuard guard(n.builder());
  Extents::RegionScope scope(n.extents());
  SmallVector<Location> locs(argTypes.size(), n.loc());
  Block *block = n.builder().createBlock(body.region.get(), {}, argTypes, locs);
  ImportResult results = build(block->getArguments());
  if (failed(results)) {
    eraseRegion(n, *block);
    return failure();
  }
  if (!llvm::all_of(*results, isTensor))
    return n.unsupported(kGivesSequence);
  eraseSequences(*block);
  body.results = *results;
  YieldOp::create(n.builder(), n.loc(), *results);
  return body;
}

FailureOr<Exprs> cameo::getYieldedExtents(OpImporter &n, BodyRegion &body,
                                          Value value) {
  Exprs exprs = n.extents().getExtents(value);
  for (AffineExpr &expr : exprs) {
    expr = n.extents().leaveRegion(expr, *body.region);
    if (!expr)
      return n.unsupported("its graph computes the extent of a result",
                           "fix the extents of the inputs");
  }
  return exprs;
}

void cameo::collectCaptures(OpBuilder &builder, BodyRegion &body,
                            llvm::SetVector<Value> &captured) {
  for (Operation &op : llvm::make_early_inc_range(body.block()))
    if (isa<ConstantOp>(op) && !isSplat(&op)) {
      op.remove();
      builder.insert(&op);
    }
  for (Operation &op : body.block())
    for (Value operand : op.getOperands())
      if (operand.getParentRegion() != body.region.get() &&
          !isSplat(operand.getDefiningOp()))
        captured.insert(operand);
}

void cameo::isolate(OpBuilder &builder, BodyRegion &body,
                    ArrayRef<Value> captured) {
  IRMapping inside;
  for (Value value : captured)
    inside.map(value,
               body.block().addArgument(value.getType(), value.getLoc()));
  OpBuilder inner(builder.getContext());
  inner.setInsertionPointToStart(&body.block());
  for (Operation &op : body.block())
    for (OpOperand &operand : op.getOpOperands()) {
      Value value = operand.get();
      if (value.getParentRegion() == body.region.get())
        continue;
      if (!inside.contains(value))
        inside.map(value, inner.clone(*value.getDefiningOp())->getResult(0));
      operand.set(inside.lookup(value));
    }
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

static ImportResult buildIf(OpImporter &n, const onnx::GraphProto &thenGraph,
                            const onnx::GraphProto &elseGraph) {
  auto build = [&](const onnx::GraphProto &graph) {
    return buildRegion(n, TypeRange(),
                       [&](ValueRange) { return n.importBody(graph, {}); });
  };
  FailureOr<BodyRegion> yes = build(thenGraph), no = build(elseGraph);
  if (failed(yes) || failed(no))
    return failure();
  if (TypeRange(ValueRange(yes->results)) != TypeRange(ValueRange(no->results)))
    return n.unsupported(kTypesDiffer);
  SmallVector<Exprs> exprs;
  for (auto [a, b] : llvm::zip_equal(yes->results, no->results)) {
    FailureOr<Exprs> first = getYieldedExtents(n, *yes, a),
                     second = getYieldedExtents(n, *no, b);
    if (failed(first) || failed(second))
      return failure();
    if (!llvm::all_of(llvm::zip_equal(*first, *second), [&](auto pair) {
          return n.extents().areEqual(std::get<0>(pair), std::get<1>(pair));
        }))
      return n.unsupported(kExtentsDiffer);
    exprs.push_back(*first);
  }
  llvm::SetVector<Value> captured;
  collectCaptures(n.builder(), *yes, captured);
  collectCaptures(n.builder(), *no, captured);
  isolate(n.builder(), *yes, captured.getArrayRef());
  isolate(n.builder(), *no, captured.getArrayRef());
  auto op =
      IfOp::create(n.builder(), n.loc(), TypeRange(ValueRange(yes->results)),
                   n.input(0), captured.getArrayRef());
  op.getThen().takeBody(*yes->region);
  op.getOtherwise().takeBody(*no->region);
  for (auto [result, extents] : llvm::zip_equal(op.getResults(), exprs))
    n.extents().setExtents(result, extents);
  return llvm::to_vector_of<Value>(op.getResults());
}

namespace {
/// A branch that is built among the nodes around it.
struct Branch {
  const char *name;
  ImportResult results = failure();
  std::vector<ImportProblem> problems = {}; ///< Why it cannot be built.
};
} // namespace

static void buildBranch(OpImporter &n, const onnx::GraphProto &graph,
                        Branch &branch) {
  Block &block = *n.builder().getInsertionBlock();
  Operation *mark = block.empty() ? nullptr : &block.back();
  branch.results = n.importBranch(graph, branch.problems);
  if (failed(branch.results))
    eraseAfter(n, block, mark);
}

/// The smallest shape that holds both; none when they differ in more than that.
static std::optional<SmallVector<int64_t>> getCommonShape(Value a, Value b) {
  RankedTensorType first = typeOf(a), second = typeOf(b);
  if (first.getElementType() != second.getElementType() ||
      first.getRank() != second.getRank())
    return std::nullopt;
  SmallVector<int64_t> shape;
  for (auto [x, y] : llvm::zip_equal(first.getShape(), second.getShape()))
    shape.push_back(std::max(x, y));
  return shape;
}

/// `x` with zeros behind it as far as `shape`.
static MaybeValue growTo(OpImporter &n, Value x, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> pads(shape.size(), 0);
  for (auto [bound, extent] : llvm::zip_equal(shape, typeOf(x).getShape()))
    pads.push_back(bound - extent);
  Type element = typeOf(x).getElementType();
  Exprs exprs = n.extents().getExtents(x);
  return n.withExtents<PadOp>(exprs, x, n.splat(element, 0), pads);
}

/// The extents of a choice: numbers that are chosen likewise.
static Exprs chooseExtents(OpImporter &n, Value condition, Value yes,
                           Value no) {
  Extents &extents = n.extents();
  Exprs result;
  for (auto [a, b] :
       llvm::zip_equal(extents.getExtents(yes), extents.getExtents(no))) {
    if (extents.areEqual(a, b)) {
      result.push_back(a);
      continue;
    }
    Value first = extents.materialize(n.loc(), a),
          second = extents.materialize(n.loc(), b);
    Value chosen = ChooseOp::create(n.builder(), n.loc(), first.getType(),
                                    condition, first, second);
    NumberRange x = extents.getRange(a), y = extents.getRange(b);
    result.push_back(extents.addSymbol(
        chosen, {std::min(x.low, y.low), std::max(x.high, y.high)}));
  }
  return result;
}

/// One of two tensors of one rank, or the first one or an error.
static MaybeValue buildChosen(OpImporter &n, Value condition, Value yes,
                              Value no) {
  Exprs exprs = n.extents().getExtents(yes);
  if (no) {
    auto shape = getCommonShape(yes, no);
    if (!shape)
      return n.unsupported(kTypesDiffer);
    exprs = chooseExtents(n, condition, yes, no);
    MaybeValue a = growTo(n, yes, *shape), b = growTo(n, no, *shape);
    if (failed(a) || failed(b))
      return failure();
    yes = *a, no = *b;
  }
  Value chosen =
      ChooseOp::create(n.builder(), n.loc(), yes.getType(), condition, yes, no);
  n.extents().setExtents(chosen, exprs);
  return chosen;
}

/// Both branches among the nodes around them, with a choice of their results: a
/// run computes what the condition asks for. A branch that cannot be built, for
/// shapes that are never meant to reach it, is an error of runs that take it.
static ImportResult buildChoice(OpImporter &n,
                                const onnx::GraphProto &thenGraph,
                                const onnx::GraphProto &elseGraph) {
  Branch yes{"then branch"}, no{"else branch"};
  buildBranch(n, thenGraph, yes);
  buildBranch(n, elseGraph, no);
  if (failed(yes.results) && failed(no.results)) {
    llvm::append_range(yes.problems, no.problems);
    return n.unsupported(std::move(yes.problems));
  }
  for (Branch *branch : {&yes, &no})
    if (failed(branch->results) && branch->problems.empty())
      return failure(); // It needs a value that could not be built.
  MaybeValue condition = n.input(0);
  Branch &kept = succeeded(yes.results) ? yes : no;
  Branch &left = succeeded(yes.results) ? no : yes;
  for (Branch *branch : {&yes, &no})
    if (succeeded(branch->results) && !llvm::all_of(*branch->results, isTensor))
      return n.unsupported(kGivesSequence);
  if (failed(left.results)) {
    emitWarning(n.loc()) << "its " << left.name
                         << " cannot be compiled, so a run that takes it "
                            "returns an error: "
                         << left.problems.front().str();
    if (&kept == &no)
      condition = n.value<NotOp>(*condition);
    if (failed(condition))
      return failure();
    SmallVector<Value> values = *kept.results;
    no.results = SmallVector<Value>(values.size());
    yes.results = values;
  }
  SmallVector<Value> results;
  if (yes.results->size() != no.results->size())
    return n.unsupported("its branches give different numbers of results",
                         "check the model with the ONNX checker");
  for (auto [a, b] : llvm::zip_equal(*yes.results, *no.results)) {
    MaybeValue chosen = buildChosen(n, *condition, a, b);
    if (failed(chosen))
      return failure();
    results.push_back(*chosen);
  }
  return results;
}

/// The only node of a graph besides constants; null when there are others.
static const onnx::NodeProto *getOnlyNode(const onnx::GraphProto &graph) {
  const onnx::NodeProto *found = nullptr;
  for (const onnx::NodeProto &node : graph.node()) {
    if (node.op_type() == "Constant")
      continue;
    if (found)
      return nullptr;
    found = &node;
  }
  return found;
}

/// The branch that squeezes a tensor which the other one leaves alone, as
/// exporters write it for extents that they do not know; null for others.
static const onnx::GraphProto *findSqueeze(const onnx::GraphProto &yes,
                                           const onnx::GraphProto &no) {
  const onnx::NodeProto *first = getOnlyNode(yes), *second = getOnlyNode(no);
  if (!first || !second || first->input_size() == 0 ||
      second->input_size() == 0 || first->input(0) != second->input(0))
    return nullptr;
  if (first->op_type() == "Squeeze" && second->op_type() == "Identity")
    return &yes;
  if (first->op_type() == "Identity" && second->op_type() == "Squeeze")
    return &no;
  return nullptr;
}

static ImportResult importIf(OpImporter &n) {
  const onnx::GraphProto *yes = n.graphAttr("then_branch");
  const onnx::GraphProto *no = n.graphAttr("else_branch");
  if (!yes || !no || !isTensor(n.input(0)) ||
      typeOf(n.input(0)).getNumElements() != 1 ||
      !typeOf(n.input(0)).getElementType().isInteger(1))
    return n.unsupported("a branch is missing, or the condition is not a "
                         "boolean",
                         "check the model with the ONNX checker");
  if (std::optional<int64_t> condition = getConstantInt(n.input(0)))
    return n.importBody(*condition ? *yes : *no, {});
  // A rank is fixed: other extents than one are errors of a run.
  if (const onnx::GraphProto *squeeze = findSqueeze(*yes, *no);
      squeeze && n.extents().hasSymbols())
    return n.importBody(*squeeze, {});
  bool isInGraph =
      isa<func::FuncOp>(n.builder().getInsertionBlock()->getParentOp());
  return isInGraph && !n.isConditional() ? buildChoice(n, *yes, *no)
                                         : buildIf(n, *yes, *no);
}

void cameo::registerBranches(OpRegistry &registry) {
  registry.add("If", 1, "bool", importIf,
               {kTypesDiffer, kExtentsDiffer, kGivesSequence});
}
