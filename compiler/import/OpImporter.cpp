//===- OpImporter.cpp - Import of one ONNX node ---------------------------===//

#include "compiler/import/OpImporter.h"
#include "compiler/import/ExtentRules.h"
#include "compiler/import/GraphImporter.h"
#include "compiler/import/ShapeArithmetic.h"
#include "compiler/import/Tensors.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace mlir;
using namespace cameo;

OpBuilder &OpImporter::builder() { return graph.builder(); }

Extents &OpImporter::extents() { return graph.getExtents(); }

unsigned OpImporter::numOutputs() const { return node.output_size(); }

bool OpImporter::hasOutput(unsigned i) const {
  return static_cast<int>(i) < node.output_size() && !node.output(i).empty();
}

const onnx::AttributeProto *OpImporter::findAttr(StringRef name) const {
  return graph.findAttr(node, name);
}

LogicalResult OpImporter::unsupported(const Twine &reason, const Twine &hint) {
  graph.report(node, reason, hint);
  return failure();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

int64_t OpImporter::intAttr(StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->i() : otherwise;
}

double OpImporter::floatAttr(StringRef name, double otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? attr->f() : otherwise;
}

StringRef OpImporter::stringAttr(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr ? StringRef(attr->s()) : otherwise;
}

SmallVector<int64_t> OpImporter::intsAttr(StringRef name,
                                          ArrayRef<int64_t> otherwise) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return SmallVector<int64_t>(otherwise);
  return SmallVector<int64_t>(attr->ints().begin(), attr->ints().end());
}

SmallVector<float> OpImporter::floatsAttr(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return {};
  return SmallVector<float>(attr->floats().begin(), attr->floats().end());
}

SmallVector<StringRef> OpImporter::stringsAttr(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr)
    return {};
  return SmallVector<StringRef>(attr->strings().begin(), attr->strings().end());
}

FailureOr<ElementsAttr> OpImporter::tensorAttr(StringRef name) {
  const onnx::AttributeProto *attr = findAttr(name);
  if (!attr || !attr->has_t())
    return unsupported("tensor attribute '" + name + "' is missing", "add it");
  std::string error;
  ElementsAttr value =
      importTensor(attr->t(), graph.getFolder(), builder().getContext(), error);
  if (!value)
    return unsupported("tensor attribute '" + name + "': " + error,
                       "export the model again");
  return value;
}

std::optional<Value> OpImporter::stringsTensorAttr(StringRef name) {
  const onnx::AttributeProto *attr = findAttr(name);
  std::string ignored;
  DenseElementsAttr bytes =
      attr && attr->has_t()
          ? importStrings(attr->t(), builder().getContext(), ignored)
          : nullptr;
  if (!bytes)
    return std::nullopt;
  return constant(bytes);
}

const onnx::GraphProto *OpImporter::graphAttr(StringRef name) const {
  const onnx::AttributeProto *attr = findAttr(name);
  return attr && attr->has_g() ? &attr->g() : nullptr;
}

ImportResult OpImporter::importBranch(const onnx::GraphProto &body,
                                      std::vector<ImportProblem> &why) {
  return graph.importBranch(body, node, why);
}
bool OpImporter::isConditional() const { return graph.isConditional(); }
LogicalResult OpImporter::unsupported(std::vector<ImportProblem> problems) {
  graph.report(std::move(problems));
  return failure();
}
ImportResult OpImporter::importBody(const onnx::GraphProto &body,
                                    ValueRange inputs) {
  return graph.importBody(body, node, inputs);
}

FailureOr<Type> OpImporter::elementTypeAttr(StringRef name) {
  int64_t number = intAttr(name, 0);
  if (Type type = getElementType(number, builder().getContext()))
    return type;
  return unsupported(name + " = " + getElementTypeName(number),
                     "use a float, integer or boolean type");
}

FailureOr<int64_t> OpImporter::axis(StringRef name, int64_t otherwise,
                                    int64_t rank) {
  int64_t axis = intAttr(name, otherwise);
  if (axis < -rank || axis >= rank)
    return unsupported(name + " = " + Twine(axis) + " of a tensor of rank " +
                           Twine(rank),
                       "give an axis in [-rank, rank)");
  return axis < 0 ? axis + rank : axis;
}

FailureOr<SmallVector<int64_t>>
OpImporter::normalizedAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    if (axis < -rank || axis >= rank)
      return unsupported("axis " + Twine(axis) + " of a tensor of rank " +
                             Twine(rank),
                         "give axes in [-rank, rank)");
    result.push_back(axis < 0 ? axis + rank : axis);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    return unsupported("an axis is given twice", "give every axis once");
  return result;
}

