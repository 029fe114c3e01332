//===- CameoBase.td - Base classes of operations --------------*- tablegen -*-===//

#ifndef CAMEO_BASE
#define CAMEO_BASE

include "dialects/cameo/CameoDialect.td"
include "dialects/cameo/CameoInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// An operation without effects whose result types follow from its operands and
/// attributes: `inferReturnTypes(context, location, adaptor, types)`, which also
/// reports what does not fit.
class Cameo_Op<string mnemonic, list<Trait> traits = []>
    : Op<Cameo_Dialect, mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)>;

/// Declares the interface's methods in the operation.
def Cameo_Elementwise : DeclareOpInterfaceMethods<Cameo_ElementwiseOpInterface>;
def Cameo_Reference : DeclareOpInterfaceMethods<Cameo_ReferenceLoweringInterface>;
def Cameo_IndexMap : DeclareOpInterfaceMethods<Cameo_IndexMapOpInterface>;
def Cameo_IndexedSource : DeclareOpInterfaceMethods<Cameo_IndexedSourceOpInterface>;
def Cameo_Cost : DeclareOpInterfaceMethods<Cameo_CostOpInterface>;
def Cameo_Rows : DeclareOpInterfaceMethods<Cameo_RowOpInterface>;
def Cameo_Layout : DeclareOpInterfaceMethods<Cameo_LayoutOpInterface>;
/// The lowering works on stored tensors.
def Cameo_AwareOfLayout
    : DeclareOpInterfaceMethods<Cameo_LayoutOpInterface, ["isAwareOf"]>;

#endif // CAMEO_BASE
