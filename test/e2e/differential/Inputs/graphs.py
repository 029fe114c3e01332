"""Graphs for differential tests: small models in the cameo dialect whose extents
leave every kind of tail (odd channels, widths below a vector, uneven padding)."""

import itertools
import math

from convolution_graphs import (batch_norms, blocks, convolution, convolutions,
                                fast_products, fast_winograd, large_groups, pools,
                                transposed, winograd)
from graph import Graph, Value, broadcast, ints


def elementwise():
    g = Graph("elementwise")
    shapes = [((2, 3, 13), (13,)), ((2, 3, 13), (3, 1)), ((1, 17, 7), (2, 1, 7)),
              ((17,), (1,)), ((5, 1), (1, 7)), ((), (3, 1)), ((2, 17, 1), (17, 13)),
              ((1, 1, 1), (1,)), ((33, 65), (33, 1)), ((4, 16, 16), (16, 16))]
    for i, (left, right) in enumerate(shapes):
        a, b, shape = g.input(*left), g.input(*right), broadcast(left, right)
        total = g.op("add", a, b, shape=shape)
        active = g.op("relu", total)
        product = g.op("mul", active, a, shape=shape)
        g.output("chain%d" % i, g.op("sub", b, product, shape=shape))
        g.output("shared%d" % i, g.op("max", total, active))
    for n in (1, 7, 13, 64):
        x = g.input(n)
        for name in ("sigmoid", "tanh", "exp", "erf", "sqrt", "log", "sin", "cos",
                     "floor", "ceil", "round", "sign", "gelu", "elu", "mish",
                     "hard_swish", "softplus", "atan", "abs", "neg"):
            source = g.op("abs", x) if name in ("sqrt", "log") else x
            g.output("%s_%d" % (name, n), g.op(name, source))
    for i, (shape, axis) in enumerate((((3, 26), 1), ((2, 34, 5, 7), 1), ((6, 5), 0),
                                       ((4, 7, 64), 2), ((1, 2), 1))):
        g.output("gate%d" % i, gate(g, g.input(*shape), axis))
    return g


