"""Small models with dimensions that are known at run time.

`CASES` are functions that fill a `Net`; every one has options for the compiler and
the sizes to run at, the bound among them."""

import numpy as np
from onnx import TensorProto, helper

import layers
import moves
from net import Net


def elementwise(n):
    """Broadcasting; an output that is one extent; integer division."""
    x, y = n.input("x", "n", 3, "m"), n.input("y", "n", 1, 1)
    z = n.op("Add", n.op("Mul", x, y), n.weight(3, 1))
    n.output(n.op("Relu", z), 3)
    n.output(n.op("Transpose", z, perm=[2, 0, 1]), 3)
    i = n.input("i", "n", low=1, high=9)
    n.output(n.op("Div", n.op("Mul", i, n.ints(7)), i), 1, np.int64)
    n.output(n.op("Mul", n.op("Shape", x), n.ints(2)), 1, np.int64)


def windows(n):
    """Padded and strided windows, pools, upsampling, skip connections."""
    x = n.input("x", "b", 3, "h", "w")
    a = n.op("Conv", x, n.weight(8, 3, 3, 3), n.weight(8), pads=[1, 1, 1, 1])
    a = n.op("Relu", n.op("Add", a, n.weight(8, 1, 1)))
    b = n.op("Conv", a, n.weight(8, 1, 3, 3), pads=[1, 1, 1, 1],
             strides=[2, 2], group=8)
    b = n.op("HardSwish", b)
    n.output(n.op("GlobalAveragePool", b), 4)
    n.output(n.op("MaxPool", a, kernel_shape=[3, 3], strides=[2, 2],
                  pads=[1, 1, 1, 1]), 4)
    n.output(n.op("AveragePool", a, kernel_shape=[3, 2], strides=[3, 2]), 4)
    n.output(n.op("AveragePool", a, kernel_shape=[3, 3], pads=[1, 1, 1, 1],
                  count_include_pad=1), 4)
    c = n.op("Conv", b, n.weight(32, 8, 1, 1))
    n.output(n.op("Conv", c, n.weight(16, 32, 5, 5), auto_pad="SAME_UPPER"), 4)
    n.output(n.op("Conv", c, n.weight(16, 32, 3, 3), dilations=[2, 2]), 4)


def upsampling(n):
    x = n.input("x", 1, 4, "h", "w")
    scales = n.const(np.array([1, 1, 2, 2], np.float32))
    near = n.op("Resize", x, "", scales, mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor")
    linear = n.op("Resize", x, "", scales, mode="linear")
    half = n.op("Resize", x, "", scales, mode="nearest")
    n.output(n.op("Concat", near, linear, half, axis=1), 4)
    up = n.op("ConvTranspose", x, n.weight(4, 8, 2, 2), strides=[2, 2])
    wide = n.op("ConvTranspose", x, n.weight(4, 8, 4, 4), strides=[2, 2],
                pads=[1, 1, 1, 1])
    n.output(n.op("Add", up, wide), 4)
    sizes = n.op("Concat", n.op("Slice", n.op("Shape", x), n.ints(0),
                                n.ints(2)),
                 n.op("Mul", n.op("Slice", n.op("Shape", x), n.ints(2),
                                  n.ints(4)), n.ints(3, 3)), axis=0)
    n.output(n.op("Resize", x, "", "", sizes, mode="nearest",
                  coordinate_transformation_mode="asymmetric",
                  nearest_mode="floor"), 4)


def reductions(n):
    x = n.input("x", "n", 5, "m")
    for kind in ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin",
                 "ReduceL2", "ReduceLogSumExp", "ReduceProd"):
        axes = n.ints(0, 2)
        if kind == "ReduceSum":
            n.output(n.op(kind, x, axes, keepdims=0), 1)
        else:
            n.output(n.op(kind, x, axes=[0, 2], keepdims=0), 1)
    n.output(n.op("ReduceMean", x, axes=[-1]), 3)
    n.output(n.op("ReduceMax", x, keepdims=0), 0)
    n.output(n.op("ArgMax", x, axis=2), 3, np.int64)
    n.output(n.op("Softmax", x, axis=2), 3)
    n.output(n.op("LogSoftmax", x, axis=0), 3)
    n.output(n.op("CumSum", x, n.ints(2), reverse=1), 3)
    n.output(n.op("LpNormalization", x, axis=2), 3)
    values, indices = n.op("TopK", x, n.ints(2), outputs=2, axis=2)
    n.output(values, 3)
    n.output(indices, 3, np.int64)


