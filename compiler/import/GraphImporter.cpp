//===- GraphImporter.cpp - Import of an ONNX graph ------------------------===//

#include "compiler/import/GraphImporter.h"
#include "compiler/import/ConstantInputs.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/ops/Sequences.h"
#include "compiler/import/ops/Strings.h"

#include "llvm/ADT/ScopeExit.h"

using namespace mlir;
using namespace cameo;

/// Functions may call functions, but not themselves.
static constexpr unsigned kMaxCallDepth = 64;

/// The default domain has two names.
static StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

void GraphImporter::reportModel(const Twine &reason, const Twine &hint) {
  problems.push_back({"", "", 0, reason.str(), hint.str()});
}

void GraphImporter::report(const onnx::NodeProto &node, const Twine &reason,
                           const Twine &hint) {
  // Many exporters leave nodes without names; their first output has one.
  std::string name = node.name();
  if (name.empty() && node.output_size() > 0)
    name = node.output(0);
  problems.push_back(
      {name, node.op_type(), getOpset(node), reason.str(), hint.str()});
}

//===----------------------------------------------------------------------===//
// Inputs and constants
//===----------------------------------------------------------------------===//

static bool isOfStrings(const onnx::ValueInfoProto &input) {
  return input.type().tensor_type().elem_type() == onnx::TensorProto::STRING;
}

RankedTensorType
GraphImporter::getInputType(const onnx::ValueInfoProto &input,
                            SmallVectorImpl<ExtentBounds> &bounds) {
  std::string prefix = "input '" + input.name() + "' ";
  if (!input.type().has_tensor_type()) {
    reportModel(prefix + "is not a tensor",
                "give its value: --constant=" + input.name() + "=FILE.pb");
    return nullptr;
  }
  const auto &tensor = input.type().tensor_type();
  bool hasStrings = isOfStrings(input);
  Type elementType =
      getElementType(hasStrings ? onnx::TensorProto::UINT8 : tensor.elem_type(),
                     opBuilder.getContext());
  if (!elementType) {
    reportModel(prefix + "has " + getElementTypeName(tensor.elem_type()) +
                    " elements",
                "use a float, integer or boolean type");
    return nullptr;
  }
  if (!getInputShape(input, bounds))
    return nullptr;
  SmallVector<int64_t> shape;
  for (const ExtentBounds &extent : bounds)
    shape.push_back(extent.high);
  if (hasStrings && !llvm::all_of(bounds, [](const ExtentBounds &extent) {
        return extent.isFixed();
      })) {
    reportModel(prefix + "has strings and a bounded shape", "fix its shape");
    return nullptr;
  }
  if (hasStrings)
    shape.push_back(options.stringBytes);
  if (!hasSensibleSize(shape)) {
    reportModel(prefix + "has too many elements", "give it a smaller shape");
    return nullptr;
  }
  return RankedTensorType::get(shape, elementType);
}

bool GraphImporter::importInitializer(const onnx::TensorProto &tensor,
                                      Scope &target) {
  std::string error;
  auto loc = NameLoc::get(opBuilder.getStringAttr(tensor.name()));
  Value value = importTensorValue(tensor, loc, error);
  if (!value) {
    reportModel("initialiser '" + tensor.name() + "': " + error,
                "export the model again");
    target.unknown[tensor.name()] = true;
    return false;
  }
  target.values[tensor.name()] = value;
  return true;
}

bool GraphImporter::importInitializers() {
  size_t before = problems.size();
  for (onnx::TensorProto &tensor :
       *model.mutable_graph()->mutable_initializer()) {
    importInitializer(tensor, top);
    // Large models are not held twice.
    delete tensor.release_raw_data();
  }
  if (model.graph().sparse_initializer_size() > 0)
    reportModel("sparse initialisers are not supported", "make them dense");
  return problems.size() == before;
}

Value GraphImporter::importTensorValue(const onnx::TensorProto &tensor,
                                       Location loc, std::string &error) {
  if (tensor.data_type() == onnx::TensorProto::STRING) {
    ElementsAttr bytes = importStrings(tensor, opBuilder.getContext(), error);
    return bytes ? buildStrings(opBuilder, loc,
                                ConstantOp::create(opBuilder, loc, bytes))
                 : Value();
  }
  ElementsAttr value =
      importTensor(tensor, folder, opBuilder.getContext(), error);
  return value ? ConstantOp::create(opBuilder, loc, value) : Value();
}

