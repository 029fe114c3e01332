//===- OpRegistry.h - The table of operators --------------------*- C++ -*-===//
//
// What Cameo takes of ONNX: a row per operator, given where its converter is.
// The importer refuses by the same row that docs/operators.md prints, so that
// the two agree.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_OPREGISTRY_H
#define CAMEO_COMPILER_IMPORT_OPREGISTRY_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

namespace cameo {

class OpImporter;

/// One value per output, or a failure that was reported.
using ImportResult = mlir::FailureOr<llvm::SmallVector<mlir::Value>>;

/// A form of an operator that is refused, and what could be done about it.
struct Limit {
  llvm::StringLiteral reason, hint;
};

/// What the inputs of an operator may be. It is written as in the table, an
/// input after the other:
///
///   "float, known int64?, any|string..."
///
/// names of types or of groups of types (see getTypeGroups); `known` to the
/// compiler, as constants and what is computed from shapes are; with `?` it may
/// be left out, and with `...` it is any number of inputs.
class Signature {
public:
  struct Input {
    llvm::StringRef text; ///< The types as they are written.
    uint32_t types = 0;   ///< A bit per name of getTypeNames().
    bool isKnown = false, isOptional = false, isVariadic = false;
  };

  Signature() = default;
  explicit Signature(llvm::StringLiteral text);

  llvm::StringRef str() const { return text; }
  /// Input `i`; null when there is none.
  const Input *find(size_t i) const;
  /// Says why values are no inputs of the operator; empty when they are. Absent
  /// values are null.
  std::string check(llvm::ArrayRef<mlir::Value> values,
                    llvm::StringRef &hint) const;

private:
  llvm::StringRef text;
  llvm::SmallVector<Input, 4> inputs;
};

/// Groups of types that signatures name, with their members.
struct TypeGroup {
  llvm::StringLiteral name, members;
};
llvm::ArrayRef<TypeGroup> getTypeGroups();

/// Converters by operator name.
class OpRegistry {
public:
  using Converter = ImportResult (*)(OpImporter &);

  struct Entry {
    int64_t since = 1; ///< The first version of the operator set it is for.
    Signature signature;
    Converter converter = nullptr;
    Converter forStrings = nullptr; ///< Where an input is of strings.
    bool takesOpenDims = false;
    llvm::SmallVector<Limit, 0> limits;
  };

  /// A table of all operators.
  static const OpRegistry &get();

  /// Operators of other domains than the default one are called DOMAIN:OP.
  void add(llvm::StringRef op, int64_t since, llvm::StringLiteral signature,
           Converter converter, std::initializer_list<Limit> limits = {});
  /// Adds a converter for inputs of strings to an operator's.
  void addForStrings(llvm::StringRef op, Converter converter,
                     std::initializer_list<Limit> limits = {});
  /// Lets operators have inputs of open dimensions: their converters take no
  /// decision from bounds that would be another one for smaller extents.
  void allowOpenDims(llvm::ArrayRef<llvm::StringRef> ops);

  /// The row of an operator; null when there is none.
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

#endif // CAMEO_COMPILER_IMPORT_OPREGISTRY_H