def attention(n):
    """An encoder layer as exporters write it: shapes are computed."""
    ids = n.input("ids", "batch", "seq", low=0, high=50)
    mask = n.input("mask", "batch", "seq", low=0, high=2)
    position = n.op("Slice", n.weight(1, 40, 32), n.ints(0),
                    n.dim(ids, 1), n.ints(1))
    x = n.op("Add", n.op("Gather", n.weight(50, 32), ids), position)
    shape = n.op("Concat", n.dim(x, 0), n.dim(x, 1), n.ints(4, 8), axis=0)

    def heads(perm):
        y = n.op("MatMul", x, n.weight(32, 32))
        return n.op("Transpose", n.op("Reshape", y, shape), perm=perm)

    scores = n.op("MatMul", heads([0, 2, 1, 3]), heads([0, 2, 3, 1]))
    scores = n.op("Div", scores, n.const(np.float32(2.8)))
    wide = n.op("Unsqueeze", n.op("Unsqueeze", mask, n.ints(1)), n.ints(2))
    hidden = n.op("Mul", n.op("Sub", n.const(np.float32(1)),
                              n.op("Cast", wide, to=TensorProto.FLOAT)),
                  n.const(np.float32(-1e4)))
    p = n.op("Softmax", n.op("Add", scores, hidden), axis=-1)
    y = n.op("Transpose", n.op("MatMul", p, heads([0, 2, 1, 3])),
             perm=[0, 2, 1, 3])
    y = n.op("Reshape", y, n.op("Concat", n.dim(x, 0), n.ints(-1, 32), axis=0))
    y = n.op("LayerNormalization", n.op("Add", x, y), n.weight(32),
             n.weight(32))
    n.output(y, 3)
    n.output(n.op("Gather", y, n.const(np.int64(-1)), axis=1), 2)
    expanded = n.op("Expand", n.op("Unsqueeze", mask, n.ints(2)),
                    n.op("Shape", y))
    weight = n.op("Cast", expanded, to=TensorProto.FLOAT)
    total = n.op("ReduceSum", n.op("Mul", y, weight), n.ints(1), keepdims=0)
    n.output(n.op("Div", total, n.op("Clip", n.op(
        "ReduceSum", weight, n.ints(1), keepdims=0),
        n.const(np.float32(1e-9)))), 2)


def parts(n):
    """Slices from the end, backwards and computed; concatenations."""
    x, past = n.input("x", "b", "s", 6), n.input("past", "b", "p", 6)
    total = n.op("Concat", past, x, axis=1)
    n.output(total, 3)
    n.output(n.op("Slice", total, n.ints(-1), n.ints(2**63 - 1), n.ints(1)), 3)
    n.output(n.op("Slice", total, n.ints(1), n.ints(2**63 - 1), n.ints(1)), 3)
    n.output(n.op("Slice", total, n.ints(0), n.ints(-1), n.ints(1),
                  n.ints(2)), 3)
    n.output(n.op("Slice", total, n.ints(-1), n.ints(-2**63), n.ints(1),
                  n.ints(-1)), 3)
    n.output(n.op("Slice", total, n.dim(past, 1), n.dim(total, 1),
                  n.ints(1)), 3)
    places = n.op("Range", n.const(np.int64(0)), n.op(
        "Squeeze", n.dim(total, 1), n.ints(0)), n.const(np.int64(1)))
    rows = n.op("Unsqueeze", places, n.ints(1))
    causal = n.op("LessOrEqual", n.op("Unsqueeze", places, n.ints(0)), rows)
    n.output(n.op("Where", causal, n.const(np.float32(0)),
                  n.const(np.float32(-10))), 2)
    n.output(n.op("Trilu", n.op("MatMul", total, n.op(
        "Transpose", total, perm=[0, 2, 1])), upper=0), 3)


