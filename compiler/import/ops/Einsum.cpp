//===- Einsum.cpp - Import of Einsum --------------------------------------===//
//
// Operands are contracted from left to right: sums over labels of one operand,
// then a batched matrix product over the labels of two.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Reshapes.h"
#include "compiler/import/ops/Chain.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace cameo;

static constexpr Limit kOpenDiagonal{"the diagonal of a bounded dimension",
                                     "fix the extents"};

namespace {
/// A dimension of an operand: a letter, or one of those that `...` stands for,
/// counted from the last one on as -1, -2, ...
using Label = int;
using Labels = SmallVector<Label>;

/// A value and what its dimensions are called.
struct Term {
  Value value;
  Labels labels;

  /// One for a label that it does not have.
  AffineExpr extentOf(Extents &extents, Label label) const {
    auto place = llvm::find(labels, label);
    return place == labels.end()
               ? extents.constant(1)
               : extents.getExtent(value, place - labels.begin());
  }
};

class EinsumImporter {
public:
  explicit EinsumImporter(OpImporter &n) : n(n) {}
  ImportResult run();

private:
  LogicalResult parse();
  FailureOr<Labels> parseLabels(StringRef text, int64_t ellipsisRank);
  /// Labels that occur once, in the order of letters, after those of `...`.
  Labels implicitOutput() const;
  LogicalResult takeDiagonals(Term &term);
  /// Drops labels that nothing else needs, by sums.
  LogicalResult sumOut(Term &term, ArrayRef<Label> needed);
  /// Gives `term` dimensions in the order of `labels`; those it does not have
  /// are of extent one.
  LogicalResult arrange(Term &term, ArrayRef<Label> labels);
  FailureOr<Term> contract(Term a, Term b, ArrayRef<Label> needed);
  /// `term` as [batch, rows, columns], with a dimension per label of the batch
  /// where some are open.
  MaybeValue matrix(Term term, ArrayRef<Label> batch, ArrayRef<Label> rows,
                    ArrayRef<Label> columns, const Term &other);
  LogicalResult set(Term &term, MaybeValue value, Labels labels) {
    if (failed(value))
      return failure();
    term = {*value, std::move(labels)};
    return success();
  }

  OpImporter &n;
  SmallVector<Term> terms;
  Labels output;
  bool usesOpenDims = false;
};
} // namespace

FailureOr<Labels> EinsumImporter::parseLabels(StringRef text,
                                              int64_t ellipsisRank) {
  Labels labels;
  bool seenEllipsis = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (llvm::isAlpha(text[i])) {
      labels.push_back(text[i]);
      continue;
    }
    if (text.substr(i, 3) != "..." || seenEllipsis)
      return n.unsupported("equation part '" + text + "'",
                           "use letters and one '...'");
    seenEllipsis = true;
    i += 2;
    for (int64_t dim = -ellipsisRank; dim < 0; ++dim)
      labels.push_back(dim);
  }
  return labels;
}

Labels EinsumImporter::implicitOutput() const {
  Labels all;
  for (const Term &term : terms)
    llvm::append_range(all, term.labels);
  Labels result;
  for (Label label : all)
    if (!llvm::is_contained(result, label) &&
        (label < 0 || llvm::count(all, label) == 1))
      result.push_back(label);
  llvm::sort(result);
  return result;
}

LogicalResult EinsumImporter::parse() {
  std::string equation;
  for (char c : n.stringAttr("equation", ""))
    if (c != ' ')
      equation.push_back(c);
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> parts;
  left.split(parts, ',');
  if (parts.size() != n.numInputs())
    return n.unsupported("an equation of " + Twine(parts.size()) +
                             " operands for " + Twine(n.numInputs()) +
                             " inputs",
                         "check the model with the ONNX checker");
  int64_t ellipsisRank = 0;
  for (auto [i, part] : llvm::enumerate(parts)) {
    int64_t letters = llvm::count_if(part, llvm::isAlpha);
    int64_t rank = typeOf(n.input(i)).getRank();
    bool hasEllipsis = part.contains('.');
    if (rank < letters || (!hasEllipsis && rank != letters))
      return n.unsupported("equation part '" + part +
                               "' for a tensor of rank " + Twine(rank),
                           "check the model with the ONNX checker");
    FailureOr<Labels> labels = parseLabels(part, rank - letters);
    if (failed(labels))
      return failure();
    ellipsisRank = std::max(ellipsisRank, rank - letters);
    terms.push_back({n.input(i), *labels});
    usesOpenDims |= n.extents().isOpen(n.input(i));
  }
  if (!StringRef(equation).contains("->")) {
    output = implicitOutput();
    return success();
  }
  FailureOr<Labels> labels = parseLabels(right, ellipsisRank);
  if (failed(labels))
    return failure();
  output = *labels;
  return success();
}

