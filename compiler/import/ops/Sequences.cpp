//===- Sequences.cpp - Import of sequences and optionals ------------------===//

#include "compiler/import/ops/Sequences.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value cameo::buildSequence(OpBuilder &builder, Location loc,
                           ValueRange elements) {
  Type type = builder.getTupleType(elements.getTypes());
  return UnrealizedConversionCastOp::create(builder, loc, type, elements)
      .getResult(0);
}

Value cameo::buildEmptyOptional(OpBuilder &builder, Location loc) {
  return UnrealizedConversionCastOp::create(
             builder, loc, NoneType::get(builder.getContext()), ValueRange())
      .getResult(0);
}

bool cameo::isSequence(Value value) { return isa<TupleType>(value.getType()); }

bool cameo::isEmptyOptional(Value value) {
  return isa<NoneType>(value.getType());
}

ValueRange cameo::getElements(Value sequence) {
  return sequence.getDefiningOp()->getOperands();
}

void cameo::eraseSequences(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa<UnrealizedConversionCastOp>(op) && op.use_empty())
      op.erase();
}

std::optional<int64_t> cameo::getConstantInt(Value value) {
  DenseElementsAttr elements;
  if (!value || !matchPattern(value, m_Constant(&elements)) ||
      elements.getNumElements() != 1 ||
      !isa<IntegerType>(elements.getElementType()))
    return std::nullopt;
  APInt number = *elements.value_begin<APInt>();
  bool isBoolean = elements.getElementType().isInteger(1);
  return isBoolean ? static_cast<int64_t>(number.getZExtValue())
                   : number.getSExtValue();
}