def shapes(n):
    """Reshapes that move elements, repetition, generated tensors, padding."""
    x = n.input("x", "b", "h", "w")
    n.output(n.op("Reshape", x, n.ints(0, -1)), 2)
    n.output(n.op("Flatten", x, axis=2), 2)
    n.output(n.op("Reshape", x, n.ints(-1)), 1)
    n.output(n.op("Reshape", n.op("Transpose", x, perm=[0, 2, 1]),
                  n.op("Concat", n.dim(x, 2), n.dim(x, 1), n.ints(-1),
                       axis=0)), 3)
    n.output(n.op("Tile", x, n.ints(1, 2, 3)), 3)
    n.output(n.op("Pad", x, n.ints(0, 1, 0, 0, 2, 3),
                  n.const(np.float32(5))), 3)
    ones = n.op("ConstantOfShape", n.op("Shape", x), value=helper.make_tensor(
        "value", TensorProto.FLOAT, [1], [1]))
    n.output(n.op("Add", x, ones), 3)
    n.output(n.op("Expand", n.weight(5, 1, 1, 1), n.op("Shape", x)), 4)
    n.output(n.op("Size", x), 0, np.int64)


def selection(n):
    """As many results as data says."""
    x = n.input("x", "n", 4)
    found = n.op("NonZero", n.op("Greater", x, n.const(np.float32(0.2))))

    def reference(inputs):
        indices = np.nonzero(inputs["x"] > np.float32(0.2))
        return [np.array(indices), inputs["x"][indices]]

    n.reference = reference
    n.output(found, 2, np.int64)
    n.output(n.op("GatherND", x, n.op("Transpose", found)), 1)


def unique(n, is_sorted):
    """Sorted groups, or groups in the order of their first elements."""
    x = n.input("x", "n", 3, low=-4, high=5)
    outputs = n.op("Unique", x, outputs=4, sorted=int(is_sorted))
    for y in outputs:
        n.output(y, 1, np.int64)

    def reference(inputs):
        found = np.unique(inputs["x"], return_index=True, return_inverse=True,
                          return_counts=True)
        values, first, inverse, counts = [a.ravel() for a in found]
        if is_sorted:
            return [values, first, inverse, counts]
        order = np.argsort(first)
        return [values[order], first[order], np.argsort(order)[inverse],
                counts[order]]

    n.reference = reference


def compress(n):
    x = n.input("x", "n", "m")
    condition = n.op("Greater", n.op("ReduceSum", x, n.ints(0), keepdims=0),
                     n.const(np.float32(0)))
    y = n.op("Compress", x, condition, axis=1)
    n.output(y, 2)
    n.output(n.op("Softmax", y, axis=1), 2)
    n.output(n.op("Compress", x, n.op("Less", n.op("Reshape", x, n.ints(-1)),
                                      n.const(np.float32(0.5)))), 1)

    def reference(inputs):
        x = inputs["x"]
        y = x[:, x.sum(0, dtype=np.float32) > 0]
        e = np.exp(y - y.max(1, keepdims=True, initial=-9))
        return [y, e / np.maximum(e.sum(1, keepdims=True), 1e-9),
                x.ravel()[x.ravel() < np.float32(0.5)]]

    n.reference = reference


def detection(n):
    """The best of many boxes, as detectors end."""
    boxes = n.input("boxes", "n", 4)
    scores = n.input("scores", "n")
    k = n.op("Min", n.op("Shape", scores), n.ints(6))
    best, places = n.op("TopK", scores, k, outputs=2)
    n.output(best, 1)
    chosen = n.op("Gather", boxes, places)
    kept = n.op("NonMaxSuppression", n.op("Unsqueeze", chosen, n.ints(0)),
                n.op("Reshape", best, n.ints(1, 1, -1)), n.ints(4),
                n.const(np.array([0.3], np.float32)),
                n.const(np.array([-0.5], np.float32)))
    n.output(kept, 2, np.int64)
    rows = n.op("Gather", kept, n.const(np.int64(2)), axis=1)
    n.output(n.op("Gather", chosen, rows), 2)

    def overlap(a, b):
        low = np.maximum(np.minimum(a[:2], a[2:]), np.minimum(b[:2], b[2:]))
        high = np.minimum(np.maximum(a[:2], a[2:]), np.maximum(b[:2], b[2:]))
        area = lambda box: abs((box[2] - box[0]) * (box[3] - box[1]))
        shared = np.prod(np.maximum(high - low, 0))
        return shared / (area(a) + area(b) - shared)

    def reference(inputs):
        order = np.argsort(-inputs["scores"], kind="stable")[:6]
        best, chosen = inputs["scores"][order], inputs["boxes"][order]
        kept = []
        for i in range(len(order)):
            if len(kept) < 4 and best[i] > -0.5 and all(
                    overlap(chosen[i], chosen[j]) <= 0.3 for j in kept):
                kept.append(i)
        rows = np.array([[0, 0, i] for i in kept], np.int64).reshape(-1, 3)
        return [best, rows, chosen[kept]]

    n.reference = reference