Value GraphImporter::importSequence(const onnx::SequenceProto &sequence,
                                    Location loc, std::string &error) {
  SmallVector<Value> elements;
  if (sequence.tensor_values_size() > 0 &&
      sequence.tensor_values(0).data_type() == onnx::TensorProto::STRING)
    error = "it has tensors of strings";
  for (const onnx::TensorProto &tensor : sequence.tensor_values())
    elements.push_back(importTensorValue(tensor, loc, error));
  for (const onnx::SequenceProto &inner : sequence.sequence_values())
    elements.push_back(importSequence(inner, loc, error));
  for (const onnx::OptionalProto &inner : sequence.optional_values())
    elements.push_back(importOptional(inner, loc, error));
  if (sequence.map_values_size() > 0 ||
      sequence.sparse_tensor_values_size() > 0)
    error = "it has maps or sparse tensors";
  return error.empty() ? buildSequence(opBuilder, loc, elements) : Value();
}

Value GraphImporter::importOptional(const onnx::OptionalProto &optional,
                                    Location loc, std::string &error) {
  if (optional.has_tensor_value())
    return importTensorValue(optional.tensor_value(), loc, error);
  if (optional.has_sequence_value())
    return importSequence(optional.sequence_value(), loc, error);
  if (optional.has_optional_value())
    return importOptional(optional.optional_value(), loc, error);
  if (optional.has_map_value() || optional.has_sparse_tensor_value())
    error = "it has a map or a sparse tensor";
  return error.empty() ? buildEmptyOptional(opBuilder, loc) : Value();
}

Value GraphImporter::importConstant(const onnx::ValueInfoProto &input,
                                    const std::string &path,
                                    std::string &error) {
  Location loc = NameLoc::get(opBuilder.getStringAttr(input.name()));
  if (input.type().has_sequence_type()) {
    onnx::SequenceProto sequence;
    return readSequenceFile(path, sequence, error)
               ? importSequence(sequence, loc, error)
               : Value();
  }
  if (input.type().has_optional_type()) {
    onnx::OptionalProto optional;
    return readOptionalFile(path, optional, error)
               ? importOptional(optional, loc, error)
               : Value();
  }
  onnx::TensorProto tensor;
  if (!readConstantFile(path, tensor, error) ||
      !matchesInput(tensor, input, error))
    return Value();
  return importTensorValue(tensor, loc, error);
}

void GraphImporter::importConstantInputs() {
  for (const auto &[name, path] : options.constants) {
    std::string error;
    const auto &inputs = model.graph().input();
    auto input =
        llvm::find_if(inputs, [&, &name = name](const auto &candidate) {
          return candidate.name() == name;
        });
    Value value;
    if (input == inputs.end())
      error = "the model has no such input";
    else
      value = importConstant(*input, path, error);
    if (!value) {
      reportModel("constant for input '" + name + "': " + error,
                  "give a file that fits, or leave the input open");
      top.unknown[name] = true;
      continue;
    }
    top.values[name] = value;
  }
}

void GraphImporter::readOpsets(
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &ids,
    Scope &target) {
  for (const auto &id : ids)
    target.opsets[normalizeDomain(id.domain())] = id.version();
}

