//===- Importer.h - From ONNX files to the cameo dialect --------*- C++ -*-===//
//
// Every malformed or unsupported thing becomes a problem in a list, all in one
// go; nothing in a file can bring the compiler down.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_COMPILER_IMPORT_IMPORTER_H
#define CAMEO_COMPILER_IMPORT_IMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

#include <string>
#include <vector>

namespace cameo {

/// An extent that is given, or one that is in a range at run time.
struct ExtentBounds {
  ExtentBounds(int64_t extent = 0) : low(extent), high(extent) {}
  ExtentBounds(int64_t low, int64_t high) : low(low), high(high) {}
  bool isFixed() const { return low == high; }

  int64_t low, high;
};

/// Names of an input and of the output that it is stored in, or of several with
/// a `*` in both.
struct CacheNames {
  std::string past, present;
};

struct ImportOptions {
  /// The name of the graph function.
  std::string name = "model";
  /// Shapes of inputs by name, and values of named dimensions.
  llvm::StringMap<llvm::SmallVector<ExtentBounds>> shapes;
  llvm::StringMap<ExtentBounds> dims;
  /// Room for the bytes of a string in an input.
  int64_t stringBytes = 64;
  /// Files (.pb, .npy) with the values of inputs that become constants.
  llvm::StringMap<std::string> constants;
  std::vector<CacheNames> caches;
};

/// Something about the file that cannot be compiled.
struct ImportProblem {
  /// The node, its operator and operator set version; empty and 0 when the
  /// problem is one of the whole file.
  std::string node, op;
  int64_t opset = 0;
  std::string reason, hint;

  /// "node 'Conv_12' (Resize-18): reason; hint".
  std::string str() const;
};

/// Reads an ONNX file into a module with one function, the graph: tensors in,
/// tensors out, names in `onnx.name` attributes. Returns null when there are
/// problems.
mlir::OwningOpRef<mlir::ModuleOp>
importModel(mlir::MLIRContext *context, llvm::StringRef path,
            const ImportOptions &options, std::vector<ImportProblem> &problems);

} // namespace cameo

#endif // CAMEO_COMPILER_IMPORT_IMPORTER_H
