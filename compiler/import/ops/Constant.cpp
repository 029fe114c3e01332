//===- Constant.cpp - Import of constants ---------------------------------===//

#include "compiler/import/ops/Strings.h"

using namespace mlir;
using namespace cameo;

/// A scalar, or a vector of the values of an attribute.
template <typename T>
static Value buildNumbers(OpImporter &n, Type elementType, ArrayRef<T> values,
                          bool isScalar) {
  SmallVector<int64_t> shape;
  if (!isScalar)
    shape.push_back(values.size());
  return n.constant(DenseElementsAttr::get(
      RankedTensorType::get(shape, elementType), values));
}

static constexpr Limit kSparse{"constants of sparse tensors",
                               "use a dense tensor"};

static ImportResult importConstant(OpImporter &n) {
  Builder &b = n.builder();
  Value value;
  if (auto bytes = n.stringsTensorAttr("value")) {
    value = buildStrings(n.builder(), n.loc(), *bytes);
  } else if (n.hasAttr("value_string") || n.hasAttr("value_strings")) {
    Strings strings;
    if (n.hasAttr("value_string"))
      strings.values.push_back(n.stringAttr("value_string", "").str());
    for (StringRef text : n.stringsAttr("value_strings"))
      strings.values.push_back(text.str());
    if (!n.hasAttr("value_string"))
      strings.shape.push_back(strings.values.size());
    value = buildStrings(n.builder(), n.loc(), buildBytes(n, strings));
  } else if (n.hasAttr("value")) {
    FailureOr<ElementsAttr> elements = n.tensorAttr("value");
    if (failed(elements))
      return failure();
    value = n.constant(*elements);
  } else if (n.hasAttr("value_float")) {
    float number = n.floatAttr("value_float", 0);
    value = buildNumbers<float>(n, b.getF32Type(), number, /*isScalar=*/true);
  } else if (n.hasAttr("value_floats")) {
    value = buildNumbers<float>(n, b.getF32Type(), n.floatsAttr("value_floats"),
                                /*isScalar=*/false);
  } else if (n.hasAttr("value_int")) {
    int64_t number = n.intAttr("value_int", 0);
    value = buildNumbers<int64_t>(n, b.getI64Type(), number, /*isScalar=*/true);
  } else if (n.hasAttr("value_ints")) {
    value =
        buildNumbers<int64_t>(n, b.getI64Type(), n.intsAttr("value_ints", {}),
                              /*isScalar=*/false);
  } else {
    return n.unsupported(kSparse);
  }
  return SmallVector<Value>{value};
}

void cameo::registerConstant(OpRegistry &registry) {
  registry.add("Constant", 1, "", importConstant, {kSparse});
}