int64_t GraphImporter::getOpset(const onnx::NodeProto &node) const {
  auto version = scope->opsets.find(normalizeDomain(node.domain()));
  return version == scope->opsets.end() ? 1 : version->second;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *GraphImporter::findAttr(const onnx::NodeProto &node,
                                                    StringRef name) const {
  const Scope *at = scope;
  const onnx::NodeProto *holder = &node;
  std::string wanted = name.str();
  while (holder) {
    const onnx::AttributeProto *found = nullptr;
    for (const auto &attr : holder->attribute())
      if (attr.name() == wanted)
        found = &attr;
    if (!found || found->ref_attr_name().empty())
      return found;
    // The function's caller gives the value.
    wanted = found->ref_attr_name();
    holder = at->caller;
    at = at->outer;
  }
  return nullptr;
}

Value GraphImporter::findValue(StringRef name, bool &isUnknown) const {
  for (const Scope *at = scope; at && !isUnknown; at = at->enclosing) {
    auto value = at->values.find(name);
    if (value != at->values.end())
      return value->second;
    isUnknown = at->unknown.contains(name);
  }
  return Value();
}

bool GraphImporter::getInputs(const onnx::NodeProto &node,
                              SmallVectorImpl<Value> &inputs) {
  for (const std::string &name : node.input()) {
    bool isUnknown = false;
    if (name.empty()) {
      inputs.push_back(Value());
    } else if (Value value = findValue(name, isUnknown)) {
      inputs.push_back(value);
    } else {
      if (!isUnknown)
        report(node, "input '" + name + "' is not defined before it",
               "nodes must be in order and must not form a cycle");
      return false;
    }
  }
  return true;
}

const onnx::FunctionProto *
GraphImporter::findFunction(const onnx::NodeProto &node) const {
  for (const onnx::FunctionProto &function : model.functions())
    if (function.name() == node.op_type() &&
        normalizeDomain(function.domain()) == normalizeDomain(node.domain()))
      return &function;
  return nullptr;
}

std::string GraphImporter::getOperatorKey(const onnx::NodeProto &node) const {
  StringRef domain = normalizeDomain(node.domain());
  return domain.empty() ? node.op_type()
                        : (domain + ":" + node.op_type()).str();
}

bool GraphImporter::fitsTable(const onnx::NodeProto &node,
                              const OpRegistry::Entry &entry,
                              ArrayRef<Value> inputs) {
  if (getOpset(node) < entry.since) {
    report(node, "it is supported from opset " + Twine(entry.since) + " on",
           "convert the model to a later opset");
    return false;
  }
  StringRef hint;
  std::string problem = entry.signature.check(inputs, hint);
  if (!problem.empty()) {
    report(node, problem, hint);
    return false;
  }
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (entry.takesOpenDims || !input ||
        !isa<RankedTensorType>(input.getType()))
      continue;
    std::optional<int64_t> dim = extents.findOpenDim(input);
    if (!dim)
      continue;
    report(node,
           "the operator does not take the bounded dimension " + Twine(*dim) +
               " of input " + Twine(i) + " yet",
           "fix the extent: --dim=NAME=VALUE or --shape=INPUT=...");
    return false;
  }
  return true;
}

ImportResult GraphImporter::convert(const onnx::NodeProto &node,
                                    ArrayRef<Value> inputs) {
  const OpRegistry::Entry &entry =
      *OpRegistry::get().find(getOperatorKey(node));
  if (!fitsTable(node, entry, inputs))
    return failure();
  bool hasStrings = llvm::any_of(
      inputs, [](Value input) { return input && isStrings(input); });
  Location loc = NameLoc::get(opBuilder.getStringAttr(
      node.name().empty() && node.output_size() > 0 ? node.output(0)
                                                    : node.name()));
  OpImporter importer(*this, node, getOpset(node), inputs, loc);
  return hasStrings && entry.forStrings ? entry.forStrings(importer)
                                        : entry.converter(importer);
}

ImportResult GraphImporter::callFunction(const onnx::FunctionProto &function,
                                         const onnx::NodeProto &node,
                                         ArrayRef<Value> inputs) {
  if (callDepth == kMaxCallDepth) {
    report(node, "functions call each other too deeply", "expand them before");
    return failure();
  }
  Scope inner;
  inner.caller = &node;
  inner.outer = scope;
  readOpsets(function.opset_import(), inner);
  for (auto [i, name] : llvm::enumerate(function.input()))
    if (i < inputs.size() && inputs[i])
      inner.values[name] = inputs[i];
  Scope *saved = scope;
  scope = &inner;
  ++callDepth;
  importNodes(function.node());
  --callDepth;
  scope = saved;
  SmallVector<Value> results;
  for (const std::string &name : function.output()) {
    auto value = inner.values.find(name);
    if (value == inner.values.end())
      return failure();
    results.push_back(value->second);
  }
  return results;
}

