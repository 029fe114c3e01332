//===- Scan.cpp - Import of Scan ------------------------------------------===//
//
// A loop along dimensions of its last inputs.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ops/Control.h"
#include "compiler/import/ops/OpenShapes.h"
#include "compiler/import/ops/Sequences.h"

#include "onnx/onnx_pb.h"

using namespace mlir;
using namespace cameo;

namespace {
/// The attributes of Scan; of directions, 1 is reverse.
struct ScanAttrs {
  SmallVector<int64_t> inputAxes, inputReverse, outputAxes, outputReverse;
  size_t numStates = 0;
};
} // namespace

static FailureOr<ScanAttrs>
readScan(OpImporter &n, const onnx::GraphProto &body, size_t numInputs) {
  bool isOld = n.opset() < 9;
  int64_t numScanned = n.intAttr("num_scan_inputs", 0);
  int64_t numStates = static_cast<int64_t>(numInputs) - numScanned;
  int64_t numCollected = body.output_size() - numStates;
  if (numScanned < 1 || numStates < 0 || numCollected < 0)
    return n.unsupported("num_scan_inputs = " + Twine(numScanned) + " of " +
                             Twine(numInputs) + " inputs",
                         "check the model with the ONNX checker");
  auto read = [&](StringRef name, int64_t count) {
    return n.intsAttr(name, SmallVector<int64_t>(count, 0));
  };
  ScanAttrs attrs;
  attrs.numStates = numStates;
  attrs.inputAxes = read("scan_input_axes", numScanned);
  attrs.inputReverse =
      read(isOld ? "directions" : "scan_input_directions", numScanned);
  attrs.outputAxes = read("scan_output_axes", numCollected);
  attrs.outputReverse = read("scan_output_directions", numCollected);
  if (static_cast<int64_t>(attrs.inputAxes.size()) != numScanned ||
      static_cast<int64_t>(attrs.inputReverse.size()) != numScanned ||
      static_cast<int64_t>(attrs.outputAxes.size()) != numCollected ||
      static_cast<int64_t>(attrs.outputReverse.size()) != numCollected)
    return n.unsupported("axes and directions do not go with its inputs and "
                         "outputs",
                         "check the model with the ONNX checker");
  return attrs;
}

/// Collected values with dimension 0 moved to `axis`, perhaps from the end.
static MaybeValue arrangeOutput(OpImporter &n, Value collected, int64_t axis,
                                bool reverse) {
  RankedTensorType type = typeOf(collected);
  int64_t rank = type.getRank();
  if (axis < -rank || axis >= rank)
    return n.unsupported("a scan output's axis is " + Twine(axis),
                         "give an axis in [-rank, rank)");
  if (axis < 0)
    axis += rank;
  MaybeValue result = collected;
  AffineExpr length = n.extents().getExtent(collected, 0);
  if (reverse && n.extents().isOpen(length)) {
    AffineExpr last = n.extents().simplify(length - 1);
    result = sliceOpen(n, collected, 0, {last, length, /*step=*/-1});
  } else if (reverse && type.getDimSize(0) > 0) {
    SmallVector<int64_t> starts(rank, 0), steps(rank, 1);
    starts[0] = type.getDimSize(0) - 1;
    steps[0] = -1;
    result = chain<SliceOp>(n, result, starts, type.getShape(), steps);
  }
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(1, rank));
  permutation.insert(permutation.begin() + axis, 0);
  return chain<TransposeOp>(n, result, permutation);
}