MaybeValue cameo::buildStacked(OpImporter &n, ValueRange values, int64_t axis) {
  SmallVector<Value> parts;
  for (Value value : values) {
    SmallVector<int64_t> shape(typeOf(value).getShape());
    shape.insert(shape.begin() + axis, 1);
    MaybeValue part = chainReshape(n, value, shape);
    if (failed(part))
      return failure();
    parts.push_back(*part);
  }
  return n.value<ConcatOp>(ValueRange(parts), axis);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static ImportResult single(Value value) { return SmallVector<Value>{value}; }

/// The elements of input 0; a failure when it is no sequence.
static FailureOr<SmallVector<Value>> readSequence(OpImporter &n) {
  if (isSequence(n.input(0)))
    return llvm::to_vector(getElements(n.input(0)));
  return n.unsupported("input 0 is not a sequence", "give it a sequence");
}

/// The position in input `i`, of a sequence of `count`; `count` itself only
/// where something is inserted.
static FailureOr<int64_t> readPosition(OpImporter &n, unsigned i, int64_t count,
                                       bool isInsertion) {
  std::optional<int64_t> position = getConstantInt(n.input(i));
  if (!position)
    return n.unsupported("the position is not constant",
                         "make it an initialiser");
  int64_t last = isInsertion ? count : count - 1;
  if (*position < -count || *position > last)
    return n.unsupported("position " + Twine(*position) +
                             " in a sequence of length " + Twine(count),
                         "give one inside");
  return *position < 0 ? *position + count : *position;
}

static ImportResult importSequenceConstruct(OpImporter &n) {
  SmallVector<Value> elements;
  for (unsigned i = 0; i < n.numInputs(); ++i)
    elements.push_back(n.input(i));
  return single(buildSequence(n.builder(), n.loc(), elements));
}

static ImportResult importSequenceEmpty(OpImporter &n) {
  return single(buildSequence(n.builder(), n.loc(), ValueRange()));
}

static ImportResult importSequenceInsert(OpImporter &n) {
  FailureOr<SmallVector<Value>> elements = readSequence(n);
  if (failed(elements))
    return failure();
  int64_t count = elements->size();
  FailureOr<int64_t> position = count;
  if (n.hasInput(2))
    position = readPosition(n, 2, count, /*isInsertion=*/true);
  if (failed(position))
    return failure();
  elements->insert(elements->begin() + *position, n.input(1));
  return single(buildSequence(n.builder(), n.loc(), *elements));
}

static ImportResult importSequenceErase(OpImporter &n) {
  FailureOr<SmallVector<Value>> elements = readSequence(n);
  if (failed(elements))
    return failure();
  int64_t count = elements->size();
  FailureOr<int64_t> position = count - 1;
  if (count == 0)
    return n.unsupported("nothing to erase in an empty sequence",
                         "insert something before");
  if (n.hasInput(1))
    position = readPosition(n, 1, count, /*isInsertion=*/false);
  if (failed(position))
    return failure();
  elements->erase(elements->begin() + *position);
  return single(buildSequence(n.builder(), n.loc(), *elements));
}

static ImportResult importSequenceAt(OpImporter &n) {
  FailureOr<SmallVector<Value>> elements = readSequence(n);
  if (failed(elements))
    return failure();
  FailureOr<int64_t> position =
      readPosition(n, 1, elements->size(), /*isInsertion=*/false);
  if (failed(position))
    return failure();
  return single((*elements)[*position]);
}

static ImportResult importSequenceLength(OpImporter &n) {
  FailureOr<SmallVector<Value>> elements = readSequence(n);
  if (failed(elements))
    return failure();
  return single(
      n.splat(n.builder().getI64Type(), static_cast<double>(elements->size())));
}

static ImportResult importConcatFromSequence(OpImporter &n) {
  FailureOr<SmallVector<Value>> elements = readSequence(n);
  if (failed(elements))
    return failure();
  if (elements->empty() || !llvm::all_of(*elements, [](Value element) {
        return isa<RankedTensorType>(element.getType());
      }))
    return n.unsupported("the sequence has no tensors", "give it some");
  bool isNew = n.intAttr("new_axis", 0) != 0;
  int64_t rank = typeOf(elements->front()).getRank() + (isNew ? 1 : 0);
  FailureOr<int64_t> axis = n.axis("axis", 0, rank);
  if (failed(axis))
    return failure();
  if (isNew)
    return chainResults(buildStacked(n, *elements, *axis));
  return n.build<ConcatOp>(ValueRange(*elements), *axis);
}

/// The extents of the parts of a dimension: given, or all of one length but for
/// the last.
static FailureOr<SmallVector<int64_t>> readParts(OpImporter &n,
                                                 int64_t extent) {
  SmallVector<int64_t> parts;
  if (n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = n.constantInts(1, "split");
    if (failed(given))
      return failure();
    parts = *given;
  }
  bool isLength = !n.hasInput(1) || typeOf(n.input(1)).getRank() == 0;
  if (isLength) {
    int64_t length = parts.empty() ? 1 : parts[0];
    parts.clear();
    constexpr int64_t kMostParts = 4096;
    if (length < 1 || extent / length > kMostParts)
      return n.unsupported("parts of length " + Twine(length) +
                               " of a dimension of extent " + Twine(extent),
                           "give a length that makes fewer parts");
    for (int64_t left = extent; left > 0; left -= length)
      parts.push_back(std::min(left, length));
  }
  int64_t total = 0;
  for (int64_t part : parts)
    if (part < 0 || llvm::AddOverflow(total, part, total))
      return n.unsupported("split has the part " + Twine(part),
                           "give extents of at least 0");
  if (total != extent)
    return n.unsupported("the parts have " + Twine(total) + " of " +
                             Twine(extent) + " elements",
                         "give parts of all elements");
  return parts;
}

static constexpr Limit kOpenLength{"a sequence of a bounded length",
                                   "fix the extent"};

static ImportResult importSplitToSequence(OpImporter &n) {
  RankedTensorType type = typeOf(n.input(0));
  FailureOr<int64_t> axis = n.axis("axis", 0, type.getRank());
  if (failed(axis))
    return failure();
  if (n.extents().isOpen(n.input(0), *axis))
    return n.unsupported(kOpenLength);
  FailureOr<SmallVector<int64_t>> parts = readParts(n, type.getDimSize(*axis));
  if (failed(parts))
    return failure();
  bool drops = !n.hasInput(1) && n.intAttr("keepdims", 1) == 0;
  SmallVector<int64_t> starts(type.getRank(), 0), extents(type.getShape()),
      steps(type.getRank(), 1);
  SmallVector<Value> elements;
  for (int64_t part : *parts) {
    extents[*axis] = part;
    MaybeValue element = n.value<SliceOp>(n.input(0), starts, extents, steps);
    starts[*axis] += part;
    SmallVector<int64_t> shape = extents;
    if (drops)
      shape.erase(shape.begin() + *axis);
    element = chainReshape(n, element, shape);
    if (failed(element))
      return failure();
    elements.push_back(*element);
  }
  return single(buildSequence(n.builder(), n.loc(), elements));
}

/// Runs a graph on the elements of sequences at every position; tensors stay.
static ImportResult importSequenceMap(OpImporter &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  FailureOr<SmallVector<Value>> first = readSequence(n);
  if (failed(first))
    return failure();
  if (!body)
    return n.unsupported("it has no body", "check the model");
  size_t count = first->size();
  SmallVector<SmallVector<Value>> collected(n.numOutputs());
  for (size_t at = 0; at < count; ++at) {
    SmallVector<Value> args;
    for (unsigned i = 0; i < n.numInputs(); ++i) {
      Value input = n.input(i);
      if (isSequence(input) && at >= getElements(input).size())
        return n.unsupported("its sequences have different lengths",
                             "make them of one length");
      args.push_back(isSequence(input) ? getElements(input)[at] : input);
    }
    ImportResult results = n.importBody(*body, args);
    if (failed(results))
      return failure();
    if (results->size() != collected.size())
      return n.unsupported("its body gives " + Twine(results->size()) +
                               " values for " + Twine(collected.size()) +
                               " outputs",
                           "check the model with the ONNX checker");
    for (auto [all, result] : llvm::zip_equal(collected, *results))
      all.push_back(result);
  }
  SmallVector<Value> outputs;
  for (ArrayRef<Value> elements : collected)
    outputs.push_back(buildSequence(n.builder(), n.loc(), elements));
  return outputs;
}

static ImportResult importOptional(OpImporter &n) {
  return single(n.hasInput(0) ? n.input(0)
                              : buildEmptyOptional(n.builder(), n.loc()));
}

static ImportResult importOptionalHasElement(OpImporter &n) {
  bool has = n.hasInput(0) && !isEmptyOptional(n.input(0));
  return single(n.splat(n.builder().getI1Type(), has ? 1 : 0));
}

static ImportResult importOptionalGetElement(OpImporter &n) {
  if (isEmptyOptional(n.input(0)))
    return n.unsupported("the optional is empty",
                         "ask OptionalHasElement before");
  return single(n.input(0));
}

void cameo::registerSequences(OpRegistry &registry) {
  registry.add("ConcatFromSequence", 11, "sequence", importConcatFromSequence);
  registry.add("Optional", 15, "any|sequence?", importOptional);
  registry.add("OptionalGetElement", 15, "any|sequence|optional",
               importOptionalGetElement);
  registry.add("OptionalHasElement", 15, "any|sequence|optional?",
               importOptionalHasElement);
  registry.add("SequenceAt", 11, "sequence, known index", importSequenceAt);
  registry.add("SequenceConstruct", 11, "any...", importSequenceConstruct);
  registry.add("SequenceEmpty", 11, "", importSequenceEmpty);
  registry.add("SequenceErase", 11, "sequence, known index?",
               importSequenceErase);
  registry.add("SequenceInsert", 11, "sequence, any, known index?",
               importSequenceInsert);
  registry.add("SequenceLength", 11, "sequence", importSequenceLength);
  registry.add("SequenceMap", 17, "sequence, any|sequence?...",
               importSequenceMap);
  registry.add("SplitToSequence", 11, "any, known index?",
               importSplitToSequence, {kOpenLength});
  registry.allowOpenDims({"Optional", "OptionalGetElement",
                          "OptionalHasElement", "SequenceConstruct",
                          "SequenceInsert", "SplitToSequence"});
}
