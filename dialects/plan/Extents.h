//===- Extents.h - Models whose extents vary --------------------*- C++ -*-===//

#ifndef CAMEO_DIALECTS_PLAN_EXTENTS_H
#define CAMEO_DIALECTS_PLAN_EXTENTS_H

#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace cameo::plan {

/// Whether the function of a graph takes or gives extents.
inline bool hasExtents(mlir::func::FuncOp graph) {
  auto haveExtents = [](mlir::ArrayAttr attrs) {
    return attrs && llvm::any_of(attrs.getAsRange<mlir::DictionaryAttr>(),
                                 [](mlir::DictionaryAttr attr) {
                                   return attr.contains(kExtentAttr);
                                 });
  };
  return haveExtents(graph.getArgAttrsAttr()) ||
         haveExtents(graph.getResAttrsAttr());
}

} // namespace cameo::plan

#endif // CAMEO_DIALECTS_PLAN_EXTENTS_H