def branches(n):
    """Branches of different extents; both are smaller than the bound."""
    x = n.input("x", "n", 3)
    total = n.op("ReduceSum", x, keepdims=0)

    def graph(op, output, **attrs):
        value = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        return helper.make_graph([op], output, [], [value])

    y = n.op("If", n.op("Greater", total, n.const(np.float32(0))),
             then_branch=graph(helper.make_node(
                 "Slice", [x, n.ints(0), n.ints(2)], ["a"]), "a"),
             else_branch=graph(helper.make_node(
                 "Concat", [x, x], ["b"], axis=0), "b"))
    n.output(y, 2)
    n.output(n.op("ReduceMax", y), 2)

    def reference(inputs):
        x = inputs["x"]
        y = x[:2] if x.sum() > 0 else np.concatenate([x, x])
        return [y, y.max(keepdims=True)]

    n.reference = reference


# Options, sizes (the bound first) and graph.
CASES = {
    "elementwise": (["--dim=n=1..9", "--dim=m=0..21"], [
        {"n": 9, "m": 21}, {"n": 4, "m": 5}, {"n": 1, "m": 0}], elementwise),
    "windows": (["--dim=b=1..2", "--dim=h=9..30", "--dim=w=9..37"], [
        {"b": 2, "h": 30, "w": 37}, {"b": 1, "h": 17, "w": 9},
        {"b": 2, "h": 10, "w": 24}], windows),
    "upsampling": (["--shape=x=1x4x1..9x3..17"], [
        {"h": 9, "w": 17}, {"h": 5, "w": 8}, {"h": 1, "w": 3}], upsampling),
    "reductions": (["--dim=n=1..6", "--dim=m=2..40"], [
        {"n": 6, "m": 40}, {"n": 3, "m": 17}, {"n": 1, "m": 2}], reductions),
    "attention": (["--dim=batch=1..3", "--dim=seq=1..40"], [
        {"batch": 3, "seq": 40}, {"batch": 2, "seq": 13},
        {"batch": 1, "seq": 1}], attention),
    "parts": (["--dim=b=1..2", "--dim=s=1..4", "--dim=p=0..9"], [
        {"b": 2, "s": 4, "p": 9}, {"b": 1, "s": 3, "p": 5},
        {"b": 2, "s": 1, "p": 0}], parts),
    "shapes": (["--dim=b=1..2", "--dim=h=1..7", "--dim=w=1..9"], [
        {"b": 2, "h": 7, "w": 9}, {"b": 2, "h": 3, "w": 5},
        {"b": 1, "h": 1, "w": 8}], shapes),
    "selection": (["--dim=n=1..8"], [{"n": 8}, {"n": 3}], selection),
    "unique": (["--dim=n=1..8"], [{"n": 8}, {"n": 3}],
               lambda n: unique(n, True)),
    "unique_unsorted": (["--dim=n=1..8"], [{"n": 8}, {"n": 3}],
                        lambda n: unique(n, False)),
    "unique_fixed": (["--dim=n=7"], [{"n": 7}], lambda n: unique(n, True)),
    "compress": (["--dim=n=1..5", "--dim=m=1..17"], [
        {"n": 5, "m": 17}, {"n": 3, "m": 6}], compress),
    "detection": (["--dim=n=1..20"], [{"n": 20}, {"n": 9}, {"n": 4}],
                  detection),
    "branches": (["--dim=n=2..7"], [{"n": 7}, {"n": 4}, {"n": 3}, {"n": 2}],
                 branches),
    **layers.CASES,
    **moves.CASES,
}


def build(name):
    net = Net()
    CASES[name][2](net)
    return net
