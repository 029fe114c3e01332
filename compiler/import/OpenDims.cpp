//===- OpenDims.cpp - Inputs and outputs of open dimensions ---------------===//
//
// An extent that is known at run time is an argument or a result of its own: a
// tensor of one i64 with the attribute `onnx.extent`, which says the dimensions
// that it is of. Callers' tensors have no gaps.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/GraphImporter.h"

using namespace mlir;
using namespace cameo;

namespace {
/// Dimensions of inputs or outputs with one extent.
struct SharedExtent {
  AffineExpr extent;
  std::string name; // Of inputs' dimensions; may be empty.
  ExtentBounds bounds;
  SmallVector<Attribute> of;
};
} // namespace

static Attribute getDimAttr(Builder &b, StringRef name, int64_t dim) {
  return b.getDictionaryAttr({b.getNamedAttr("value", b.getStringAttr(name)),
                              b.getNamedAttr("dim", b.getI64IntegerAttr(dim))});
}

/// The open dimensions, and their extents as values.
static SmallVector<int64_t> getOpenDims(Extents &extents, Location loc,
                                        ArrayRef<AffineExpr> exprs,
                                        SmallVector<Value> &values) {
  SmallVector<int64_t> dims;
  for (auto [dim, expr] : llvm::enumerate(exprs)) {
    if (!extents.isOpen(expr))
      continue;
    dims.push_back(dim);
    values.push_back(extents.materialize(loc, expr));
  }
  return dims;
}

/// `x` itself where there are no gaps.
template <typename Op>
static Value buildDense(OpBuilder &b, Location loc, Value x, ValueRange extents,
                        ArrayRef<int64_t> dims) {
  return b.createOrFold<Op>(loc, x.getType(), x, extents,
                            b.getDenseI64ArrayAttr(dims));
}

bool GraphImporter::getInputShape(const onnx::ValueInfoProto &input,
                                  SmallVectorImpl<ExtentBounds> &shape) {
  std::string prefix = "input '" + input.name() + "' ";
  const auto &tensor = input.type().tensor_type();
  auto given = options.shapes.find(input.name());
  bool isGiven = given != options.shapes.end();
  if (!isGiven && !tensor.has_shape()) {
    reportModel(prefix + "has no shape",
                "give one: --shape=" + input.name() + "=...");
    return false;
  }
  int64_t rank = tensor.shape().dim_size();
  if (isGiven) {
    shape.append(given->second.begin(), given->second.end());
    if (!tensor.has_shape() || rank == std::ssize(shape))
      return true;
    reportModel(prefix + "has " + std::to_string(rank) + " dimensions, but " +
                    std::to_string(shape.size()) + " are given",
                "give an extent for each: --shape=" + input.name() + "=...");
    return false;
  }
  for (const auto &dim : tensor.shape().dim()) {
    auto named = options.dims.find(dim.dim_param());
    if (dim.has_dim_value() && dim.dim_value() >= 0) {
      shape.push_back(dim.dim_value());
    } else if (dim.has_dim_param() && named != options.dims.end()) {
      shape.push_back(named->second);
    } else {
      reportModel(
          prefix + "has the unbound dimension '" + dim.dim_param() + "'",
          "bind it: --shape=" + input.name() +
              "=... or --dim=NAME=VALUE, where LOW..HIGH leaves it open");
      return false;
    }
  }
  return true;
}