/// A label that a term has twice: both dimensions become one.
LogicalResult EinsumImporter::takeDiagonals(Term &term) {
  for (size_t i = 0; i < term.labels.size(); ++i) {
    Label label = term.labels[i];
    auto again =
        std::find(term.labels.begin() + i + 1, term.labels.end(), label);
    if (again == term.labels.end())
      continue;
    int64_t j = again - term.labels.begin();
    int64_t extent = typeOf(term.value).getDimSize(i);
    if (n.extents().isOpen(term.value, i) || n.extents().isOpen(term.value, j))
      return n.unsupported(kOpenDiagonal);
    if (extent != typeOf(term.value).getDimSize(j))
      return n.unsupported("a label for two different extents",
                           "check the model with the ONNX checker");
    // Of extents n, n at the end, elements 0, n + 1, ... are the diagonal.
    SmallVector<int64_t> permutation;
    Labels labels;
    for (int64_t dim = 0; dim < static_cast<int64_t>(term.labels.size()); ++dim)
      if (dim != static_cast<int64_t>(i) && dim != j) {
        permutation.push_back(dim);
        labels.push_back(term.labels[dim]);
      }
    permutation.append({static_cast<int64_t>(i), j});
    MaybeValue value =
        chain<TransposeOp>(n, MaybeValue(term.value), permutation);
    if (failed(value))
      return failure();
    Exprs exprs(ArrayRef(n.extents().getExtents(*value)).drop_back(2));
    exprs.push_back(n.extents().constant(extent * extent));
    value = chainReshapeTo(n, value, exprs);
    if (failed(value))
      return failure();
    SmallVector<int64_t> shape(typeOf(*value).getShape());
    SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1);
    shape.back() = extent;
    steps.back() = extent + 1;
    value = chain<SliceOp>(n, value, starts, shape, steps);
    labels.push_back(label);
    if (failed(set(term, value, labels)))
      return failure();
    --i;
  }
  return success();
}

LogicalResult EinsumImporter::sumOut(Term &term, ArrayRef<Label> needed) {
  SmallVector<int64_t> axes;
  Labels kept;
  for (auto [dim, label] : llvm::enumerate(term.labels)) {
    if (llvm::is_contained(needed, label))
      kept.push_back(label);
    else
      axes.push_back(dim);
  }
  if (axes.empty())
    return success();
  return set(term, n.value<ReduceSumOp>(term.value, axes, /*keepdims=*/false),
             kept);
}

LogicalResult EinsumImporter::arrange(Term &term, ArrayRef<Label> labels) {
  SmallVector<int64_t> permutation;
  Exprs shape;
  for (Label label : labels) {
    auto place = llvm::find(term.labels, label);
    if (place != term.labels.end())
      permutation.push_back(place - term.labels.begin());
    shape.push_back(term.extentOf(n.extents(), label));
  }
  MaybeValue value = n.value<TransposeOp>(term.value, permutation);
  return set(term, chainReshapeTo(n, value, shape), Labels(labels));
}