ImportResult GraphImporter::importBody(const onnx::GraphProto &body,
                                       const onnx::NodeProto &node,
                                       ValueRange inputs) {
  if (callDepth == kMaxCallDepth) {
    report(node, "graphs are nested too deeply", "flatten them before");
    return failure();
  }
  if (static_cast<int>(inputs.size()) != body.input_size()) {
    report(node,
           "its graph has " + Twine(body.input_size()) + " inputs for " +
               Twine(inputs.size()) + " values",
           "check the model with the ONNX checker");
    return failure();
  }
  Scope inner;
  inner.caller = scope->caller;
  inner.outer = scope->outer;
  inner.opsets = scope->opsets;
  inner.enclosing = scope;
  bool isComplete = true;
  for (const onnx::TensorProto &tensor : body.initializer())
    isComplete &= importInitializer(tensor, inner);
  for (auto [value, input] : llvm::zip_equal(inputs, body.input()))
    inner.values[input.name()] = value;
  Scope *saved = std::exchange(scope, &inner);
  ++callDepth;
  importNodes(body.node());
  SmallVector<Value> results;
  for (const onnx::ValueInfoProto &output : body.output()) {
    bool isUnknown = false;
    Value value = findValue(output.name(), isUnknown);
    if (!value && !isUnknown)
      report(node, "its graph does not define '" + output.name() + "'",
             "check the model with the ONNX checker");
    isComplete &= bool(value);
    results.push_back(value);
  }
  --callDepth;
  scope = saved;
  if (!isComplete)
    return failure();
  return results;
}

ImportResult GraphImporter::importBranch(const onnx::GraphProto &body,
                                         const onnx::NodeProto &node,
                                         std::vector<ImportProblem> &why) {
  size_t before = problems.size();
  bool outer = std::exchange(inBranch, true);
  ImportResult results = importBody(body, node, {});
  inBranch = outer;
  if (problems.size() == before)
    return results;
  why.assign(problems.begin() + before, problems.end());
  problems.resize(before);
  return failure();
}

void GraphImporter::importNode(const onnx::NodeProto &node) {
  auto fail = [&] {
    for (const std::string &name : node.output())
      scope->unknown[name] = true;
  };
  const onnx::FunctionProto *function = findFunction(node);
  bool isKnown = OpRegistry::get().find(getOperatorKey(node));
  if (!function && !isKnown) {
    StringRef domain = normalizeDomain(node.domain());
    report(node,
           domain.empty()
               ? Twine("operator is not supported")
               : "operator of domain '" + domain + "' is not supported",
           node.op_type() == "ImageDecoder"
               ? "decode images before the model and give it their pixels"
               : "replace it by supported operators");
    return fail();
  }
  SmallVector<Value> inputs;
  if (!getInputs(node, inputs))
    return fail();
  Block *block = opBuilder.getInsertionBlock();
  Operation *before = block->empty() ? nullptr : &block->back();
  ImportResult results =
      function ? callFunction(*function, node, inputs) : convert(node, inputs);
  if (failed(results) ||
      !checkExtents(node, before ? std::next(Block::iterator(before))
                                 : block->begin()))
    return fail();
  for (auto [i, name] : llvm::enumerate(node.output())) {
    if (name.empty())
      continue;
    if (i >= results->size() || !(*results)[i]) {
      report(node, "output " + Twine(i) + " is not supported", "do not use it");
      scope->unknown[name] = true;
      continue;
    }
    if (!scope->values.try_emplace(name, (*results)[i]).second)
      report(node, "output '" + name + "' is defined before it",
             "give every value a name of its own");
  }
}

void GraphImporter::importNodes(
    const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  for (const onnx::NodeProto &node : nodes)
    importNode(node);
}

//===----------------------------------------------------------------------===//
// Graph
//===----------------------------------------------------------------------===//

/// An output is a tensor; of a sequence, every element is one, with its
/// position in the name.
static void addOutputs(Value value, const std::string &name,
                       SmallVectorImpl<Value> &values,
                       SmallVectorImpl<std::string> &names) {
  if (!isSequence(value)) {
    values.push_back(isStrings(value) ? getBytes(value) : value);
    names.push_back(name);
    return;
  }
  for (auto [i, element] : llvm::enumerate(getElements(value)))
    addOutputs(element, name + "_" + std::to_string(i), values, names);
}