void GraphImporter::openInputs(func::FuncOp function,
                               ArrayRef<const onnx::ValueInfoProto *> inputs,
                               ArrayRef<SmallVector<ExtentBounds>> shapes) {
  Location loc = function.getLoc();
  Block &body = function.getBody().front();
  auto scalar = RankedTensorType::get({}, opBuilder.getI64Type());
  SmallVector<SharedExtent> shared;
  SmallVector<Exprs> exprsOf;
  for (auto [input, shape] : llvm::zip_equal(inputs, shapes)) {
    Exprs &exprs = exprsOf.emplace_back();
    for (auto [dim, bounds] : llvm::enumerate(shape)) {
      if (bounds.isFixed()) {
        exprs.push_back(extents.constant(bounds.low));
        continue;
      }
      std::string name;
      const auto &declared = input->type().tensor_type().shape();
      if (static_cast<int>(dim) < declared.dim_size())
        name = declared.dim(dim).dim_param();
      auto *known =
          llvm::find_if(shared, [&, &bounds = bounds](const auto &at) {
            return !name.empty() && at.name == name &&
                   at.bounds.low == bounds.low && at.bounds.high == bounds.high;
          });
      if (known == shared.end()) {
        (void)function.insertArgument(function.getNumArguments(), scalar,
                                      DictionaryAttr(), loc);
        AffineExpr extent = extents.addSymbol(body.getArguments().back(),
                                              {bounds.low, bounds.high});
        shared.push_back({extent, name, bounds, {}});
        known = &shared.back();
      }
      known->of.push_back(getDimAttr(opBuilder, input->name(), dim));
      exprs.push_back(known->extent);
    }
  }
  for (auto [i, at] : llvm::enumerate(shared)) {
    auto number = [&](StringRef name, int64_t value) {
      return opBuilder.getNamedAttr(name, opBuilder.getI64IntegerAttr(value));
    };
    function.setArgAttr(
        inputs.size() + i, "onnx.extent",
        opBuilder.getDictionaryAttr(
            {opBuilder.getNamedAttr("of", opBuilder.getArrayAttr(at.of)),
             number("min", at.bounds.low), number("max", at.bounds.high)}));
  }
  for (auto [input, exprs] : llvm::zip_equal(inputs, exprsOf)) {
    SmallVector<Value> values;
    SmallVector<int64_t> dims = getOpenDims(extents, loc, exprs, values);
    if (dims.empty())
      continue;
    Value &value = top.values[input->name()];
    value = buildDense<LoadDenseOp>(opBuilder, loc, value, values, dims);
    extents.setExtents(value, exprs);
  }
}

SmallVector<Attribute>
GraphImporter::closeResults(Location loc, SmallVectorImpl<Value> &results,
                            ArrayRef<std::string> names) {
  SmallVector<SharedExtent> shared;
  for (auto [result, name] : llvm::zip_equal(results, names)) {
    Exprs exprs = extents.getExtents(result);
    SmallVector<Value> values;
    SmallVector<int64_t> dims = getOpenDims(extents, loc, exprs, values);
    if (dims.empty())
      continue;
    if (!result.getDefiningOp<AppendOp>())
      result = buildDense<StoreDenseOp>(opBuilder, loc, result, values, dims);
    for (int64_t dim : dims) {
      auto *known = llvm::find_if(shared, [&](const SharedExtent &at) {
        return at.extent == exprs[dim];
      });
      if (known == shared.end()) {
        shared.push_back({exprs[dim], "", {}, {}});
        known = &shared.back();
      }
      known->of.push_back(getDimAttr(opBuilder, name, dim));
    }
  }
  SmallVector<Attribute> attrs;
  for (SharedExtent &at : shared) {
    results.push_back(extents.materialize(loc, at.extent));
    attrs.push_back(opBuilder.getDictionaryAttr(
        opBuilder.getNamedAttr("of", opBuilder.getArrayAttr(at.of))));
  }
  return attrs;
}

bool GraphImporter::checkExtents(const onnx::NodeProto &node,
                                 Block::iterator first) {
  for (Operation &op :
       llvm::make_range(first, opBuilder.getInsertionBlock()->end())) {
    auto isOpen = [&](Value operand) {
      return isa<RankedTensorType>(operand.getType()) &&
             extents.isOpen(operand);
    };
    auto isUnknown = [&](Value result) { return !extents.isKnown(result); };
    if (!llvm::any_of(op.getOperands(), isOpen) ||
        !llvm::any_of(op.getResults(), isUnknown))
      continue;
    report(node,
           "'" + op.getName().stripDialect() +
               "' does not take bounded dimensions yet",
           "fix the extents: --dim=NAME=VALUE or --shape=INPUT=...");
    return false;
  }
  return true;
}
