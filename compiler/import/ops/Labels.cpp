//===- Labels.cpp - Import of LabelEncoder --------------------------------===//
//
// Keys are compared with every element: tables of labels are short.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/MachineLearning.h"
#include "compiler/import/ops/Strings.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Keys or values of a LabelEncoder.
struct Labels {
  Value values; ///< A vector; of strings, their bytes.
  bool areStrings = false;
  int64_t count() const { return typeOf(values).getDimSize(0); }
  Type type() const { return typeOf(values).getElementType(); }
};
} // namespace

static Value buildStringTable(OpImporter &n, ArrayRef<StringRef> values) {
  Strings strings;
  strings.shape.push_back(static_cast<int64_t>(values.size()));
  for (StringRef value : values)
    strings.values.push_back(value.str());
  return buildBytes(n, strings);
}

/// The labels in one of the attributes `name`_floats, _int64s, _strings or
/// _tensor.
static FailureOr<Labels> readLabels(OpImporter &n, StringRef name) {
  Builder &b = n.builder();
  std::string base = name.str();
  if (n.hasAttr(base + "_floats")) {
    SmallVector<float> values = n.floatsAttr(base + "_floats");
    auto count = static_cast<int64_t>(values.size());
    return Labels{buildFloats(n, count, values)};
  }
  if (n.hasAttr(base + "_int64s")) {
    SmallVector<int64_t> values = n.intsAttr(base + "_int64s", {});
    auto type = RankedTensorType::get(static_cast<int64_t>(values.size()),
                                      b.getI64Type());
    return Labels{
        n.constant(DenseElementsAttr::get(type, ArrayRef<int64_t>(values)))};
  }
  if (n.hasAttr(base + "_strings"))
    return Labels{buildStringTable(n, n.stringsAttr(base + "_strings")), true};
  bool areStrings = true;
  MaybeValue value = failure();
  if (auto bytes = n.stringsTensorAttr(base + "_tensor")) {
    value = *bytes;
  } else {
    FailureOr<ElementsAttr> tensor = n.tensorAttr(base + "_tensor");
    if (failed(tensor))
      return failure();
    value = n.constant(*tensor);
    areStrings = false;
  }
  SmallVector<int64_t> shape = {-1};
  if (areStrings)
    shape.push_back(typeOf(*value).getShape().back());
  int64_t count = typeOf(*value).getNumElements();
  shape[0] = areStrings ? count / shape[1] : count;
  value = chainReshape(n, value, shape);
  if (failed(value))
    return failure();
  return Labels{*value, areStrings};
}

/// What elements without a key become; of strings, one as wide as the values.
static FailureOr<Value> readDefaultLabel(OpImporter &n, const Labels &values) {
  Type type = values.type();
  if (values.areStrings) {
    StringRef otherwise = n.stringAttr("default_string", "_Unused");
    auto bytes = n.stringsTensorAttr("default_tensor");
    return bytes ? chainReshape(n, *bytes, typeOf(*bytes).getShape().back())
                 : chainReshape(n, buildStringTable(n, otherwise),
                                static_cast<int64_t>(
                                    std::max<size_t>(otherwise.size(), 1)));
  }
  if (n.hasAttr("default_tensor")) {
    FailureOr<ElementsAttr> tensor = n.tensorAttr("default_tensor");
    if (failed(tensor))
      return failure();
    MaybeValue scalar = chainReshape(n, n.constant(*tensor), {});
    if (failed(scalar) || typeOf(*scalar).getElementType() != type)
      return n.unsupported("default_tensor is not one value",
                           "give one of the type of the values");
    return *scalar;
  }
  return n.splat(type,
                 isa<FloatType>(type)
                     ? n.floatAttr("default_float", -0.0)
                     : static_cast<double>(n.intAttr("default_int64", -1)));
}

/// Which key each element is: flags [..., keys].
static MaybeValue findKeys(OpImporter &n, Value x, const Labels &keys) {
  SmallVector<int64_t> shape(typeOf(x).getShape());
  shape.insert(keys.areStrings ? shape.end() - 1 : shape.end(), 1);
  MaybeValue elements = chainReshape(n, x, shape);
  if (keys.areStrings)
    return buildStringsEqual(n, elements, keys.values);
  MaybeValue isKey = chain<EqualOp>(n, elements, keys.values);
  if (isa<FloatType>(keys.type())) // NaN is a key like others.
    isKey = chain<OrOp>(n, isKey,
                        chain<AndOp>(n, chain<IsNaNOp>(n, elements),
                                     chain<IsNaNOp>(n, keys.values)));
  return isKey;
}

/// The value whose key equals the element; the default if there is none.
static constexpr Limit kOpenStrings{"strings of bounded extents",
                                    "fix the extents"};

static ImportResult importLabelEncoder(OpImporter &n) {
  bool hasStrings = isStrings(n.input(0));
  Value x = hasStrings ? getBytes(n.input(0)) : n.input(0);
  FailureOr<Labels> keys = readLabels(n, "keys");
  if (failed(keys))
    return failure();
  FailureOr<Labels> values = readLabels(n, "values");
  if (failed(values))
    return failure();
  if (values->areStrings && n.extents().isOpen(x))
    return n.unsupported(kOpenStrings);
  FailureOr<Value> otherwise = readDefaultLabel(n, *values);
  if (failed(otherwise))
    return failure();
  if (keys->count() != values->count() || keys->count() == 0 ||
      keys->areStrings != hasStrings ||
      keys->type() != typeOf(x).getElementType())
    return n.unsupported("keys do not go with the values or the input",
                         "give as many keys as values, of the input's type");
  // Flags are compared as numbers.
  MaybeValue flags =
      chainCast(n, findKeys(n, x, *keys), n.builder().getI32Type());
  int64_t last = typeOf(x).getRank() - (hasStrings ? 1 : 0);
  MaybeValue place = chain<ArgMaxOp>(n, flags, last, /*keepdims=*/false,
                                     /*select_last=*/false);
  MaybeValue found =
      chainCast(n,
                chain<ReduceMaxOp>(n, flags, SmallVector<int64_t>{last},
                                   /*keepdims=*/values->areStrings),
                n.builder().getI1Type());
  if (!values->areStrings)
    return chainResults(
        chain<WhereOp>(n, found,
                       chain<GatherOp>(n, values->values, place, 0,
                                       /*in_bounds=*/true),
                       *otherwise));
  int64_t width = std::max(typeOf(values->values).getDimSize(1),
                           typeOf(*otherwise).getDimSize(0));
  MaybeValue value = chain<WhereOp>(
      n, found,
      chain<GatherOp>(n, buildWidened(n, values->values, width), place, 0,
                      /*in_bounds=*/true),
      buildWidened(n, *otherwise, width));
  if (failed(value))
    return failure();
  return chainResults(MaybeValue(buildStrings(n.builder(), n.loc(), *value)));
}

void cameo::registerLabels(OpRegistry &registry) {
  registry.add("ai.onnx.ml:LabelEncoder", 2, "number|string",
               importLabelEncoder, {kOpenStrings});
  registry.allowOpenDims({"ai.onnx.ml:LabelEncoder"});
}
