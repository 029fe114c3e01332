//===- LoopSchedule.h - Plans of loop nests as data -------------*- C++ -*-===//
//
// A kernel's `schedule` (#cameo.schedule in plan.kernel) holds what its
// loops are generated from. These functions read and write it.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPSCHEDULE_H
#define CAMEO_CODEGEN_LOWER_LOOPSCHEDULE_H

#include "codegen/lower/LoopPlan.h"
#include "dialects/cameo/Cameo.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace cameo {

/// The schedule of a kernel; null where it has none.
ScheduleAttr getSchedule(mlir::func::FuncOp kernel);
/// What an algorithm is to do at a time; 0 where the kernel does not say.
int64_t getScheduleGroup(mlir::func::FuncOp kernel);
/// Set these parts of the schedule of a kernel that has one.
void setScheduleGroup(mlir::func::FuncOp kernel, int64_t group);
void setScheduleNests(mlir::func::FuncOp kernel,
                      llvm::ArrayRef<NestAttr> nests);

/// The nest that `plan` gives `group`, with estimates for `runs` executions of
/// it in a run of the kernel. `beaten` is used where the plan names no tiles.
NestAttr makeNest(const LoopGroup &group, const LoopTarget &target,
                  const LoopPlan &plan, double runs,
                  mlir::DictionaryAttr beaten = {});

/// The plan that `nest` asks for; reports what cannot be.
mlir::FailureOr<LoopPlan> readNest(NestAttr nest, const LoopGroup &group,
                                   const LoopTarget &target, bool withTasks);

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPSCHEDULE_H
