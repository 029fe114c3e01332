//===- Problem.cpp - Names of what a kernel computes ----------------------===//

#include "passes/schedule/Problem.h"

using namespace mlir;
using namespace cameo;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static std::string elementName(Type element) {
  std::string name;
  llvm::raw_string_ostream(name) << element;
  return name;
}

/// `mb1ic64ih56oc64kh3ph1`: what is equal along the height and the width, or as
/// is usual, is left out.
static std::string convProblem(ConvOp conv) {
  ArrayRef<int64_t> x = typeOf(conv.getX()).getShape(),
                    w = typeOf(conv.getW()).getShape();
  int64_t dims = x.size() - 2, groups = conv.getGroups();
  StringRef axes = StringRef("dhw").take_back(dims);
  bool isDepthwise = groups > 1 && w[1] == 1;
  std::string text = isDepthwise ? "depthwise:" : "conv:";
  llvm::raw_string_ostream os(text);
  if (groups > 1 && !isDepthwise)
    os << "g" << groups;
  os << "mb" << x[0] << "ic" << x[1];
  // A figure per dimension, unless it is that of the dimension before.
  auto each = [&](StringRef prefix, int64_t usual,
                  function_ref<int64_t(int64_t)> get) {
    for (int64_t i = 0; i < dims; ++i)
      if (int64_t value = get(i); value != usual)
        os << prefix << axes[i] << (usual = value);
  };
  each("i", 0, [&](int64_t i) { return x[2 + i]; });
  if (!isDepthwise || w[0] != x[1])
    os << "oc" << w[0];
  each("k", 0, [&](int64_t i) { return w[2 + i]; });
  each("s", 1, [&](int64_t i) { return conv.getStrides()[i]; });
  each("d", 1, [&](int64_t i) { return conv.getDilations()[i]; });
  each("p", 0, [&](int64_t i) { return conv.getPads()[i]; });
  for (int64_t i = 0; i < dims; ++i)
    if (int64_t end = conv.getPads()[dims + i]; end != conv.getPads()[i])
      os << "e" << axes[i] << end;
  os << ":" << elementName(typeOf(conv.getX()).getElementType());
  return text;
}

/// `b12m128k64n128`, b being the number of products.
static std::string matMulProblem(MatMulOp op) {
  ArrayRef<int64_t> a = typeOf(op.getA()).getShape(),
                    b = typeOf(op.getB()).getShape();
  int64_t depth = a.size() == 1        ? a[0]
                  : op.getTransposeA() ? a[a.size() - 2]
                                       : a.back();
  int64_t rows = a.size() == 1 ? 1 : a[a.size() - 1 - !op.getTransposeA()];
  int64_t columns = b.size() == 1 ? 1 : b[b.size() - 1 - op.getTransposeB()];
  int64_t results = typeOf(op.getResult()).getNumElements();
  int64_t products =
      rows * columns == 0 ? 0 : results / std::max<int64_t>(rows * columns, 1);
  std::string text = "matmul:";
  llvm::raw_string_ostream os(text);
  if (products != 1 && b.size() <= 2) {
    rows *= products; // One product with all rows.
    products = 1;
  }
  if (products != 1)
    os << "b" << products;
  os << "m" << rows << "k" << depth << "n" << columns;
  if (op.getTransposeA())
    os << "ta";
  if (op.getTransposeB())
    os << "tb";
  os << ":" << elementName(typeOf(op.getA()).getElementType());
  return text;
}

std::string cameo::problemOf(Operation *op) {
  if (auto conv = dyn_cast<ConvOp>(op))
    return convProblem(conv);
  if (auto product = dyn_cast<MatMulOp>(op))
    return matMulProblem(product);
  // Others by the shapes of what they read.
  std::string text = op->getName().stripDialect().str() + ":";
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      op->getOperands(), os,
      [&](Value operand) {
        auto type = dyn_cast<RankedTensorType>(operand.getType());
        if (!type)
          return;
        llvm::interleave(type.getShape(), os, "x");
        os << (type.getRank() ? "x" : "") << type.getElementType();
      },
      ",");
  return text;
}

static int64_t flopsOf(Operation &op) {
  auto cost = dyn_cast<CostOpInterface>(op);
  return cost ? cost.getFlops() : 0;
}

KernelProblem cameo::kernelProblem(KernelOp kernel, StringRef main) {
  SmallVector<Operation *> ops;
  Operation *costliest = nullptr;
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (!op.hasTrait<OpTrait::ConstantLike>() && !isa<RelayoutOp>(op)) {
      ops.push_back(&op);
      if (!costliest || flopsOf(op) > flopsOf(*costliest))
        costliest = &op;
    }
  if (!costliest)
    costliest = &kernel.getBody().front().front();
  KernelProblem problem;
  problem.main = main.empty() ? problemOf(costliest) : main.str();
  for (Operation *op : ops)
    if (op != costliest)
      problem.others += (problem.others.empty() ? ":" : "+") +
                        op->getName().stripDialect().str();
  return problem;
}

bool cameo::belongsTo(StringRef key, StringRef problem) {
  return key.consume_front(problem) &&
         (key.empty() || key.front() == ':' || key.front() == '#');
}

FailureOr<StringRef> cameo::findForcedAlgorithm(Operation *op,
                                                StringRef problem) {
  auto module = op->getParentOfType<ModuleOp>();
  auto overrides = module->getAttrOfType<DictionaryAttr>(kOverridesAttr);
  StringRef found;
  for (NamedAttribute entry :
       overrides ? overrides.getValue() : ArrayRef<NamedAttribute>()) {
    auto schedule = dyn_cast<ScheduleAttr>(entry.getValue());
    if (!schedule || schedule.getAlgorithm().empty() ||
        !belongsTo(entry.getName(), problem))
      continue;
    if (!found.empty() && found != schedule.getAlgorithm())
      return op->emitError("schedule: '")
             << entry.getName().getValue() << "' asks for '"
             << schedule.getAlgorithm() << "' and another entry of '" << problem
             << "' for '" << found << "'";
    found = schedule.getAlgorithm();
  }
  return found;
}