FailureOr<SmallVector<int64_t>> OpImporter::constantInts(unsigned i,
                                                         StringRef what) {
  ElementsAttr elements;
  if (!hasInput(i) || !matchPattern(input(i), m_Constant(&elements)) ||
      !isa<IntegerType>(elements.getElementType()))
    return unsupported(
        what + " is not a constant of integers",
        "make it an initialiser, or fix the shapes of the inputs");
  auto values = elements.tryGetValues<APInt>();
  if (!values)
    return unsupported(what + " is too large", "give fewer values");
  return llvm::map_to_vector(*values, [](APInt v) { return v.getSExtValue(); });
}

FailureOr<Exprs> OpImporter::knownInts(unsigned i, StringRef what) {
  if (hasInput(i) && isa<IntegerType>(getElementTypeOrSelf(input(i))))
    if (std::optional<Exprs> numbers = extents().getNumbers(input(i)))
      return *numbers;
  FailureOr<SmallVector<int64_t>> values = constantInts(i, what);
  if (failed(values))
    return failure();
  return Exprs(llvm::map_range(
      *values, [&](int64_t value) { return extents().constant(value); }));
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

/// Whether the operation finds out how far its result extends.
static bool findsExtents(Operation *op) { return isa<NonZeroOp>(op); }

FailureOr<Value> OpImporter::deriveExtents(Operation *op, const Exprs *given) {
  ExtentRule rule(*this, op);
  bool isOpen = llvm::any_of(op->getOperands(), [&](Value operand) {
    return extents().isOpen(operand);
  });
  if (given) {
    (void)rule.set(*given);
  } else if (isOpen || findsExtents(op)) {
    OpBuilder::InsertionGuard guard(builder());
    builder().setInsertionPoint(op);
    bool isRefused = failed(applyExtentRule(rule));
    if (isRefused || rule.replacement)
      op->erase();
    if (isRefused)
      return failure();
    if (rule.replacement)
      return rule.replacement;
  }
  std::optional<Exprs> numbers;
  if (extents().hasSymbols() || isReductionOfNumbers(op))
    numbers = evaluateNumbers(op, extents());
  Value result = op->getResult(0);
  SmallVector<Value, 1> folded;
  DenseElementsAttr known;
  if (numbers)
    known = toConstant(cast<RankedTensorType>(result.getType()), *numbers);
  if (known)
    folded.push_back(constant(known));
  bool isFolded =
      known || (succeeded(builder().tryFold(op, folded)) && !folded.empty());
  // The same elements may have other extents.
  if (isFolded && given && extents().isKnown(folded.front()) &&
      extents().getExtents(folded.front()) != *given)
    isFolded = false;
  if (isFolded) {
    op->erase();
    result = folded.front();
    if (rule.results[0] && !extents().isKnown(result))
      extents().setExtents(result, *rule.results[0]);
    return result;
  }
  if (numbers)
    extents().setNumbers(result, *numbers);
  for (auto [value, exprs] : llvm::zip_equal(op->getResults(), rule.results))
    if (exprs)
      extents().setExtents(value, *exprs);
  return result;
}

FailureOr<Value> OpImporter::finish(OperationState &state, const Exprs *given) {
  std::string message;
  ScopedDiagnosticHandler handler(
      state.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
            message.empty())
          message = diagnostic.str();
        return success();
      });
  auto *inference = state.name.getInterface<InferTypeOpInterface>();
  SmallVector<Type> types;
  bool isTyped =
      inference && succeeded(inference->inferReturnTypes(
                       state.getContext(), state.location, state.operands,
                       state.attributes.getDictionary(state.getContext()),
                       state.getRawProperties(), state.regions, types));
  StringRef hint = "check the model with the ONNX checker";
  if (!isTyped)
    return unsupported(message, hint);
  if (!llvm::all_of(types, [](Type type) {
        return hasSensibleSize(cast<ShapedType>(type).getShape());
      }))
    return unsupported("its result has too many elements", hint);
  state.types.assign(types.begin(), types.end());
  Operation *op = builder().create(state);
  if (failed(op->getName().verifyInvariants(op))) {
    op->erase();
    return unsupported(message, hint);
  }
  return deriveExtents(op, given);
}

Value OpImporter::constant(ElementsAttr value) {
  return ConstantOp::create(builder(), location, value);
}

Value OpImporter::splat(Type elementType, double number) {
  auto type = RankedTensorType::get({}, elementType);
  if (auto floatType = dyn_cast<FloatType>(elementType))
    return constant(
        DenseElementsAttr::get(type, FloatAttr::get(floatType, number)));
  APInt value(elementType.getIntOrFloatBitWidth(), static_cast<int64_t>(number),
              /*isSigned=*/true, /*implicitTrunc=*/true);
  return constant(
      DenseElementsAttr::get(type, IntegerAttr::get(elementType, value)));
}
