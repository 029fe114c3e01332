//===- Cameo.cpp - The cameo dialect --------------------------------------===//

#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ConstantFold.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace cameo;

#include "dialects/cameo/CameoDialect.cpp.inc"
#include "dialects/cameo/CameoEnums.cpp.inc"
#include "dialects/cameo/CameoInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/cameo/CameoAttributes.cpp.inc"

void CameoDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/cameo/CameoAttributes.cpp.inc"
      >();
  addInterface(createConstantFolder(this));
  registerStructureOps();
  registerElementwiseOps();
  registerContractionOps();
  registerReductionOps();
  registerNormalizationOps();
  registerConvolutionOps();
  registerPoolingOps();
  registerResizeOps();
  registerIndexingOps();
  registerRecurrentOps();
  registerMovementOps();
  registerSamplingOps();
  registerWinogradOps();
  registerControlOps();
  registerTreeOps();
  registerFastProductOps();
  registerPackedProductOps();
  registerExtentOps();
  registerSelectionOps();
  registerRotaryOps();
}

Operation *CameoDialect::materializeConstant(OpBuilder &builder,
                                             Attribute value, Type type,
                                             Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

void cameo::getBufferEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<BaseMemRefType>(operand.get().getType()))
      continue;
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    else
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  }
}