def gate(g, x, axis):
    """The first half of a tensor times the sigmoid of the second."""
    half = [n // 2 if dim == axis else n for dim, n in enumerate(x.shape)]
    parts = []
    for start in (0, half[axis]):
        starts = [start if dim == axis else 0 for dim in range(len(half))]
        parts.append(g.op("slice", x, shape=half,
                          attrs="extents = %s, starts = %s, steps = %s" % (
                              ints(half), ints(starts), ints([1] * len(half)))))
    return g.op("mul", parts[0], g.op("sigmoid", parts[1]))


def types():
    g = Graph("types", 2e-2)
    for element in ("f64", "f16", "bf16", "i8", "ui8", "i16", "ui16", "i32",
                    "ui32", "i64", "ui64"):
        a, b = g.input(3, 13, element=element), g.input(13, element=element)
        total = g.op("add", a, b)
        scaled = g.op("mul", g.op("max", total, b), a)
        g.output("chain_" + element, g.op("min", scaled, total))
        less = g.op("less", a, b, element="i1")
        g.output("less_" + element, g.op("not", less))
        where = g.op("where", less, a, b, element=element)
        g.output("where_" + element, where)
        g.output("sum_" + element, g.op(
            "reduce_sum", a, shape=(3,), attrs="axes = array<i64: 1>, keepdims = false"))
        g.output("max_" + element, g.op(
            "reduce_max", a, shape=(13,), attrs="axes = array<i64: 0>, keepdims = false"))
        for to in ("f32", "i8", "ui8", "i32", "i64"):
            if to != element and not (element[0] in "fb" and to != "f32"):
                g.output("cast_%s_%s" % (element, to), g.op("cast", a, element=to, attrs="to = " + to))
    return g


def reductions():
    g = Graph("reductions", 1e-4)
    for shape in ((2, 3, 13), (1, 17, 7), (3, 1, 5, 4), (40, 33)):
        x = g.input(*shape)
        rank = len(shape)
        for size in range(rank + 1):
            for axes in itertools.combinations(range(rank), size):
                kept = tuple(1 if d in axes else e for d, e in enumerate(shape))
                squeezed = tuple(e for d, e in enumerate(shape) if d not in axes)
                label = "%s_%s" % ("x".join(map(str, shape)), "_".join(map(str, axes)))
                total = g.op("reduce_sum", x, shape=kept, attrs="axes = " + ints(axes))
                g.output("sum_relu_" + label, g.op("relu", total))
                mean = g.op("reduce_mean", x, shape=kept, attrs="axes = " + ints(axes))
                g.output("centred_" + label, g.op("sub", x, mean))
                g.output("max_" + label, g.op(
                    "reduce_max", x, shape=squeezed,
                    attrs="axes = %s, keepdims = false" % ints(axes)))
                g.output("lse_" + label, g.op(
                    "reduce_log_sum_exp", x, shape=squeezed,
                    attrs="axes = %s, keepdims = false" % ints(axes)))
        for axis in range(rank):
            kept = tuple(1 if d == axis else e for d, e in enumerate(shape))
            label = "%s_%d" % ("x".join(map(str, shape)), axis)
            g.output("argmax_" + label, g.op("arg_max", x, shape=kept, element="i64",
                                             attrs="axis = %d : i64" % axis))
            g.output("cumsum_" + label, g.op("cumsum", x, attrs="axis = %d : i64" % axis))
    return g


def normalizations():
    g = Graph("normalizations", 1e-4)
    for shape in ((2, 3, 13), (1, 17, 7), (2, 1, 33), (5, 1, 1)):
        x, label = g.input(*shape), "x".join(map(str, shape))
        scale, shift = g.input(shape[-1]), g.input(shape[-1])
        for axis in range(3):
            attrs = "axis = %d : i64" % axis
            soft = g.op("softmax", g.op("mul", x, scale), attrs=attrs)
            g.output("softmax_%s_%d" % (label, axis), g.op("add", soft, x))
            g.output("log_softmax_%s_%d" % (label, axis), g.op("log_softmax", x, attrs=attrs))
        normal = g.op("layer_norm", g.op("add", x, shift), scale, shift, shape=shape,
                      attrs="axis = 2 : i64")
        g.output("layer_norm_" + label, g.op("tanh", normal))
        g.output("rms_norm_" + label, g.op("rms_norm", x, scale, attrs="axis = 2 : i64"))
        c, d = g.input(shape[1]), g.input(shape[1])
        g.output("group_norm_" + label, g.op("group_norm", x, c, d, attrs="groups = 1 : i64"))
        g.output("lrn_" + label, g.op("lrn", x, attrs="size = 3 : i64"))
    return g


def attention():
    """Heads, rows and widths with tails; masks, some of them closed; and the same
    operations where they cannot be one kernel."""
    g = Graph("attention", 1e-4)
    for heads, rows, keys, width in ((2, 33, 33, 24), (3, 70, 70, 64), (12, 1, 17, 16),
                                     (1, 5, 130, 7), (2, 61, 1, 8)):
        label = "%dx%dx%dx%d" % (heads, rows, keys, width)
        q, k, v = (g.input(n, heads, width) for n in (rows, keys, keys))
        mask, scale = g.input(1, rows, keys), g.input()
        split = "permutation = array<i64: 1, 0, 2>"
        qh = g.op("transpose", q, shape=(heads, rows, width), attrs=split)
        kh = g.op("transpose", k, shape=(heads, width, keys),
                  attrs="permutation = array<i64: 1, 2, 0>")
        vh = g.op("transpose", v, shape=(heads, keys, width), attrs=split)
        scores = (heads, rows, keys)
        closed = g.op("log", g.op("relu", mask))  # -inf where it is negative
        s = g.op("mul", g.op("matmul", qh, kh, shape=scores), scale)
        p = g.op("softmax", g.op("add", s, mask), attrs="axis = 2 : i64")
        o = g.op("matmul", p, vh, shape=(heads, rows, width))
        g.output("merged_" + label,
                 g.op("transpose", o, shape=(rows, heads, width), attrs=split))
        # Values that stand in the rows of something wider.
        wide = g.input(keys, heads, width + 5)
        part = g.op("slice", wide, shape=(keys, heads, width), attrs="extents = array<i64: "
                    "%d, %d, %d>, starts = array<i64: 0, 0, 3>, steps = array<i64: 1, 1, 1>"
                    % (keys, heads, width))
        part = g.op("transpose", part, shape=(heads, keys, width), attrs=split)
        p = g.op("softmax", g.op("sub", s, mask), attrs="axis = 2 : i64")
        g.output("part_" + label, g.op("matmul", p, part, shape=(heads, rows, width)))
        # Rows whose mask is closed everywhere have no softmax.
        p = g.op("softmax", g.op("add", s, closed), attrs="axis = 2 : i64")
        g.output("closed_" + label, g.op("matmul", p, vh, shape=(heads, rows, width)))
        # Such rows become zeros instead.
        low = g.op("softmax", g.op("add", s, closed), attrs="axis = 2 : i64")
        p = g.op("where", g.op("is_nan", low, element="i1"), g.scalar(0), low, shape=scores,
                 element="f32")
        g.output("zeroed_" + label, g.op("matmul", p, vh, shape=(heads, rows, width)))
        # The weights are a result as well.
        p = g.op("softmax", s, attrs="axis = 2 : i64")
        g.output("weights_" + label, p)
        g.output("values_" + label, g.op("matmul", p, vh, shape=(heads, rows, width)))
    # Many rows that meet: sums, normalisation, activation.
    for shape in ((3, 77, 130), (1, 400, 33), (700, 1, 17)):
        x, y, scale = g.input(*shape), g.input(*shape), g.input(shape[-1])
        label = "x".join(map(str, shape))
        total = g.op("add", x, y)
        for norm in ("layer_norm", "rms_norm"):
            n = g.op(norm, total, scale, shape=shape, attrs="axis = 2 : i64")
            g.output("%s_%s" % (norm, label), g.op("gelu", g.op("add", n, total)))
        g.output("log_softmax_" + label,
                 g.op("log_softmax", g.op("mul", x, scale), attrs="axis = 2 : i64"))
    return g


def rotations():
    """Rows of halves and of neighbours, rotated as a whole and in part, by tables that
    are shared by heads or not, before and after transpositions."""
    g = Graph("rotations", 1e-5)
    for heads, rows, size, rotated in ((1, 1, 2, 2), (3, 7, 6, 6), (2, 5, 64, 64),
                                       (3, 7, 80, 32), (2, 4, 33, 20), (5, 3, 96, 96)):
        label = "%dx%dx%dx%d" % (heads, rows, size, rotated)
        x, back = g.input(rows, heads, size), g.input(heads, rows, size)
        for tables, shape in (("shared", (rows, 1, rotated)), ("own", (rows, heads, rotated)),
                              ("one", (rotated,))):
            cos, sin = g.input(*shape), g.input(*shape)
            for form, attrs in (("halves", ""), ("pairs", "interleaved")):
                y = g.op("rotary_embedding", x, cos, sin, attrs=attrs)
                case = "%s_%s_%s" % (form, tables, label)
                g.output(case, y)
                y = g.op("rotary_embedding", g.op("tanh", x), cos, sin, attrs=attrs)
                y = g.op("transpose", y, shape=(heads, rows, size),
                         attrs="permutation = array<i64: 1, 0, 2>")
                g.output("transposed_" + case, g.op("add", y, back))
                y = g.op("rotary_embedding", g.op("transpose", back, shape=x.shape,
                         attrs="permutation = array<i64: 1, 0, 2>"), cos, sin, attrs=attrs)
                g.output("after_" + case, y)
            wide = g.input(rows, heads, 3 * size)
            part = g.op("slice", wide, shape=x.shape, attrs="extents = array<i64: %d, %d, %d>, "
                        "starts = array<i64: 0, 0, %d>, steps = array<i64: 1, 1, 1>" % (
                            *x.shape, size))
            for form, attrs in (("halves", ""), ("pairs", "interleaved")):
                g.output("part_%s_%s_%s" % (form, tables, label),
                         g.op("rotary_embedding", part, cos, sin, attrs=attrs))
    return g


def products():
    g = Graph("products", 1e-4)
    for i, (batch, m, k, n) in enumerate(
            [((), 1, 1, 1), ((), 7, 13, 17), ((2,), 3, 17, 1), ((2, 3), 5, 7, 13),
             ((), 33, 64, 65), ((), 1, 100, 37), ((), 64, 3, 16)]):
        for ta, tb in itertools.product((False, True), repeat=2):
            a = g.input(*batch, *((k, m) if ta else (m, k)))
            b = g.input(*((n, k) if tb else (k, n)))
            bias, shape = g.input(n), (*batch, m, n)
            attrs = ", ".join(["transpose_a"] * ta + ["transpose_b"] * tb)
            product = g.op("matmul", a, b, shape=shape, attrs=attrs)
            g.output("gemm%d_%d%d" % (i, ta, tb),
                     g.op("gelu", g.op("add", product, bias)))
    return g


def add_matrices(g, sizes):
    """Products with constant matrices, with what follows them in registers."""
    inputs, weights = {}, {}
    for rows, k, n in sizes:
        rows = rows if isinstance(rows, tuple) else (rows,)
        if (rows, k) not in inputs:
            inputs[rows, k] = g.input(*rows, k)
        if (k, n) not in weights:
            weights[k, n] = (g.constant(k, n, scale=1 / math.sqrt(k)), g.input(n))
        weight, bias = weights[k, n]
        product = g.op("matmul", inputs[rows, k], weight, shape=(*rows, n))
        label = "%s_%d_%d" % ("x".join(map(str, rows)), k, n)
        g.output("bias_gelu_" + label, g.op("gelu", g.op("add", product, bias)))
    return inputs, weights


def matrices():
    """Extents that leave all tails of rows, depth and columns; one and several groups
    of rows for fast inner products, and rows far from the scale of the matrix."""
    g = Graph("matrices", 1e-4, ["--fast-products=on"])
    grid = itertools.product((1, 2, 7, 33), (1, 3, 63, 768), (1, 5, 17, 3072))
    fast = [(12, 16, 96), ((3, 33), 64, 112), (130, 48, 144), ((2, 1, 7), 32, 96),
            ((2, 1, 3, 5), 32, 96)]
    inputs, weights = add_matrices(g, [*grid, *fast])
    x, (w, _) = inputs[(3, 33), 64], weights[64, 112]
    shape = (3, 33, 112)
    for scale in (1e-4, 1e4):
        scaled = g.op("mul", x, g.scalar(scale), shape=x.shape)
        near = g.op("matmul", scaled, w, shape=shape)
        g.output("scaled%g" % scale, g.op("mul", near, g.scalar(1 / scale), shape=shape))
    for residual in (shape, (1, 33, 112), (3, 1, 1)):
        product = g.op("matmul", x, w, shape=shape)
        total = g.op("add", product, g.input(*residual), shape=shape)
        g.output("residual" + "x".join(map(str, residual)), g.op("relu", total))
    return g


def lanes():
    """Depths that leave every tail of steps that share a vector, with tails of rows and
    columns; windows whose outputs share what they read, with borders."""
    g = Graph("lanes", 1e-4)
    for m, k, n in itertools.product((1, 11), (3, 4, 5, 11), (7, 17)):
        g.output("product%dx%dx%d" % (m, k, n),
                 g.op("matmul", g.input(m, k), g.constant(k, n), shape=(m, n)))
    for channels, kernel, stride in itertools.product(
            (3, 6, 17), (1, 3, 5, 11), (1, 2)):
        y = convolution(g, g.input(1, channels, 12, 19), 9, kernel, kernel // 2, stride)
        g.output("conv%d_%d_%d" % (channels, kernel, stride), g.op("relu", y))
    return g


def narrow_weights(kind):
    """Weights in fewer bits: the same ones in the reference."""
    g = Graph("weights_" + kind, 1e-4, ["--weights-type=" + kind])
    add_matrices(g, itertools.product((1, 2, 7, 33), (3, 63, 768), (17, 96, 512)))
    # Columns that do not fill vectors, where the matrix is worth filling them.
    add_matrices(g, [(1, 1024, 17), (3, 1028, 33)])
    x, w = g.input(1, 64), g.constant(50, 64)
    g.output("transposed", g.op("matmul", x, w, shape=(1, 50), attrs="transpose_b"))
    return g


def aliasing():
    """Values that pass through, are returned twice, or die in many ways."""
    g = Graph("aliasing")
    x, y = g.input(3, 13), g.input(3, 13)
    g.output("same", x)
    g.output("again", x)
    total = g.op("add", x, y)
    g.output("total", total)
    g.output("total_again", total)
    row = g.op("reduce_sum", total, shape=(3, 1), attrs="axes = array<i64: 1>")
    first = g.op("sub", total, row)
    second = g.op("mul", first, row)
    column = g.op("reduce_max", second, shape=(1, 13), attrs="axes = array<i64: 0>")
    third = g.op("sub", second, column)
    g.output("third", third)
    g.output("mixed", g.op("add", g.op("softmax", third, attrs="axis = 1 : i64"), first))
    bits = g.op("cast", g.op("softmax", second, attrs="axis = 0 : i64"), element="i32",
                attrs="to = i32")
    g.output("bits", g.op("cumsum", bits, attrs="axis = 1 : i64"))
    square = g.input(13, 13)
    once = g.op("softmax", square, attrs="axis = 1 : i64")
    product = g.op("matmul", once, once)
    g.output("self", g.op("matmul", product, product, attrs="transpose_a"))
    empty = g.input(0, 4)
    g.output("empty", g.op("relu", empty))
    g.output("empty_sum", g.op("reduce_sum", empty, shape=(1, 4),
                               attrs="axes = array<i64: 0>"))
    return g


def recurrent():
    """Two layers that do not depend on each other, large enough to run beside
    each other."""
    g = Graph("recurrent", tolerance=1e-4)
    steps, units = 19, 64
    for case in ("forward", "reverse"):
        x, w = g.input(steps, 1, 4 * units), g.constant(units, 4 * units, scale=0.2)
        state = g.input(1, units)
        y = Value("%%%s#0" % case, (steps, 1, units), "f32")
        types = ", ".join(v.type() for v in (x, w, state, state))
        g.lines.append(
            "%%%s:3 = cameo.lstm x(%s), %s, h(%s), c(%s) {activations = "
            "[#cameo<activation sigmoid>, #cameo<activation tanh>, #cameo<activation "
            "tanh>], alphas = array<f64: 0.0, 0.0, 0.0>, betas = array<f64: 0.0, 0.0, "
            "0.0>%s} : (%s) -> (%s, %s, %s)" % (
                case, x.name, w.name, state.name, state.name,
                ", reverse" if case == "reverse" else "", types, y.type(),
                state.type(), state.type()))
        g.output(case, g.op("reshape", y, shape=(steps, units),
                            attrs="shape = array<i64: %d, %d>" % (steps, units)))
        g.output("last_" + case, Value("%%%s#1" % case, (1, units), "f32"))
    return g


def control():
    graph = Graph("control")
    x, y = graph.input(3, 17), graph.input(3, 17)
    zero = graph.op("reduce_sum", x, shape=(), attrs="axes = array<i64: 0, 1>, keepdims = false")
    for case, pick in (("then", "greater_or_equal"), ("else", "less")):
        condition = graph.op(pick, graph.op("abs", zero), zero, element="i1")
        graph.output("if_%s" % case, graph.region((3, 17), "f32", """cameo.if %s(%s, %s) : (tensor<i1>, tensor<3x17xf32>, tensor<3x17xf32>) -> tensor<3x17xf32> {
  ^bb0(%%a: tensor<3x17xf32>, %%b: tensor<3x17xf32>):
    %%p = cameo.mul %%a, %%b : (tensor<3x17xf32>, tensor<3x17xf32>) -> tensor<3x17xf32>
    %%q = cameo.tanh %%p : (tensor<3x17xf32>) -> tensor<3x17xf32>
    cameo.yield %%q : tensor<3x17xf32>
  } else {
  ^bb0(%%a: tensor<3x17xf32>, %%b: tensor<3x17xf32>):
    cameo.yield %%b : tensor<3x17xf32>
  }""" % (condition.name, x.name, y.name)))
        # Kernels of both sides run under the condition or not.
        yes = graph.op("softmax", graph.op("mul", x, y), attrs="axis = 1 : i64")
        no = graph.op("cumsum", graph.op("exp", y), attrs="axis = 0 : i64")
        graph.output("choose_%s" % case, graph.region((3, 17), "f32",
            "cameo.choose %s then %s else %s : (tensor<i1>, tensor<3x17xf32>, "
            "tensor<3x17xf32>) -> tensor<3x17xf32>" % (
                condition.name, yes.name, no.name)))
    trips = graph.input(1, element="i64")
    flag = graph.op("equal", zero, zero, shape=(), element="i1")
    # States that exchange places must not overwrite each other.
    body = """{
  ^bb0(%%i: tensor<i64>, %%a: tensor<3x17xf32>, %%b: tensor<3x17xf32>):
    %%f = cameo.cast %%i {to = f32} : (tensor<i64>) -> tensor<f32>
    %%s = cameo.add %%b, %%f : (tensor<3x17xf32>, tensor<f32>) -> tensor<3x17xf32>
    %s
  }"""
    states = "states(%s, %s)" % (x.name, y.name)
    types = "tensor<3x17xf32>, tensor<3x17xf32>"
    for case, head, yielded in (
            ("for", "trips(%s) %s : (tensor<1xi64>, %s)" % (trips.name, states, types),
             "cameo.yield %s, %a : " + types),
            ("while", "trips(%s) while(%s) %s : (tensor<1xi64>, tensor<i1>, %s)" % (
                trips.name, flag.name, states, types),
             "%two = cameo.constant dense<2> : tensor<i64>\n    "
             "%on = cameo.less %i, %two : (tensor<i64>, tensor<i64>) -> tensor<i1>\n    "
             "cameo.yield %on, %s, %a : tensor<i1>, " + types)):
        graph.lines.append("%%loop_%s:2 = cameo.loop %s -> (%s) %s" % (
            case, head, types, body % yielded))
        for i in range(2):
            graph.output("%s_%d" % (case, i), Value("%%loop_%s#%d" % (case, i), (3, 17), "f32"))
    three = graph.region((), "i64", "cameo.constant dense<3> : tensor<i64>")
    graph.output("collect", graph.region((3, 17), "f32", """cameo.loop trips(%s) inputs(%s) {length = 3 : i64} : (tensor<i64>, tensor<3x17xf32>) -> tensor<3x17xf32> {
  ^bb0(%%i: tensor<i64>, %%a: tensor<3x17xf32>):
    %%r = cameo.gather %%a, %%i {axis = 0 : i64, in_bounds} : (tensor<3x17xf32>, tensor<i64>) -> tensor<17xf32>
    %%e = cameo.exp %%r : (tensor<17xf32>) -> tensor<17xf32>
    cameo.yield %%e : tensor<17xf32>
  }""" % (three.name, x.name)))
    return graph


def regions():
    graph = Graph("regions", 1e-4)
    matrices = graph.input(5, 4, 4)
    graph.output("det", graph.op("det", matrices, shape=(5,)))
    image = graph.input(2, 3, 9, 7)
    # Corners about the image, also in reverse and outside of it.
    rois = graph.op("mul", graph.input(6, 4), graph.region(
        (), "f32", "cameo.constant dense<8.0> : tensor<f32>"))
    batches = graph.region((6,), "i64", "cameo.constant dense<[0, 1, 0, 1, 1, 0]> : tensor<6xi64>")
    for mode in ("", ", max", ", half_pixel", ", half_pixel, max, sampling_ratio = 2 : i64"):
        graph.output("roi_align%d" % len(graph.outputs), graph.op(
            "roi_align", image, rois, batches, shape=(6, 3, 2, 3),
            attrs="output_shape = array<i64: 2, 3>" + mode))
    zeros = graph.region((6, 1), "f32", "cameo.constant dense<0.0> : tensor<6x1xf32>")
    whole = graph.op("concat", zeros, rois, shape=(6, 5), attrs="axis = 1 : i64")
    graph.output("max_roi_pool", graph.op("max_roi_pool", image, whole, shape=(6, 3, 3, 2),
                                          attrs="output_shape = array<i64: 3, 2>"))
    trees = ("comparisons = array<i64: 0, 3>, features = array<i64: 1, 3>, "
             "leaf_starts = array<i64: 0, 1, 3, 4>, nan_is_true = array<i1: false, true>, "
             "num_targets = 2 : i64, on_false = array<i64: 1, -3>, on_true = array<i64: -1, -2>, "
             "roots = array<i64: 0, 1>, splits = array<f64: 0.1, -0.2>, "
             "targets = array<i64: 0, 0, 1, 1>, weights = array<f64: 1.0, 2.0, 3.0, 4.0>")
    for aggregate in ("sum", "average", "min", "max"):
        graph.output("tree_" + aggregate, graph.op(
            "tree_ensemble", rois, shape=(6, 2),
            attrs="aggregate = #cameo<tree_aggregate %s>, %s" % (aggregate, trees)))
    return graph


def narrow():
    graph = Graph("narrow", 0)
    x = graph.op("mul", graph.input(3, 37), graph.region(
        (), "f32", "cameo.constant dense<600.0> : tensor<f32>"))
    small = graph.op("mul", graph.input(3, 37), graph.region(
        (), "f32", "cameo.constant dense<0.01> : tensor<f32>"))
    for element in ("f8E4M3FN", "f8E4M3FNUZ", "f8E5M2", "f8E5M2FNUZ", "f8E8M0FNU", "f4E2M1FN",
                    "i4", "ui4", "i2", "ui2"):
        for case, value in (("large", x), ("small", small)):
            for flag in ("", "no_saturate, ") if element[:2] == "f8" else ("",):
                code = graph.op("cast", value, element=element, attrs=flag + "to = " + element)
                graph.output("%s_%s%s" % (case, element, flag[:2]), graph.op(
                    "cast", code, element="f32", attrs="to = f32"))
        moved = graph.op("transpose", graph.op("cast", x, element=element, attrs="to = " + element),
                         shape=(37, 3), attrs="permutation = array<i64: 1, 0>")
        graph.output("moved_" + element, graph.op("cast", moved, element="f32", attrs="to = f32"))
    graph.output("bits", graph.op("bitcast", x, element="i32", attrs="to = i32"))
    return graph


def all_graphs():
    return [elementwise(), types(), reductions(), normalizations(), attention(),
            rotations(), convolutions(), large_groups(), transposed(), batch_norms(),
            winograd(), fast_products(), fast_winograd(), blocks(), pools(), products(),
            matrices(), lanes(), *map(narrow_weights, ("f24", "q20", "bf16", "f16", "int8")),
            aliasing(), control(), recurrent(), regions(), narrow()]
