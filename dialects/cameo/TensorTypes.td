//===- TensorTypes.td - Operand types -------------------------*- tablegen -*-===//
//
// Tensors by kind of element.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_TENSOR_TYPES
#define CAMEO_TENSOR_TYPES

include "mlir/IR/CommonTypeConstraints.td"

defvar Cameo_FloatTypes = [F16, BF16, F32, F64];
defvar Cameo_UnsignedTypes = [UI8, UI16, UI32, UI64];
defvar Cameo_IntegerTypes = !listconcat([I8, I16, I32, I64], Cameo_UnsignedTypes);
defvar Cameo_NumberTypes = !listconcat(Cameo_FloatTypes, Cameo_IntegerTypes);

/// Numbers of eight or fewer bits that are only stored: conversions compute on them.
defvar Cameo_NarrowTypes = [F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F8E8M0FNU, F4E2M1FN,
                            I<4>, UI<4>, I<2>, UI<2>];

def Cameo_F32Tensor : RankedTensorOf<[F32]>;
def Cameo_FloatTensor : RankedTensorOf<Cameo_FloatTypes>;
def Cameo_UnsignedTensor : RankedTensorOf<Cameo_UnsignedTypes>;
def Cameo_IntegerTensor : RankedTensorOf<Cameo_IntegerTypes>;
def Cameo_NumberTensor : RankedTensorOf<Cameo_NumberTypes>;
def Cameo_BoolTensor : RankedTensorOf<[I1]>;
def Cameo_NumberOrBoolTensor : RankedTensorOf<!listconcat(Cameo_NumberTypes, [I1])>;

/// Tensors of all element types.
def Cameo_ElementTensor
    : RankedTensorOf<!listconcat(Cameo_NumberTypes, [I1], Cameo_NarrowTypes)>;

#endif // CAMEO_TENSOR_TYPES