MaybeValue EinsumImporter::matrix(Term term, ArrayRef<Label> batch,
                                  ArrayRef<Label> rows, ArrayRef<Label> columns,
                                  const Term &other) {
  Extents &extents = n.extents();
  AffineExpr one = extents.constant(1);
  Labels order(batch);
  llvm::append_range(order, rows);
  llvm::append_range(order, columns);
  Exprs shape;
  bool repeats = false;
  for (Label label : order) {
    AffineExpr extent = term.extentOf(extents, label),
               wanted = other.extentOf(extents, label);
    // Extents of one repeat.
    bool isRepeated = extent == one && wanted != one;
    shape.push_back(isRepeated ? wanted : extent);
    repeats |= isRepeated;
    bool isFixed = !extents.isOpen(wanted) && !extents.isOpen(shape.back());
    if (isFixed && wanted != one && shape.back() != wanted)
      return n.unsupported("a label for extents " +
                               Twine(extents.getRange(extent).high) + " and " +
                               Twine(extents.getRange(wanted).high),
                           "check the model with the ONNX checker");
  }
  if (failed(arrange(term, order)))
    return failure();
  MaybeValue value = term.value;
  if (repeats) {
    SmallVector<int64_t> bounds;
    for (AffineExpr extent : shape)
      bounds.push_back(extents.getRange(extent).high);
    value = extents.isOpen(term.value) || usesOpenDims
                ? n.withExtents<ExpandOp>(shape, term.value, bounds)
                : n.value<ExpandOp>(term.value, bounds);
  }
  // Open dimensions of a batch stay apart, as they would have gaps.
  ArrayRef<AffineExpr> left = shape;
  Exprs matrixShape;
  if (usesOpenDims)
    matrixShape.append(left.begin(), left.begin() + batch.size());
  else
    matrixShape.push_back(extents.product(left.take_front(batch.size())));
  left = left.drop_front(batch.size());
  matrixShape.push_back(extents.product(left.take_front(rows.size())));
  matrixShape.push_back(extents.product(left.drop_front(rows.size())));
  return chainReshapeTo(n, value, matrixShape);
}

/// `a * b`, summed over the labels that are not needed.
FailureOr<Term> EinsumImporter::contract(Term a, Term b,
                                         ArrayRef<Label> needed) {
  Labels outer(needed);
  llvm::append_range(outer, b.labels);
  if (failed(sumOut(a, outer)))
    return failure();
  outer.assign(needed.begin(), needed.end());
  llvm::append_range(outer, a.labels);
  if (failed(sumOut(b, outer)))
    return failure();
  Labels batch, summed, rows, columns;
  for (Label label : a.labels) {
    bool isShared = llvm::is_contained(b.labels, label);
    bool isNeeded = llvm::is_contained(needed, label);
    (!isShared ? rows : isNeeded ? batch : summed).push_back(label);
  }
  for (Label label : b.labels)
    if (!llvm::is_contained(a.labels, label))
      columns.push_back(label);
  Labels labels(batch);
  llvm::append_range(labels, rows);
  llvm::append_range(labels, columns);
  Extents &extents = n.extents();
  Exprs shape;
  for (Label label : labels) {
    AffineExpr extent = a.extentOf(extents, label);
    shape.push_back(extent == extents.constant(1) ? b.extentOf(extents, label)
                                                  : extent);
  }
  MaybeValue product =
      chain<MatMulOp>(n, matrix(a, batch, rows, summed, b),
                      matrix(b, batch, summed, columns, a), false, false);
  Term result;
  if (failed(set(result, chainReshapeTo(n, product, shape), labels)))
    return failure();
  return result;
}

ImportResult EinsumImporter::run() {
  if (failed(parse()))
    return failure();
  for (Term &term : terms)
    if (failed(takeDiagonals(term)))
      return failure();
  Term result = terms.front();
  for (size_t i = 1; i < terms.size(); ++i) {
    Labels needed(output);
    for (const Term &later : ArrayRef(terms).drop_front(i + 1))
      llvm::append_range(needed, later.labels);
    FailureOr<Term> product = contract(result, terms[i], needed);
    if (failed(product))
      return failure();
    result = *product;
  }
  if (failed(sumOut(result, output)))
    return failure();
  for (Label label : output)
    if (llvm::count(output, label) != 1 ||
        !llvm::is_contained(result.labels, label))
      return n.unsupported("an output label that is given twice or that no "
                           "operand has",
                           "check the model with the ONNX checker");
  if (failed(arrange(result, output)))
    return failure();
  return SmallVector<Value>{result.value};
}

static ImportResult importEinsum(OpImporter &n) {
  return EinsumImporter(n).run();
}

void cameo::registerEinsum(OpRegistry &registry) {
  registry.add("Einsum", 12, "number...", importEinsum, {kOpenDiagonal});
  registry.allowOpenDims({"Einsum"});
}
