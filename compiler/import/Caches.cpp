//===- Caches.cpp - Inputs that are stored in outputs ---------------------===//
//
// `--cache=PAST:PRESENT`: where an output is an input and new elements after
// it, the two have one storage, that of the output. The input's type becomes
// the output's, and what was a concatenation writes the new elements alone.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/GraphImporter.h"
#include "dialects/plan/Plan.h"

using namespace mlir;
using namespace cameo;

namespace {

/// One input and the output that it grows to.
class CachePlacer {
public:
  CachePlacer(func::FuncOp function, Extents &extents,
              MutableArrayRef<Value> results, ArrayRef<std::string> names)
      : function(function), extents(extents), results(results), names(names) {}

  /// Whether the two can have one storage; else says why not.
  bool find(StringRef past, StringRef present);
  void place();

  std::string reason, hint;

private:
  bool fail(const Twine &why, const Twine &what) {
    reason = why.str();
    hint = what.str();
    return false;
  }
  bool findJoin();
  void replacePast(RankedTensorType type, AppendOp append);

  func::FuncOp function;
  Extents &extents;
  MutableArrayRef<Value> results;
  ArrayRef<std::string> names;
  unsigned input = 0, output = 0;
  Value past; // At its own bound.
  Exprs pastExtents;
  Operation *join = nullptr;
  int64_t axis = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// What the `*` of `pattern` stands for in `name`; none when it does not match.
static std::optional<StringRef> matchName(StringRef pattern, StringRef name) {
  auto [before, after] = pattern.split('*');
  if (!pattern.contains('*'))
    return name == pattern ? std::optional(StringRef()) : std::nullopt;
  if (name.size() + 1 < pattern.size() || !name.consume_front(before) ||
      !name.consume_back(after))
    return std::nullopt;
  return name;
}

static std::string putName(StringRef pattern, StringRef match) {
  auto [before, after] = pattern.split('*');
  return pattern.contains('*') ? (before + match + after).str() : pattern.str();
}

static StringRef inputName(func::FuncOp function, unsigned index) {
  auto name = function.getArgAttrOfType<StringAttr>(index, "onnx.name");
  return name ? name.getValue() : StringRef();
}

//===----------------------------------------------------------------------===//
// What can be in place
//===----------------------------------------------------------------------===//

/// What an output is instead of an input and new elements after it.
static std::string describe(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return "an input";
  std::string text =
      "the result of '" + op->getName().stripDialect().str() + "'";
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    text += " of node '" + name.getName().str() + "'";
  return text;
}

/// The concatenation that the output is.
bool CachePlacer::findJoin() {
  std::string pair = "'" + names[output] + "' ";
  Value present = results[output];
  join = present.getDefiningOp();
  StringRef past = inputName(function, input);
  if (!isa_and_nonnull<ConcatOp, ConcatExtentsOp>(join))
    return fail(pair + "is not '" + past + "' and new elements after it, but " +
                    describe(present),
                "an output that is a Concat of the input and one more tensor, "
                "or present_key and present_value of Attention, can be");
  auto inputs = isa<ConcatOp>(join) ? join->getOperands()
                                    : cast<ConcatExtentsOp>(join).getInputs();
  if (inputs.size() != 2 || inputs[0] != this->past)
    return fail(pair + "joins " + Twine(inputs.size()) + " tensors, but not '" +
                    past + "' and one after it",
                "give keys and values an input and an output each, and put new "
                "elements after those of the past");
  axis = isa<ConcatOp>(join) ? cast<ConcatOp>(join).getAxis()
                             : cast<ConcatExtentsOp>(join).getAxis();
  return true;
}

bool CachePlacer::find(StringRef pastName, StringRef presentName) {
  const std::string *name = llvm::find(names, presentName);
  std::string pair = (pastName + ":" + presentName + ": ").str();
  if (name == names.end())
    return fail(pair + "'" + presentName + "' is no output",
                "name the output that '" + pastName + "' grows to");
  output = name - names.begin();
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (inputName(function, i) == pastName)
      input = i;
  if (function.getArgAttr(input, plan::kCacheAttr) ||
      results[output].getDefiningOp<AppendOp>())
    return fail(pair + "one of them is in another pair",
                "give every input one output");
  past = function.getArgument(input);
  for (Operation *user : past.getUsers())
    if (auto load = dyn_cast<LoadDenseOp>(user))
      past = load.getResult();
  if (!findJoin()) {
    reason = pair + reason;
    return false;
  }
  if (llvm::count(results, results[output]) > 1)
    return fail(pair + "'" + presentName + "' has a second name as an output",
                "leave one of them out");
  return true;
}

//===----------------------------------------------------------------------===//
// Placing
//===----------------------------------------------------------------------===//

/// Other readers of the input take its part of what is stored.
void CachePlacer::replacePast(RankedTensorType type, AppendOp append) {
  BlockArgument stored = function.getArgument(input);
  OpBuilder b(function.getContext());
  b.setInsertionPointToStart(&function.getBody().front());
  SmallVector<int64_t> starts(type.getRank(), 0), steps(type.getRank(), 1);
  auto part = SliceOp::create(b, function.getLoc(), type, stored, starts,
                              type.getShape(), steps);
  extents.setExtents(part, pastExtents);
  past.replaceUsesWithIf(part, [&](OpOperand &use) {
    return use.getOwner() != append && use.getOwner() != part &&
           !isa<LoadDenseOp>(use.getOwner());
  });
  for (Value &result : results)
    if (result == past)
      result = part;
  if (part.use_empty() && !llvm::is_contained(results, part.getResult())) {
    extents.forget(part);
    part.erase();
  }
}

void CachePlacer::place() {
  OpBuilder b(join);
  Location loc = join->getLoc();
  auto type = cast<RankedTensorType>(results[output].getType());
  auto pastType = cast<RankedTensorType>(past.getType());
  Value x = join->getOperand(1), position, count;
  if (auto concat = dyn_cast<ConcatExtentsOp>(join)) {
    position = concat.getExtents()[0];
    count = concat.getExtents()[1];
  } else { // What is written beyond an extent is beyond the result's, too.
    auto number = [&](int64_t value) {
      auto scalar = RankedTensorType::get({}, b.getI64Type());
      return ConstantOp::create(b, loc, DenseElementsAttr::get(scalar, value));
    };
    position = number(pastType.getDimSize(axis));
    count = number(cast<RankedTensorType>(x.getType()).getDimSize(axis));
  }
  pastExtents = extents.getExtents(past);
  Exprs exprs = extents.getExtents(results[output]);
  BlockArgument stored = function.getArgument(input);
  stored.setType(type);
  auto append =
      AppendOp::create(b, loc, type, stored, x, position, count, axis);
  extents.setExtents(append, exprs);
  join->replaceAllUsesWith(append);
  results[output] = append;
  extents.forget(join);
  join->erase();
  replacePast(pastType, append);
  if (Operation *load = past.getDefiningOp()) {
    extents.forget(load);
    load->erase();
  }
  auto attr = [&](StringRef name, int64_t value) {
    return b.getNamedAttr(name, b.getI64IntegerAttr(value));
  };
  function.setArgAttr(
      input, plan::kCacheAttr,
      b.getDictionaryAttr(
          {b.getNamedAttr("value", b.getStringAttr(names[output])),
           attr("dim", axis), attr("extent", pastType.getDimSize(axis))}));
}

void GraphImporter::placeCaches(func::FuncOp function,
                                MutableArrayRef<Value> results,
                                ArrayRef<std::string> names) {
  std::string known;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (StringRef name = inputName(function, i); !name.empty())
      known += (known.empty() ? "'" : ", '") + name.str() + "'";
  for (const CacheNames &pattern : options.caches) {
    bool isFound = false;
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      StringRef name = inputName(function, i);
      std::optional<StringRef> match = matchName(pattern.past, name);
      if (name.empty() || !match)
        continue;
      isFound = true;
      CachePlacer placer(function, extents, results, names);
      if (placer.find(name, putName(pattern.present, *match)))
        placer.place();
      else
        reportModel("--cache=" + placer.reason, placer.hint);
    }
    if (!isFound)
      reportModel("--cache names '" + pattern.past + "', which is no input",
                  "the inputs are " + (known.empty() ? "none" : known));
  }
}
