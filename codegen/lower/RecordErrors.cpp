//===- RecordErrors.cpp - Assertions to statuses --------------------------===//
//
// A kernel never stops the program: a failed assertion is recorded in the
// status cell and the kernel goes on with clamped values.
//
//===----------------------------------------------------------------------===//

#include "codegen/lower/Passes.h"
#include "runtime-stub/include/cameo/runtime.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace cameo {
#define GEN_PASS_DEF_RECORDERRORS
#include "codegen/lower/Passes.h.inc"
} // namespace cameo

using namespace cameo;

namespace {
struct RecordErrorsPass : cameo::impl::RecordErrorsBase<RecordErrorsPass> {
  void runOnOperation() override;
};
} // namespace

static int statusOf(StringRef message) {
  return llvm::StringSwitch<int>(message)
      .Case("index out of range", CAMEO_ERROR_INDEX_OUT_OF_RANGE)
      .Case("division by zero", CAMEO_ERROR_DIVISION_BY_ZERO)
      .Case("extent out of range", CAMEO_ERROR_SHAPE)
      .Case("branch left out", CAMEO_ERROR_BRANCH_LEFT_OUT)
      .Default(CAMEO_ERROR_INVALID_VALUE);
}

void RecordErrorsPass::runOnOperation() {
  func::FuncOp function = getOperation();
  SmallVector<cf::AssertOp> asserts;
  function.walk([&](cf::AssertOp op) { asserts.push_back(op); });
  if (!isKernel(function) || asserts.empty())
    return;
  MLIRContext *context = &getContext();
  unsigned index = function.getNumArguments();
  auto attrs = DictionaryAttr::get(
      context, NamedAttribute(StringAttr::get(context, "plan.status"),
                              UnitAttr::get(context)));
  (void)function.insertArgument(
      index, MemRefType::get({1}, IntegerType::get(context, 32)), attrs,
      function.getLoc());
  Value status = function.getArgument(index);
  for (cf::AssertOp op : asserts) {
    OpBuilder builder(op);
    Location loc = op.getLoc();
    Value yes = arith::ConstantIntOp::create(builder, loc, 1, 1);
    Value bad = arith::XOrIOp::create(builder, loc, op.getArg(), yes);
    auto branch =
        scf::IfOp::create(builder, loc, bad, /*withElseRegion=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
    Value code =
        arith::ConstantIntOp::create(builder, loc, statusOf(op.getMsg()), 32);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    memref::StoreOp::create(builder, loc, code, status, zero);
    op.erase();
  }
}
