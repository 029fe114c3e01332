//===- RecurrentOps.cpp - Recurrent networks ------------------------------===//
//
// Result types and reference lowerings: a loop over time that carries the
// states, a matrix product of state and weights in it, then one loop over the
// state.
//
//===----------------------------------------------------------------------===//

#include "dialects/cameo/RecurrentOps.h"
#include "dialects/cameo/Cameo.h"
#include "dialects/cameo/ElementTypes.h"
#include "dialects/cameo/IndexingBuilders.h"
#include "dialects/cameo/ScalarMath.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace cameo;

static RankedTensorType rankedType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Checks an operand's shape, and that its elements are those of `x`.
static LogicalResult checkShape(std::optional<Location> loc, StringRef name,
                                Value operand, RankedTensorType expected) {
  if (!operand || operand.getType() == expected)
    return success();
  return emitOptionalError(loc, "(C1) ", name, " is ", operand.getType(),
                           ", not ", expected);
}

/// Checks what all recurrent operators have; `types` become those of y and h.
template <typename Adaptor>
static LogicalResult
inferRecurrent(std::optional<Location> loc, Adaptor adaptor, int64_t numGates,
               size_t numActivations, SmallVectorImpl<Type> &types) {
  RankedTensorType x = rankedType(adaptor.getX());
  if (x.getRank() != 3 || x.getDimSize(2) % numGates != 0)
    return emitOptionalError(loc, "(C1) x is ", x, ", not [steps, batch, ",
                             numGates, " * hidden]");
  int64_t batch = x.getDimSize(1), hidden = x.getDimSize(2) / numGates;
  RankedTensorType state = x.clone({batch, hidden});
  if (failed(checkShape(loc, "weights", adaptor.getWeights(),
                        x.clone({hidden, x.getDimSize(2)}))) ||
      failed(checkShape(loc, "h", adaptor.getH(), state)))
    return failure();
  if (Value lengths = adaptor.getLengths())
    if (rankedType(lengths).getShape() != ArrayRef<int64_t>(batch))
      return emitOptionalError(loc, "(C1) lengths is ", lengths.getType(),
                               ", not one entry for each of ", batch,
                               " sequences");
  if (adaptor.getActivations().size() != numActivations ||
      adaptor.getAlphas().size() != numActivations ||
      adaptor.getBetas().size() != numActivations)
    return emitOptionalError(loc, "(C2) there are not ", numActivations,
                             " activations, alphas and betas");
  types.append({x.clone({x.getDimSize(0), batch, hidden}), state});
  return success();
}

LogicalResult RnnOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  return inferRecurrent(loc, adaptor, 1, 1, types);
}

LogicalResult GruOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  if (failed(inferRecurrent(loc, adaptor, 3, 2, types)))
    return failure();
  auto state = cast<RankedTensorType>(types[1]);
  return checkShape(loc, "hidden_bias", adaptor.getHiddenBias(),
                    state.clone(state.getDimSize(1)));
}

LogicalResult LstmOp::inferReturnTypes(MLIRContext *,
                                       std::optional<Location> loc,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  if (failed(inferRecurrent(loc, adaptor, 4, 3, types)))
    return failure();
  auto state = cast<RankedTensorType>(types[1]);
  types.push_back(state);
  if (failed(checkShape(loc, "c", adaptor.getC(), state)))
    return failure();
  return checkShape(loc, "peepholes", adaptor.getPeepholes(),
                    state.clone(3 * state.getDimSize(1)));
}

#define GET_OP_CLASSES
#include "dialects/cameo/RecurrentOps.cpp.inc"

void CameoDialect::registerRecurrentOps() {
  addOperations<
#define GET_OP_LIST
#include "dialects/cameo/RecurrentOps.cpp.inc"
      >();
}

/// Every step multiplies the state with the weights.
template <typename Op> static int64_t getRecurrentFlops(Op op) {
  RankedTensorType x = rankedType(op.getX());
  return 2 * x.getNumElements() * rankedType(op.getWeights()).getDimSize(0);
}

int64_t RnnOp::getFlops() { return getRecurrentFlops(*this); }
int64_t GruOp::getFlops() { return getRecurrentFlops(*this); }
int64_t LstmOp::getFlops() { return getRecurrentFlops(*this); }

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

