//===- FastMatMul.h - Products of matrices by pairs -------------*- C++ -*-===//
//
// Apart from other operations: only passes that choose and expand fast products
// know of it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_DIALECTS_CAMEO_FASTMATMUL_H
#define CAMEO_DIALECTS_CAMEO_FASTMATMUL_H

#include "dialects/cameo/Cameo.h"

#define GET_OP_CLASSES
#include "dialects/cameo/FastMatMulOps.h.inc"

#endif // CAMEO_DIALECTS_CAMEO_FASTMATMUL_H