/// Runs the graph along the scanned dimension of its last inputs.
static ImportResult buildScan(OpImporter &n, const onnx::GraphProto &body,
                              const ScanAttrs &attrs, ArrayRef<Value> inputs) {
  ArrayRef<Value> scanned = inputs.drop_front(attrs.numStates);
  Extents &extents = n.extents();
  AffineExpr length;
  SmallVector<int64_t> axes;
  for (auto [input, axis] : llvm::zip_equal(scanned, attrs.inputAxes)) {
    RankedTensorType type = typeOf(input);
    bool fits = axis >= -type.getRank() && axis < type.getRank();
    axes.push_back(axis < 0 ? axis + type.getRank() : axis);
    AffineExpr here = fits ? extents.getExtent(input, axes.back()) : length;
    bool isOpen =
        fits && length && (extents.isOpen(here) || extents.isOpen(length));
    if (!fits || (length && !isOpen && here != length))
      return n.unsupported("its inputs have different lengths",
                           "check the model with the ONNX checker");
    length = isOpen ? extents.check(n.loc(), length, here, here) : here;
  }
  auto step = [&](Value i, ValueRange states) -> ImportResult {
    SmallVector<Value> args(states);
    for (auto [input, axis, reverse] :
         llvm::zip_equal(scanned, axes, attrs.inputReverse)) {
      MaybeValue at = i;
      if (reverse)
        at = n.value<SubOp>(
            extents.materialize(n.loc(), extents.simplify(length - 1)), i);
      if (failed(at))
        return failure();
      // No iteration is beyond the extent.
      Exprs exprs = extents.getExtents(input);
      exprs.erase(exprs.begin() + axis);
      MaybeValue element =
          extents.isOpen(input)
              ? n.withExtents<GatherOp>(exprs, input, *at, axis,
                                        /*in_bounds=*/true)
              : n.value<GatherOp>(input, *at, axis, /*in_bounds=*/true);
      if (failed(element))
        return failure();
      args.push_back(*element);
    }
    return n.importBody(body, args);
  };
  ImportResult results = buildRepeated(
      n, length, inputs.take_front(attrs.numStates), body.node_size(), step);
  if (failed(results))
    return failure();
  for (auto [i, axis] : llvm::enumerate(attrs.outputAxes)) {
    if (attrs.numStates + i >= results->size())
      break; // Nothing ran, and nobody asked.
    Value &collected = (*results)[attrs.numStates + i];
    MaybeValue arranged =
        arrangeOutput(n, collected, axis, attrs.outputReverse[i] != 0);
    if (failed(arranged))
      return failure();
    collected = *arranged;
  }
  return results;
}

/// Before opset 9, all inputs had a batch dimension first.
static ImportResult buildBatchedScan(OpImporter &n,
                                     const onnx::GraphProto &body,
                                     const ScanAttrs &attrs,
                                     ArrayRef<Value> inputs) {
  int64_t batch = -1;
  for (Value input : inputs) {
    RankedTensorType type = typeOf(input);
    if (type.getRank() < 1 || (batch >= 0 && type.getDimSize(0) != batch))
      return n.unsupported("its inputs have no common batch",
                           "check the model with the ONNX checker");
    if (n.extents().isOpen(input, 0))
      return n.unsupported(kOpenBatch);
    batch = type.getDimSize(0);
  }
  SmallVector<SmallVector<Value>> all;
  for (int64_t b = 0; b < batch; ++b) {
    SmallVector<Value> elements;
    for (Value input : inputs) {
      MaybeValue element = n.value<GatherOp>(
          input, n.splat(n.builder().getI64Type(), static_cast<double>(b)), 0,
          /*in_bounds=*/true);
      if (failed(element))
        return failure();
      elements.push_back(*element);
    }
    ImportResult results = buildScan(n, body, attrs, elements);
    if (failed(results))
      return failure();
    all.resize(results->size());
    for (auto [values, result] : llvm::zip_equal(all, *results))
      values.push_back(result);
  }
  SmallVector<MaybeValue> outputs;
  for (ArrayRef<Value> values : all)
    outputs.push_back(buildStacked(n, values, 0));
  return chainResults(outputs);
}

ImportResult cameo::importScan(OpImporter &n) {
  const onnx::GraphProto *body = n.graphAttr("body");
  bool isOld = n.opset() < 9;
  if (isOld && n.hasInput(0))
    return n.unsupported(kSequenceLens);
  SmallVector<Value> inputs;
  for (unsigned i = isOld ? 1 : 0; i < n.numInputs(); ++i) {
    if (!n.hasInput(i))
      return n.unsupported("input " + Twine(i) + " is missing",
                           "check the model with the ONNX checker");
    inputs.push_back(n.input(i));
  }
  if (!body)
    return n.unsupported("it has no body", "check the model");
  FailureOr<ScanAttrs> attrs = readScan(n, *body, inputs.size());
  if (failed(attrs))
    return failure();
  return isOld ? buildBatchedScan(n, *body, *attrs, inputs)
               : buildScan(n, *body, *attrs, inputs);
}