namespace {
/// Builds the steps of one recurrent operator. States are in the compute type.
template <typename Op> class Recurrence {
public:
  Recurrence(Op op, OpBuilder &builder, ValueRange operands)
      : op(op), b(builder), loc(op.getLoc()), x(operands[0]),
        weights(operands[1]),
        yType(cast<RankedTensorType>(op.getY().getType())),
        elementType(yType.getElementType()), scalar(computeType(elementType)) {
    batch = yType.getDimSize(1);
    hidden = yType.getDimSize(2);
    unsigned next = 2;
    inits.push_back(buildState(operands[next++]));
    if (op.getNumResults() == 3)
      inits.push_back(buildState(operands[next++]));
    if (op.getLengths())
      lengths = operands[next++];
    // Where all sequences end in one step, no step looks for its own.
    if (op->hasAttr(kSameLengthsAttr))
      steps = std::exchange(lengths, Value());
    if (next < operands.size())
      extra = operands[next];
  }

  /// `step(states)` gives the new states; results are y and the last states.
  using Step = function_ref<SmallVector<Value>(ValueRange states)>;
  SmallVector<Value> run(Step step);

  /// Columns [first, first + count) of the gates of x in the current step.
  Value inputGates(int64_t first, int64_t count);
  /// `start + state * weights` in columns [first, ...) of the weights.
  Value addProduct(Value start, Value state, int64_t first);
  /// Columns of a matrix, or elements of a vector.
  Value part(Value tensor, int64_t first, int64_t count);

  /// Loops over the state: `body(math, args)` gets an element of every input,
  /// then of every state. Inputs of one dimension are shared by the batch.
  /// States of sequences that have ended stay.
  using Body =
      function_ref<SmallVector<Value>(ScalarMath &math, ValueRange args)>;
  SmallVector<Value> update(ValueRange inputs, ValueRange states, Body body);
  /// A matrix like a state from scalars, one of every input.
  Value combine(ValueRange inputs,
                function_ref<Value(ScalarMath &math, ValueRange args)> body);

  /// Activation `i` of the clipped `gate`.
  Value activate(ScalarMath &math, unsigned i, Value gate);
  Value clipped(ScalarMath &math, Value gate);

  Op op;
  OpBuilder &b;
  Location loc;
  Value x, weights, lengths, steps, extra;
  RankedTensorType yType;
  Type elementType, scalar;
  int64_t batch, hidden;

private:
  Value buildState(Value operand);
  Value buildCount();
  Value writeStep(Value y, Value state);
  /// Maps of one input each from the loops over batch and hidden.
  AffineMap mapOf(Value input);

  SmallVector<Value> inits;
  Value time; // Of the current step.
};
} // namespace

