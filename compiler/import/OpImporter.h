//===- OpImporter.h - Import of one ONNX node -------------------*- C++ -*-===//
//
// What the converter of an operator sees of a node. Converters are functions
// `ImportResult convert(OpImporter &n)`, registered in the table of operators
// by compiler/import/ops; they return one value per output that they know, and
// serve all operator set versions from the one in the table on. What they
// cannot do they refuse by `return n.unsupported(reason, hint)`.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPIMPORTER_H
#define CAMEO_COMPILER_IMPORT_OPIMPORTER_H

#include "compiler/import/Extents.h"
#include "compiler/import/OpRegistry.h"
#include "dialects/cameo/Cameo.h"

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace onnx

namespace cameo {

class GraphImporter;
struct ImportProblem;

class OpImporter {
public:
  OpImporter(GraphImporter &graph, const onnx::NodeProto &node, int64_t opset,
             llvm::ArrayRef<mlir::Value> inputs, mlir::Location loc)
      : graph(graph), node(node), opsetVersion(opset), inputs(inputs),
        location(loc) {}

  /// The version of the operator set of the node's domain.
  int64_t opset() const { return opsetVersion; }
  mlir::Location loc() const { return location; }
  mlir::OpBuilder &builder();
  /// What is known about extents at run time.
  Extents &extents();

  //===--------------------------------------------------------------------===//
  // Inputs and outputs
  //===--------------------------------------------------------------------===//

  unsigned numInputs() const { return inputs.size(); }
  unsigned numOutputs() const;
  /// Whether an optional input is there.
  bool hasInput(unsigned i) const { return i < inputs.size() && inputs[i]; }
  /// Whether an optional output is asked for.
  bool hasOutput(unsigned i) const;
  mlir::Value input(unsigned i) const { return inputs[i]; }

  /// The integers of an input that must be constant, such as axes.
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  constantInts(unsigned i, llvm::StringRef what);
  /// The integers of an input that must be constant or come from shapes.
  mlir::FailureOr<Exprs> knownInts(unsigned i, llvm::StringRef what);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttr(llvm::StringRef name) const { return findAttr(name); }
  int64_t intAttr(llvm::StringRef name, int64_t otherwise) const;
  double floatAttr(llvm::StringRef name, double otherwise) const;
  llvm::StringRef stringAttr(llvm::StringRef name,
                             llvm::StringRef otherwise) const;
  llvm::SmallVector<int64_t> intsAttr(llvm::StringRef name,
                                      llvm::ArrayRef<int64_t> otherwise) const;
  llvm::SmallVector<float> floatsAttr(llvm::StringRef name) const;
  llvm::SmallVector<llvm::StringRef> stringsAttr(llvm::StringRef name) const;
  /// A tensor attribute.
  mlir::FailureOr<mlir::ElementsAttr> tensorAttr(llvm::StringRef name);
  /// A tensor attribute of strings, as bytes; none when it is not one.
  std::optional<mlir::Value> stringsTensorAttr(llvm::StringRef name);
  /// A graph attribute; null when there is none.
  const onnx::GraphProto *graphAttr(llvm::StringRef name) const;
  /// An attribute that holds an element type's number.
  mlir::FailureOr<mlir::Type> elementTypeAttr(llvm::StringRef name);
  /// The axis in an attribute, in [0, rank).
  mlir::FailureOr<int64_t> axis(llvm::StringRef name, int64_t otherwise,
                                int64_t rank);
  /// Axes in ascending order in [0, rank), none twice.
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  normalizedAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);

  //===--------------------------------------------------------------------===//
  // Operations
  //===--------------------------------------------------------------------===//

  /// Builds the operation `Op` with one result, folded when its operands are
  /// small constants. A failure of its type inference is reported.
  template <typename Op, typename... Args>
  mlir::FailureOr<mlir::Value> value(Args &&...args) {
    mlir::OperationState state(location, Op::getOperationName());
    Op::build(builder(), state, mlir::Type(), std::forward<Args>(args)...);
    return finish(state);
  }
  /// The same with extents that are known better than from its operands.
  template <typename Op, typename... Args>
  mlir::FailureOr<mlir::Value>
  withExtents(llvm::ArrayRef<mlir::AffineExpr> extents, Args &&...args) {
    mlir::OperationState state(location, Op::getOperationName());
    Op::build(builder(), state, mlir::Type(), std::forward<Args>(args)...);
    Exprs given(extents);
    return finish(state, &given);
  }
  /// The same as the result of the node.
  template <typename Op, typename... Args> ImportResult build(Args &&...args) {
    mlir::FailureOr<mlir::Value> result =
        value<Op>(std::forward<Args>(args)...);
    if (mlir::failed(result))
      return mlir::failure();
    return llvm::SmallVector<mlir::Value>{*result};
  }
  mlir::Value constant(mlir::ElementsAttr value);
  /// A constant scalar (no dimensions) of an element type.
  mlir::Value splat(mlir::Type elementType, double number);

  /// The results of a graph in an attribute, built here, for `inputs`. It sees
  /// the values of the graphs around it.
  ImportResult importBody(const onnx::GraphProto &body,
                          mlir::ValueRange inputs);

  /// The same for a graph that a condition may leave out, which is then no
  /// reason to refuse the node: problems of the graph go to `why`.
  ImportResult importBranch(const onnx::GraphProto &body,
                            std::vector<ImportProblem> &why);
  /// Whether a run may leave out the node.
  bool isConditional() const;
  /// Reports why graphs of the node are refused.
  mlir::LogicalResult unsupported(std::vector<ImportProblem> problems);

  /// Reports why the node is refused, and what could be done about it.
  mlir::LogicalResult unsupported(const llvm::Twine &reason,
                                  const llvm::Twine &hint);
  /// The same in the words of the table of operators.
  mlir::LogicalResult unsupported(const Limit &limit) {
    return unsupported(limit.reason, limit.hint);
  }

private:
  const onnx::AttributeProto *findAttr(llvm::StringRef name) const;
  mlir::FailureOr<mlir::Value> finish(mlir::OperationState &state,
                                      const Exprs *given = nullptr);
  /// Derives the extents of a new operation's results, or takes `given` ones;
  /// the value that stands for its first result.
  mlir::FailureOr<mlir::Value> deriveExtents(mlir::Operation *op,
                                             const Exprs *given);

  GraphImporter &graph;
  const onnx::NodeProto &node;
  int64_t opsetVersion;
  llvm::ArrayRef<mlir::Value> inputs;
  mlir::Location location;
};

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPIMPORTER_H
