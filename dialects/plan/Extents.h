//===- Extents.h - What the function of a graph says ------------*- C++ -*-===//
//
// Extents that vary, and inputs that are stored in outputs.
//
//===----------------------------------------------------------------------===//

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

/// The output in whose buffer an argument of a graph stands; none when it has
/// storage of its own.
inline std::optional<unsigned> findCacheOutput(mlir::func::FuncOp graph,
                                               unsigned argument) {
  auto cache =
      graph.getArgAttrOfType<mlir::DictionaryAttr>(argument, kCacheAttr);
  mlir::Attribute name = cache ? cache.get("value") : mlir::Attribute();
  for (unsigned i = 0; name && i < graph.getNumResults(); ++i)
    if (graph.getResultAttr(i, "onnx.name") == name)
      return i;
  return std::nullopt;
}

} // namespace cameo::plan

#endif // CAMEO_DIALECTS_PLAN_EXTENTS_H
