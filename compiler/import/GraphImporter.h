//===- GraphImporter.h - Import of an ONNX graph ----------------*- C++ -*-===//
//
// Walks the nodes of a graph and of the functions it calls. A node that fails
// leaves its outputs unknown; nodes after it that need them are skipped without
// a word.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_GRAPHIMPORTER_H
#define CAMEO_COMPILER_IMPORT_GRAPHIMPORTER_H

#include "compiler/import/Importer.h"
#include "compiler/import/OpImporter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/onnx-data_pb.h"
#include "onnx/onnx_pb.h"

#include <map>

namespace cameo {

class GraphImporter {
public:
  GraphImporter(mlir::MLIRContext *context, onnx::ModelProto &model,
                llvm::StringRef folder, const ImportOptions &options,
                std::vector<ImportProblem> &problems)
      : model(model), folder(folder), options(options), problems(problems),
        opBuilder(context) {}

  /// Builds the graph function at the end of `module`.
  void importGraph(mlir::ModuleOp module);

  mlir::OpBuilder &builder() { return opBuilder; }
  Extents &getExtents() { return extents; }
  llvm::StringRef getFolder() const { return folder; }
  /// The attribute of a node, which may stand for one of the function's caller.
  const onnx::AttributeProto *findAttr(const onnx::NodeProto &node,
                                       llvm::StringRef name) const;
  /// Builds the nodes of a graph that is an attribute of `node`; its results.
  ImportResult importBody(const onnx::GraphProto &body,
                          const onnx::NodeProto &node, mlir::ValueRange inputs);
  /// The same for a graph that a condition may leave out: its problems go to
  /// `why`.
  ImportResult importBranch(const onnx::GraphProto &body,
                            const onnx::NodeProto &node,
                            std::vector<ImportProblem> &why);
  /// Whether nodes are built that a run may leave out.
  bool isConditional() const { return inBranch; }
  /// Records a problem of `node`.
  void report(const onnx::NodeProto &node, const llvm::Twine &reason,
              const llvm::Twine &hint);
  void report(std::vector<ImportProblem> more) {
    std::move(more.begin(), more.end(), std::back_inserter(problems));
  }

private:
  /// The values by name of a graph or of one call of a function.
  struct Scope {
    llvm::StringMap<mlir::Value> values;
    llvm::StringMap<int64_t> opsets;
    /// Names that a failed node should have defined.
    llvm::StringMap<bool> unknown;
    /// The call whose attributes the function's nodes refer to.
    const onnx::NodeProto *caller = nullptr;
    Scope *outer = nullptr;
    /// The graph around the node that holds this graph, whose values it sees.
    Scope *enclosing = nullptr;
  };

  /// The value of a name, or null; `isUnknown` when a failed node should have
  /// defined it.
  mlir::Value findValue(llvm::StringRef name, bool &isUnknown) const;
  /// The operators of a node's domain.
  std::string getOperatorKey(const onnx::NodeProto &node) const;
  bool importInitializer(const onnx::TensorProto &tensor, Scope &target);
  void reportModel(const llvm::Twine &reason, const llvm::Twine &hint);
  /// The type of an input at its bounds; null when it was refused.
  mlir::RankedTensorType
  getInputType(const onnx::ValueInfoProto &input,
               llvm::SmallVectorImpl<ExtentBounds> &shape);
  /// The extents that are given for an input, or that the model says.
  bool getInputShape(const onnx::ValueInfoProto &input,
                     llvm::SmallVectorImpl<ExtentBounds> &shape);
  /// Adds an argument per open dimension of inputs, which those with the same
  /// name and bounds share, and puts inputs where their extents tell.
  void openInputs(mlir::func::FuncOp function,
                  llvm::ArrayRef<const onnx::ValueInfoProto *> inputs,
                  llvm::ArrayRef<llvm::SmallVector<ExtentBounds>> shapes);
  /// Closes the gaps of results, but not of those that are stored as inputs
  /// are, and adds a result per open dimension; the attributes of the added
  /// ones.
  llvm::SmallVector<mlir::Attribute>
  closeResults(mlir::Location loc, llvm::SmallVectorImpl<mlir::Value> &results,
               llvm::ArrayRef<std::string> names);
  /// Puts the inputs that the options say into the outputs they grow to.
  void placeCaches(mlir::func::FuncOp function,
                   llvm::MutableArrayRef<mlir::Value> results,
                   llvm::ArrayRef<std::string> names);
  /// Reports an operation from `first` on whose extents nothing tells.
  bool checkExtents(const onnx::NodeProto &node, mlir::Block::iterator first);
  void readOpsets(
      const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &ids,
      Scope &scope);
  /// Options that bind what the model does not have.
  void checkOptions();
  bool importInitializers();
  /// The value of a constant input; null with `error`.
  mlir::Value importConstant(const onnx::ValueInfoProto &input,
                             const std::string &path, std::string &error);
  mlir::Value importTensorValue(const onnx::TensorProto &tensor,
                                mlir::Location loc, std::string &error);
  mlir::Value importSequence(const onnx::SequenceProto &sequence,
                             mlir::Location loc, std::string &error);
  mlir::Value importOptional(const onnx::OptionalProto &optional,
                             mlir::Location loc, std::string &error);
  /// Values for the inputs that the options bind.
  void importConstantInputs();
  void
  importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);
  void importNode(const onnx::NodeProto &node);
  /// The values of the inputs; false when one is missing.
  bool getInputs(const onnx::NodeProto &node,
                 llvm::SmallVectorImpl<mlir::Value> &inputs);
  /// Whether a node is what the table of operators says; else reports why not.
  bool fitsTable(const onnx::NodeProto &node, const OpRegistry::Entry &entry,
                 llvm::ArrayRef<mlir::Value> inputs);
  ImportResult convert(const onnx::NodeProto &node,
                       llvm::ArrayRef<mlir::Value> inputs);
  ImportResult callFunction(const onnx::FunctionProto &function,
                            const onnx::NodeProto &node,
                            llvm::ArrayRef<mlir::Value> inputs);
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &node) const;
  void finishFunction(mlir::func::FuncOp function);
  int64_t getOpset(const onnx::NodeProto &node) const;

  onnx::ModelProto &model; // Its initialisers are taken over.
  std::string folder;
  const ImportOptions &options;
  std::vector<ImportProblem> &problems;
  mlir::OpBuilder opBuilder;
  Extents extents{opBuilder};
  Scope top;
  Scope *scope = &top;
  unsigned callDepth = 0;
  bool inBranch = false;
};

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_GRAPHIMPORTER_H