void GraphImporter::finishFunction(func::FuncOp function) {
  const onnx::GraphProto &graph = model.graph();
  SmallVector<Value> results;
  SmallVector<std::string> names;
  bool isComplete = true;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    auto value = top.values.find(output.name());
    if (value != top.values.end()) {
      addOutputs(value->second, output.name(), results, names);
      continue;
    }
    isComplete = false;
    if (!top.unknown.contains(output.name()))
      reportModel("output '" + output.name() + "' is not defined",
                  "check the model");
  }
  if (!llvm::all_of(results, [](Value value) {
        return isa<RankedTensorType>(value.getType());
      }))
    return reportModel("an output is an empty optional", "remove it");
  eraseSequences(function.getBody().front());
  if (problems.empty())
    placeCaches(function, results, names);
  SmallVector<Attribute> added =
      closeResults(function.getLoc(), results, names);
  func::ReturnOp::create(opBuilder, function.getLoc(), results);
  auto type = opBuilder.getFunctionType(function.getBody().getArgumentTypes(),
                                        TypeRange(ValueRange(results)));
  function.setFunctionType(type);
  if (!isComplete)
    return;
  for (auto [i, name] : llvm::enumerate(names))
    function.setResultAttr(i, "onnx.name", opBuilder.getStringAttr(name));
  for (auto [i, attr] : llvm::enumerate(added))
    function.setResultAttr(names.size() + i, "onnx.extent", attr);
}

void GraphImporter::checkOptions() {
  llvm::StringMap<bool> inputs, dims;
  std::string names;
  for (const onnx::ValueInfoProto &input : model.graph().input()) {
    inputs[input.name()] = true;
    names += (names.empty() ? "'" : ", '") + input.name() + "'";
    for (const auto &dim : input.type().tensor_type().shape().dim())
      dims[dim.dim_param()] = true;
  }
  for (const auto &entry : options.shapes)
    if (!inputs.contains(entry.getKey()))
      reportModel("--shape names '" + entry.getKey() + "', which is no input",
                  "the inputs are " + (names.empty() ? "none" : names));
  for (const auto &entry : options.dims)
    if (!dims.contains(entry.getKey()))
      reportModel("--dim names '" + entry.getKey() +
                      "', which is a dimension of no input",
                  "see the model's inputs for the names");
}

void GraphImporter::importGraph(ModuleOp module) {
  checkOptions();
  const onnx::GraphProto &graph = model.graph();
  readOpsets(model.opset_import(), top);
  llvm::StringMap<bool> isInitializer;
  for (const onnx::TensorProto &tensor : graph.initializer())
    isInitializer[tensor.name()] = true;
  SmallVector<Type> types;
  SmallVector<const onnx::ValueInfoProto *> inputs;
  SmallVector<SmallVector<ExtentBounds>> shapes;
  for (const onnx::ValueInfoProto &input : graph.input()) {
    // Before IR version 4, initialisers were also inputs.
    if (isInitializer.contains(input.name()) ||
        options.constants.contains(input.name()))
      continue;
    SmallVector<ExtentBounds> shape;
    RankedTensorType type = getInputType(input, shape);
    if (!type) {
      top.unknown[input.name()] = true;
      continue;
    }
    types.push_back(type);
    inputs.push_back(&input);
    shapes.push_back(shape);
  }
  opBuilder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(opBuilder, module.getLoc(), options.name,
                                       opBuilder.getFunctionType(types, {}));
  Block *body = function.addEntryBlock();
  opBuilder.setInsertionPointToStart(body);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value value = body->getArgument(i);
    top.values[input->name()] =
        isOfStrings(*input) ? buildStrings(opBuilder, value.getLoc(), value)
                            : value;
    function.setArgAttr(i, "onnx.name", opBuilder.getStringAttr(input->name()));
  }
  openInputs(function, inputs, shapes);
  importInitializers();
  importConstantInputs();
  importNodes(graph.node());
  finishFunction(function);
}