/// The first value of a state, in a buffer of its own that steps overwrite: two
/// states may begin with the same value.
template <typename Op> Value Recurrence<Op>::buildState(Value operand) {
  if (getElementTypeOrSelf(operand) != scalar)
    operand = buildMap(
        b, loc, yType.clone({batch, hidden}, scalar), operand, elementType,
        b.getMultiDimIdentityMap(2),
        [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return bufferization::AllocTensorOp::create(b, loc, rankedType(operand),
                                              ValueRange(), /*copy=*/operand);
}

template <typename Op>
Value Recurrence<Op>::part(Value tensor, int64_t first, int64_t count) {
  RankedTensorType type = rankedType(tensor);
  if (count == type.getShape().back())
    return tensor;
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  SmallVector<int64_t> shape(type.getShape());
  offsets.back() = b.getIndexAttr(first);
  shape.back() = count;
  return tensor::ExtractSliceOp::create(
      b, loc, type.clone(shape), tensor, offsets,
      getAsIndexOpFoldResult(b.getContext(), shape), strides);
}

template <typename Op>
Value Recurrence<Op>::inputGates(int64_t first, int64_t count) {
  SmallVector<OpFoldResult> offsets = {time, b.getIndexAttr(0),
                                       b.getIndexAttr(first)};
  SmallVector<OpFoldResult> sizes = {b.getIndexAttr(1), b.getIndexAttr(batch),
                                     b.getIndexAttr(count)};
  SmallVector<OpFoldResult> strides(3, b.getIndexAttr(1));
  Value slice = tensor::ExtractSliceOp::create(
      b, loc, rankedType(x).clone({batch, count}), x, offsets, sizes, strides);
  if (scalar == storageType(elementType))
    return slice;
  return buildMap(
      b, loc, rankedType(slice).clone(scalar), slice, elementType,
      b.getMultiDimIdentityMap(2),
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

template <typename Op>
Value Recurrence<Op>::addProduct(Value start, Value state, int64_t first) {
  AffineExpr row = b.getAffineDimExpr(0), column = b.getAffineDimExpr(1),
             inner = b.getAffineDimExpr(2);
  auto map = [&](AffineExpr first, AffineExpr second) {
    return AffineMap::get(3, 0, {first, second}, b.getContext());
  };
  return buildReduction(
      b, loc, start,
      {state, part(weights, first, rankedType(start).getDimSize(1))},
      {scalar, elementType}, {map(row, inner), map(inner, column)},
      map(row, column),
      {utils::IteratorType::parallel, utils::IteratorType::parallel,
       utils::IteratorType::reduction},
      [](OpBuilder &builder, Location at, ValueRange args) {
        return buildMultiplyAdd(builder, at, args[0], args[1], args[2]);
      });
}

template <typename Op> AffineMap Recurrence<Op>::mapOf(Value input) {
  if (rankedType(input).getRank() == 2)
    return b.getMultiDimIdentityMap(2);
  return AffineMap::get(2, 0, b.getAffineDimExpr(input == lengths ? 0 : 1));
}

template <typename Op>
Value Recurrence<Op>::combine(
    ValueRange inputs,
    function_ref<Value(ScalarMath &math, ValueRange args)> body) {
  SmallVector<AffineMap> maps;
  SmallVector<Type> types;
  for (Value input : inputs) {
    maps.push_back(mapOf(input));
    types.push_back(getElementTypeOrSelf(input));
  }
  return buildMap(b, loc, yType.clone({batch, hidden}, scalar), inputs, types,
                  maps, [&](OpBuilder &builder, Location at, ValueRange args) {
                    ScalarMath math(builder, at, elementType);
                    return body(math, args);
                  });
}

template <typename Op>
SmallVector<Value> Recurrence<Op>::update(ValueRange inputs, ValueRange states,
                                          Body body) {
  SmallVector<Value> allInputs(inputs);
  if (lengths)
    allInputs.push_back(lengths);
  SmallVector<AffineMap> maps;
  for (Value input : allInputs)
    maps.push_back(mapOf(input));
  maps.append(states.size(), b.getMultiDimIdentityMap(2));
  Value now = arith::IndexCastOp::create(b, loc, b.getI64Type(), time);
  auto build = [&](OpBuilder &builder, Location at, ValueRange args) {
    ScalarMath math(builder, at, elementType);
    SmallVector<Value> scalars;
    for (auto [input, arg] : llvm::zip_first(inputs, args))
      scalars.push_back(
          buildLoaded(builder, at, arg, getElementTypeOrSelf(input)));
    ValueRange old = args.take_back(states.size());
    llvm::append_range(scalars, old);
    SmallVector<Value> results = body(math, scalars);
    if (lengths) {
      Value length = args[inputs.size()];
      if (!length.getType().isInteger(64))
        length =
            arith::ExtSIOp::create(builder, at, builder.getI64Type(), length);
      Value runs = arith::CmpIOp::create(builder, at, arith::CmpIPredicate::slt,
                                         now, length);
      for (auto [result, before] : llvm::zip_equal(results, old))
        result = arith::SelectOp::create(builder, at, runs, result, before);
    }
    linalg::YieldOp::create(builder, at, results);
  };
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(b, loc, states.getTypes(), allInputs,
                                           states, maps, iterators, build);
  // States stay in their buffers, whatever became of an unused old value.
  SmallVector<Value> results;
  for (auto [result, state] : llvm::zip_equal(generic.getResults(), states))
    results.push_back(
        bufferization::MaterializeInDestinationOp::create(b, loc, result, state)
            .getResult());
  return results;
}

/// `y` with the state written at the current step; zeros for ended sequences.
template <typename Op> Value Recurrence<Op>::writeStep(Value y, Value state) {
  RankedTensorType rowType = yType.clone({batch, hidden});
  if (lengths) {
    Value now = arith::IndexCastOp::create(b, loc, b.getI64Type(), time);
    state = buildMap(
        b, loc, rowType, {state, lengths},
        {scalar, getElementTypeOrSelf(lengths)}, {mapOf(state), mapOf(lengths)},
        [&](OpBuilder &builder, Location at, ValueRange args) -> Value {
          ScalarMath math(builder, at, elementType);
          Value length = args[1];
          if (!length.getType().isInteger(64))
            length = arith::ExtSIOp::create(builder, at, builder.getI64Type(),
                                            length);
          Value runs = arith::CmpIOp::create(
              builder, at, arith::CmpIPredicate::slt, now, length);
          return math.select(runs, args[0], math.constant(args[0], 0));
        });
  } else {
    state = buildRounded(b, loc, state, rowType);
  }
  SmallVector<OpFoldResult> offsets = {time, b.getIndexAttr(0),
                                       b.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = {b.getIndexAttr(1), b.getIndexAttr(batch),
                                     b.getIndexAttr(hidden)};
  SmallVector<OpFoldResult> strides(3, b.getIndexAttr(1));
  return tensor::InsertSliceOp::create(b, loc, state, y, offsets, sizes,
                                       strides);
}

/// How many steps run, at most as many as `x` has.
template <typename Op> Value Recurrence<Op>::buildCount() {
  Value most = arith::ConstantIndexOp::create(b, loc, yType.getDimSize(0));
  if (!steps || batch == 0)
    return most;
  Value count = buildIndexAt(b, loc, steps,
                             Value(arith::ConstantIndexOp::create(b, loc, 0)));
  count = arith::MaxSIOp::create(b, loc, count,
                                 arith::ConstantIndexOp::create(b, loc, 0));
  return arith::MinSIOp::create(b, loc, count, most);
}

template <typename Op> SmallVector<Value> Recurrence<Op>::run(Step step) {
  SmallVector<Value> carried = {buildEmpty(b, loc, yType)};
  llvm::append_range(carried, inits);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value count = buildCount();
  auto loop = scf::ForOp::create(
      b, loc, zero, count, one, carried,
      [&](OpBuilder &, Location, Value at, ValueRange state) {
        time = at;
        if (op.getReverse()) {
          Value last = arith::SubIOp::create(b, loc, count, one);
          time = arith::SubIOp::create(b, loc, last, time);
        }
        SmallVector<Value> next = step(state.drop_front());
        next.insert(next.begin(), writeStep(state[0], next[0]));
        scf::YieldOp::create(b, loc, next);
      });
  SmallVector<Value> results(loop.getResults());
  for (Value &state : MutableArrayRef(results).drop_front())
    state = buildRounded(b, loc, state, yType.clone({batch, hidden}));
  return results;
}

template <typename Op>
Value Recurrence<Op>::clipped(ScalarMath &math, Value gate) {
  if (!op.getClip())
    return gate;
  double limit = op.getClip()->convertToDouble();
  gate = math.atLeast(gate, math.constant(gate, -limit));
  return math.atMost(gate, math.constant(gate, limit));
}

/// An activation with parameters `alpha` and `beta`.
static Value buildActivation(ScalarMath &m, Activation activation, double alpha,
                             double beta, Value x) {
  Value a = m.constant(x, alpha), bb = m.constant(x, beta);
  Value zero = m.constant(x, 0), one = m.constant(x, 1);
  switch (activation) {
  case Activation::Relu:
    return m.atLeast(x, zero);
  case Activation::Tanh:
    return m.tanh(x);
  case Activation::Sigmoid:
    return m.sigmoid(x);
  case Activation::Affine:
    return m.add(m.mul(a, x), bb);
  case Activation::LeakyRelu:
    return m.select(m.lt(x, zero), m.mul(a, x), x);
  case Activation::ThresholdedRelu:
    return m.select(m.ge(x, a), x, zero);
  case Activation::ScaledTanh:
    return m.mul(a, m.tanh(m.mul(bb, x)));
  case Activation::HardSigmoid:
    return m.atMost(m.atLeast(m.add(m.mul(a, x), bb), zero), one);
  case Activation::Elu:
    return m.select(m.lt(x, zero), m.mul(a, m.sub(m.exp(x), one)), x);
  case Activation::Softsign:
    return m.div(x, m.add(one, m.abs(x)));
  case Activation::Softplus:
    return m.softplus(x);
  }
  llvm_unreachable("all activations are covered");
}

template <typename Op>
Value Recurrence<Op>::activate(ScalarMath &math, unsigned i, Value gate) {
  auto activation = cast<ActivationAttr>(op.getActivations()[i]).getValue();
  return buildActivation(math, activation, op.getAlphas()[i], op.getBetas()[i],
                         gate);
}

//===----------------------------------------------------------------------===//
// Lowerings
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> RnnOp::lowerReference(OpBuilder &builder,
                                                    ValueRange operands) {
  Recurrence<RnnOp> r(*this, builder, operands);
  return r.run([&](ValueRange states) {
    Value gate =
        r.addProduct(r.inputGates(0, r.hidden), states[0], /*first=*/0);
    return r.update(gate, states, [&](ScalarMath &m, ValueRange args) {
      return SmallVector<Value>{r.activate(m, 0, r.clipped(m, args[0]))};
    });
  });
}

FailureOr<SmallVector<Value>> GruOp::lowerReference(OpBuilder &builder,
                                                    ValueRange operands) {
  Recurrence<GruOp> r(*this, builder, operands);
  int64_t n = r.hidden;
  auto gate = [&](ScalarMath &m, Value value) {
    return r.activate(m, 0, r.clipped(m, value));
  };
  return r.run([&](ValueRange states) {
    Value h = states[0];
    Value gates = r.addProduct(r.inputGates(0, 2 * n), h, 0);
    Value z = r.part(gates, 0, n), reset = r.part(gates, n, n);
    Value fresh = r.inputGates(2 * n, n);
    if (getLinearBeforeReset()) {
      Value zero = buildScalarConstant(builder, getLoc(), r.scalar, 0);
      Value start = buildFilled(builder, getLoc(),
                                r.yType.clone({r.batch, n}, r.scalar), zero);
      Value product = r.addProduct(start, h, 2 * n);
      SmallVector<Value> inputs = {fresh, reset, product};
      if (r.extra)
        inputs.push_back(r.extra);
      fresh = r.combine(inputs, [&](ScalarMath &m, ValueRange args) {
        Value linear = args[2];
        if (r.extra)
          linear = m.add(linear, args[3]);
        return m.add(args[0], m.mul(gate(m, args[1]), linear));
      });
    } else {
      Value kept = r.combine({reset, h}, [&](ScalarMath &m, ValueRange args) {
        return m.mul(gate(m, args[0]), args[1]);
      });
      fresh = r.addProduct(fresh, kept, 2 * n);
    }
    return r.update({z, fresh}, states, [&](ScalarMath &m, ValueRange args) {
      Value keep = gate(m, args[0]);
      Value value = r.activate(m, 1, r.clipped(m, args[1]));
      Value renew = m.sub(m.constant(keep, 1), keep);
      return SmallVector<Value>{
          m.add(m.mul(renew, value), m.mul(keep, args[2]))};
    });
  });
}

FailureOr<SmallVector<Value>> LstmOp::lowerReference(OpBuilder &builder,
                                                     ValueRange operands) {
  Recurrence<LstmOp> r(*this, builder, operands);
  int64_t n = r.hidden;
  return r.run([&](ValueRange states) {
    Value gates = r.addProduct(r.inputGates(0, 4 * n), states[0], 0);
    SmallVector<Value> inputs;
    for (int64_t i = 0; i < 4; ++i)
      inputs.push_back(r.part(gates, i * n, n));
    if (r.extra)
      for (int64_t i = 0; i < 3; ++i)
        inputs.push_back(r.part(r.extra, i * n, n));
    return r.update(inputs, states, [&](ScalarMath &m, ValueRange args) {
      Value c = args.back();
      auto gate = [&](unsigned i, Value cell) {
        Value value = args[i];
        if (r.extra)
          value = m.add(value, m.mul(args[4 + i], cell));
        return r.activate(m, 0, r.clipped(m, value));
      };
      Value in = gate(0, c);
      Value forget =
          getInputForget() ? m.sub(m.constant(in, 1), in) : gate(2, c);
      Value fresh = r.activate(m, 1, r.clipped(m, args[3]));
      c = m.add(m.mul(forget, c), m.mul(in, fresh));
      Value out = gate(1, c);
      return SmallVector<Value>{m.mul(out, r.activate(m, 2, c)), c};
    });
  });
}
