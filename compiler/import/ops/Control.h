//===- Control.h - Graphs as regions, loops in compositions -----*- C++ -*-===//

#ifndef CAMEO_COMPILER_IMPORT_OPS_CONTROL_H
#define CAMEO_COMPILER_IMPORT_OPS_CONTROL_H

#include "compiler/import/OpImporter.h"

#include "llvm/ADT/SetVector.h"

namespace cameo {

inline bool isTensor(mlir::Value value) {
  return mlir::isa<mlir::RankedTensorType>(value.getType());
}

/// Erases everything in the block after `mark`.
void eraseAfter(OpImporter &n, mlir::Block &block, mlir::Operation *mark);

/// A graph that is being built as a region, and what it yields.
struct BodyRegion {
  std::unique_ptr<mlir::Region> region = std::make_unique<mlir::Region>();
  llvm::SmallVector<mlir::Value> results;
  mlir::Block &block() { return region->front(); }
};

/// Builds a graph in a region of its own: `build` gives what it yields.
mlir::FailureOr<BodyRegion>
buildRegion(OpImporter &n, mlir::TypeRange argTypes,
            llvm::function_ref<ImportResult(mlir::ValueRange args)> build);

/// Erases what was built.
void eraseRegion(OpImporter &n, mlir::Block &block);

/// Moves constants out of the region, except those of one repeated value, and
/// adds the values it takes from outside to `captured`.
void collectCaptures(mlir::OpBuilder &builder, BodyRegion &body,
                     llvm::SetVector<mlir::Value> &captured);

/// The extents of a value that a region yields, outside of it; a failure that
/// is reported when they are known inside only.
mlir::FailureOr<Exprs> getYieldedExtents(OpImporter &n, BodyRegion &body,
                                         mlir::Value value);

/// Gives the region arguments for what it captures; repeated values are cloned.
void isolate(mlir::OpBuilder &builder, BodyRegion &body,
             llvm::ArrayRef<mlir::Value> captured);

/// Repeats what `body` builds for iterations `i` (a scalar), about `numNodes`
/// operations. It gives the next states, then values to collect; results are
/// the last states, then these, stacked in dimension 0.
ImportResult buildRepeated(
    OpImporter &n, mlir::AffineExpr trips, llvm::ArrayRef<mlir::Value> states,
    int64_t numNodes,
    llvm::function_ref<ImportResult(mlir::Value i, mlir::ValueRange states)>
        body);

inline constexpr Limit kOpenBatch{"a bounded batch in opset 8",
                                  "fix the extent"};
inline constexpr Limit kSequenceLens{"sequence_lens of opset 8",
                                     "convert the model to opset 9 or later"};
ImportResult importScan(OpImporter &n);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_OPS_CONTROL_H
