//===- OpImporter.h - Import of one ONNX node -------------------*- C++ -*-===//
//
// What the converter of an operator sees of a node, and the table of
// converters. Converters are functions `ImportResult convert(OpImporter &n)`,
// registered by operator name in compiler/import/ops; they return one value per
// output that they know, and serve all operator set versions. What they cannot
// do they refuse by `return n.unsupported(reason, hint)`.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPIMPORTER_H
#define CAMEO_COMPILER_IMPORT_OPIMPORTER_H

#include "compiler/import/Extents.h"
#include "dialects/cameo/Cameo.h"

#include "llvm/ADT/StringMap.h"

namespace onnx {
class AttributeProto;
class GraphProto;
class NodeProto;
} // namespace onnx

namespace cameo {

class GraphImporter;
struct ImportProblem;

/// One value per output, or a failure that was reported.
using ImportResult = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;

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

/// Converters by operator name.
class OpRegistry {
public:
  using Converter = ImportResult (*)(OpImporter &);

  /// A table of all operators.
  static const OpRegistry &get();

  /// `minInputs` are required; a node with fewer is refused before conversion.
  /// Operators of other domains than the default one are called DOMAIN:OP.
  void add(llvm::StringRef op, Converter converter, unsigned minInputs = 1);
  /// The same where inputs need not be tensors (see Sequences.h).
  void addForSequences(llvm::StringRef op, Converter converter,
                       unsigned minInputs = 1);
  /// The same where the first input is a tensor of strings (see Strings.h).
  void addForStrings(llvm::StringRef op, Converter converter,
                     unsigned minInputs = 1);
  /// Lets operators have inputs of open dimensions: their converters take no
  /// decision from bounds that would be another one for smaller extents.
  void allowOpenDims(llvm::ArrayRef<llvm::StringRef> ops);
  struct Entry {
    Converter converter = nullptr; ///< Null: takes nothing but strings.
    Converter forStrings = nullptr;
    unsigned minInputs = 0;
    bool takesSequences = false;
    bool takesOpenDims = false;
  };
  /// The converter of an operator; null when there is none.
  const Entry *find(llvm::StringRef op) const;
  /// All operators in alphabetical order.
  llvm::SmallVector<llvm::StringRef> names() const;

private:
  llvm::StringMap<Entry> entries;
};

// One function per file of compiler/import/ops.
void registerAttention(OpRegistry &registry);
void registerBranches(OpRegistry &registry);
void registerConstant(OpRegistry &registry);
void registerControl(OpRegistry &registry);
void registerContraction(OpRegistry &registry);
void registerConvolution(OpRegistry &registry);
void registerEinsum(OpRegistry &registry);
void registerElementwise(OpRegistry &registry);
void registerIndexing(OpRegistry &registry);
void registerLabels(OpRegistry &registry);
void registerLoss(OpRegistry &registry);
void registerMovement(OpRegistry &registry);
void registerNormalization(OpRegistry &registry);
void registerPooling(OpRegistry &registry);
void registerQuantization(OpRegistry &registry);
void registerMachineLearning(OpRegistry &registry);
void registerRandom(OpRegistry &registry);
void registerRecurrent(OpRegistry &registry);
void registerReduction(OpRegistry &registry);
void registerSelection(OpRegistry &registry);
void registerSequences(OpRegistry &registry);
void registerShape(OpRegistry &registry);
void registerSignal(OpRegistry &registry);
void registerSpatial(OpRegistry &registry);
void registerState(OpRegistry &registry);
void registerStrings(OpRegistry &registry);
void registerText(OpRegistry &registry);
void registerTraining(OpRegistry &registry);
void registerTrees(OpRegistry &registry);
void registerResize(OpRegistry &registry);
void registerSampling(OpRegistry &registry);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPIMPORTER_H
