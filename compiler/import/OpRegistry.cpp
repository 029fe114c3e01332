//===- OpRegistry.cpp - The table of operators ----------------------------===//

#include "compiler/import/OpRegistry.h"
#include "compiler/import/ops/Sequences.h"
#include "compiler/import/ops/Strings.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace cameo;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// What a value may be, in the order of the bits of Signature::Input::types.
static constexpr StringLiteral kTypeNames[] = {
    "f16",      "bf16",     "f32",        "f64",    "int8",       "int16",
    "int32",    "int64",    "uint8",      "uint16", "uint32",     "uint64",
    "bool",     "f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f8e8m0fnu",
    "f4e2m1fn", "int4",     "uint4",      "int2",   "uint2",      "string",
    "sequence", "optional"};

static constexpr TypeGroup kTypeGroups[] = {
    {"float", "f16|bf16|f32|f64"},
    {"signed", "int8|int16|int32|int64"},
    {"unsigned", "uint8|uint16|uint32|uint64"},
    {"index", "int32|int64"},
    {"byte", "int8|uint8"},
    {"int", "signed|unsigned"},
    {"number", "float|int"},
    {"f8", "f8e4m3fn|f8e4m3fnuz|f8e5m2|f8e5m2fnuz"},
    {"narrow", "f8|f8e8m0fnu|f4e2m1fn|int4|uint4|int2|uint2"},
    {"any", "number|bool|narrow"},
};

ArrayRef<TypeGroup> cameo::getTypeGroups() { return kTypeGroups; }

/// The bits of types and groups joined by `|`.
static uint32_t parseTypes(StringRef text) {
  uint32_t bits = 0;
  for (StringRef word : llvm::split(text, '|')) {
    if (const auto *name = llvm::find(kTypeNames, word);
        name != std::end(kTypeNames)) {
      bits |= 1u << (name - std::begin(kTypeNames));
      continue;
    }
    const auto *group = llvm::find_if(
        kTypeGroups, [&](const TypeGroup &each) { return each.name == word; });
    assert(group != std::end(kTypeGroups) && "no type and no group");
    bits |= parseTypes(group->members);
  }
  return bits;
}

/// The name of an element type: as in ONNX, of floats as in MLIR.
static std::string getTypeName(Type type) {
  if (type.isInteger(1))
    return "bool";
  if (auto integer = dyn_cast<IntegerType>(type))
    return (integer.isUnsigned() ? "uint" : "int") +
           std::to_string(integer.getWidth());
  std::string name;
  llvm::raw_string_ostream(name) << type;
  return StringRef(name).lower();
}

static std::string getTypeName(Value value) {
  if (isStrings(value))
    return "string";
  if (isSequence(value))
    return "sequence";
  if (isEmptyOptional(value))
    return "optional";
  return getTypeName(getElementTypeOrSelf(value));
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

Signature::Signature(StringLiteral text) : text(text) {
  if (text.empty())
    return;
  for (StringRef word : llvm::split(text, ", ")) {
    Input input;
    input.isKnown = word.consume_front("known ");
    input.isVariadic = word.consume_back("...");
    input.isOptional = word.consume_back("?");
    input.text = word;
    input.types = parseTypes(word);
    inputs.push_back(input);
  }
}

const Signature::Input *Signature::find(size_t i) const {
  if (i < inputs.size())
    return &inputs[i];
  return !inputs.empty() && inputs.back().isVariadic ? &inputs.back() : nullptr;
}

/// What to do about a value that is of none of the types of an input.
static StringRef getTypeHint(Value value) {
  if (isStrings(value))
    return "make numbers of strings by LabelEncoder, Equal or RegexFullMatch, "
           "or before the model";
  if (!isa<ShapedType>(value.getType()))
    return "give it a tensor";
  return "cast it";
}

std::string Signature::check(ArrayRef<Value> values, StringRef &hint) const {
  hint = "check the model with the ONNX checker";
  for (auto [i, input] : llvm::enumerate(inputs)) {
    bool isThere = i < values.size() && values[i];
    if (!isThere && !input.isOptional)
      return "input " + std::to_string(i) + " is missing";
  }
  for (auto [i, value] : llvm::enumerate(values)) {
    if (!value)
      continue;
    const Input *input = find(i);
    if (!input)
      return "it has " + std::to_string(values.size()) + " inputs and takes " +
             std::to_string(inputs.size());
    std::string name = getTypeName(value);
    if (input->types & parseTypes(name))
      continue;
    hint = getTypeHint(value);
    return "input " + std::to_string(i) + " is " + name + " and not " +
           llvm::join(llvm::split(input->text, '|'), " or ");
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

const OpRegistry &OpRegistry::get() {
  static const OpRegistry *registry = [] {
    auto *table = new OpRegistry;
    registerAttention(*table);
    registerConstant(*table);
    registerBranches(*table);
    registerControl(*table);
    registerContraction(*table);
    registerConvolution(*table);
    registerEinsum(*table);
    registerElementwise(*table);
    registerIndexing(*table);
    registerLabels(*table);
    registerLoss(*table);
    registerMovement(*table);
    registerNormalization(*table);
    registerPooling(*table);
    registerQuantization(*table);
    registerMachineLearning(*table);
    registerRandom(*table);
    registerRecurrent(*table);
    registerReduction(*table);
    registerSelection(*table);
    registerSequences(*table);
    registerShape(*table);
    registerSignal(*table);
    registerSpatial(*table);
    registerState(*table);
    registerStrings(*table);
    registerText(*table);
    registerTraining(*table);
    registerTrees(*table);
    registerResize(*table);
    registerSampling(*table);
    return table;
  }();
  return *registry;
}

void OpRegistry::add(StringRef op, int64_t since, StringLiteral signature,
                     Converter converter, std::initializer_list<Limit> limits) {
  Entry &entry = entries[op];
  entry.since = since;
  entry.signature = Signature(signature);
  entry.converter = converter;
  entry.limits.append(limits);
}

void OpRegistry::addForStrings(StringRef op, Converter converter,
                               std::initializer_list<Limit> limits) {
  Entry &entry = entries[op];
  entry.forStrings = converter;
  entry.limits.append(limits);
}

void OpRegistry::allowOpenDims(ArrayRef<StringRef> ops) {
  for (StringRef op : ops) {
    auto entry = entries.find(op);
    assert(entry != entries.end() && "of no operator");
    entry->second.takesOpenDims = true;
  }
}

SmallVector<StringRef> OpRegistry::names() const {
  SmallVector<StringRef> names(entries.keys());
  llvm::sort(names);
  return names;
}

const OpRegistry::Entry *OpRegistry::find(StringRef op) const {
  auto entry = entries.find(op);
  return entry == entries.end() ? nullptr : &entry->second;
}
