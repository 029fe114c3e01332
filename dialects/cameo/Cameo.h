//===- Cameo.h - The cameo dialect ------------------------------*- C++ -*-===//
//
// Neural network operators on tensors: dialect, attributes, interfaces and
// operations. See CameoDialect.td.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_CAMEO_H
#define CAMEO_DIALECTS_CAMEO_CAMEO_H

#include "dialects/cameo/Broadcast.h"
#include "dialects/cameo/TypeInference.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace cameo {
/// Where an element of a data movement's result comes from.
struct ElementSource {
  unsigned operand;
  llvm::SmallVector<int64_t> index;
};

/// What an operator may want to know when it chooses layouts.
struct LayoutQuery {
  int64_t lanes; ///< of a vector of the result's elements
  /// Whether each operand is constant: any layout of it is free.
  llvm::ArrayRef<bool> isConstant;
};

/// Reads an element of an integer operand that is constant.
using IntegerReader = llvm::function_ref<int64_t(
    unsigned operand, llvm::ArrayRef<int64_t> index)>;

// Parents of `cameo.yield`, which is defined before them.
class IfOp;
class LoopOp;
} // namespace cameo

#include "dialects/cameo/CameoDialect.h.inc"
#include "dialects/cameo/CameoEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/cameo/CameoAttributes.h.inc"
#include "dialects/cameo/CameoInterfaces.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/StructureOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ElementwiseOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ContractionOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ReductionOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/NormalizationOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ConvolutionOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/PoolingOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ResizeOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/IndexingOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/RecurrentOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/MovementOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/SamplingOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/WinogradOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ControlOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/TreeOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/FastProductOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/PackedProductOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/ExtentOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/SelectionOps.h.inc"
#define GET_OP_CLASSES
#include "dialects/cameo/RotaryOps.h.inc"

namespace cameo {
/// The effects of an operation in destination style: it reads the buffers of
/// its inputs and overwrites those of its results.
void getBufferEffects(mlir::DestinationStyleOpInterface op,
                      llvm::SmallVectorImpl<mlir::SideEffects::EffectInstance<
                          mlir::MemoryEffects::Effect>> &effects);
} // namespace cameo

#endif // CAMEO_DIALECTS_CAMEO_CAMEO_H
