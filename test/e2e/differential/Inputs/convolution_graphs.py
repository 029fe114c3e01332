"""Graphs of convolutions and pools for differential tests: by their definition, by
minimal filtering, by fast inner products, and in blocks of channels."""

import math

from graph import Graph, ints, window


def convolutions():
    g = Graph("convolutions", 1e-4)
    # batch, channels, filters, groups, height, width, kernel, stride, dilation, pads
    cases = [(1, 1, 1, 1, 7, 13, (1, 1), 1, 1, (0, 0, 0, 0)),
             (2, 3, 17, 1, 7, 13, (3, 3), 1, 1, (1, 1, 1, 1)),
             (1, 17, 3, 1, 13, 7, (3, 3), 2, 1, (0, 1, 2, 0)),
             (1, 3, 3, 3, 7, 7, (3, 3), 1, 2, (2, 2, 2, 2)),
             (2, 4, 6, 2, 5, 13, (2, 5), 1, 1, (1, 2, 0, 2)),
             (1, 16, 32, 1, 14, 14, (3, 3), 1, 1, (1, 1, 1, 1)),
             (1, 17, 33, 1, 1, 1, (1, 1), 1, 1, (0, 0, 0, 0)),
             (1, 32, 32, 32, 9, 11, (5, 5), 2, 1, (2, 2, 2, 2)),
             (1, 64, 20, 1, 6, 6, (1, 1), 1, 1, (0, 0, 0, 0)),
             (1, 16, 16, 1, 7, 7, (3, 3), 1, 1, (1, 1, 1, 1)),
             (1, 16, 16, 1, 20, 20, (3, 3), 1, 12, (12, 12, 12, 12)),
             (1, 16, 48, 1, 15, 31, (3, 3), 2, 1, (0, 0, 1, 1)),
             (1, 16, 32, 1, 3, 60, (1, 3), 1, 1, (0, 1, 0, 1)),
             (2, 16, 16, 1, 40, 5, (5, 1), 1, 1, (2, 0, 1, 0)),
             (1, 3, 16, 1, 30, 30, (7, 7), 2, 1, (3, 3, 3, 3)),
             (1, 32, 32, 32, 9, 29, (3, 3), 1, 1, (1, 1, 1, 1)),
             (1, 16, 16, 16, 5, 5, (7, 7), 1, 1, (3, 3, 3, 3)),
             (1, 32, 48, 1, 14, 14, (1, 1), 2, 1, (0, 0, 0, 0)),
             (2, 3, 16, 1, 5, 5, (2, 2), 2, 1, (1, 1, 1, 1))]
    for i, (n, c, f, groups, h, w, k, s, d, pads) in enumerate(cases):
        x, weight, bias = g.input(n, c, h, w), g.input(f, c // groups, *k), g.input(f)
        shape = (n, f, window(h, k[0], s, d, pads[0], pads[2]),
                 window(w, k[1], s, d, pads[1], pads[3]))
        attrs = "dilations = %s, groups = %d : i64, pads = %s, strides = %s" % (
            ints((d, d)), groups, ints(pads), ints((s, s)))
        conv = g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        other = g.input(*shape)
        g.output("conv_relu%d" % i, g.op("relu", g.op("add", conv, other)))
        g.output("conv%d" % i, g.op("conv", g.op("relu", x), weight, shape=shape, attrs=attrs))
    return g


def winograd():
    """3x3 convolutions with constant filters: tiles that reach beyond the result in
    rows, columns or both; few and many groups of tile rows; steps of two. Max-pools
    of whole squares and of what is left of odd extents follow."""
    g = Graph("winograd", 1e-4)
    # batch, channels, filters, height, width, pads, step
    cases = [(1, 16, 16, 14, 14, (1, 1, 1, 1), 1), (2, 32, 48, 7, 13, (1, 1, 1, 1), 1),
             (1, 64, 16, 13, 7, (0, 1, 2, 0), 1), (1, 16, 32, 1, 7, (1, 1, 1, 1), 1),
             (1, 16, 16, 33, 30, (0, 0, 0, 0), 1), (1, 128, 128, 4, 4, (1, 1, 1, 1), 1),
             (2, 24, 40, 8, 3, (1, 0, 1, 2), 1), (1, 17, 16, 9, 9, (1, 1, 1, 1), 1),
             (1, 16, 64, 40, 12, (1, 1, 1, 1), 1),
             (1, 32, 32, 32, 32, (1, 1, 1, 1), 2), (2, 64, 48, 13, 27, (1, 1, 1, 1), 2),
             (1, 64, 64, 12, 12, (0, 0, 1, 1), 2), (1, 48, 64, 7, 10, (0, 2, 1, 0), 2),
             (1, 256, 64, 11, 8, (1, 1, 1, 1), 2), (2, 128, 64, 4, 5, (1, 1, 0, 0), 2)]
    for i, (n, c, f, h, w, pads, step) in enumerate(cases):
        x, bias = g.input(n, c, h, w), g.input(f)
        weight = g.constant(f, c, 3, 3, scale=1 / math.sqrt(c))
        shape = (n, f, window(h, 3, step, 1, pads[0], pads[2]),
                 window(w, 3, step, 1, pads[1], pads[3]))
        attrs = "dilations = %s, pads = %s, strides = %s" % (
            ints((1, 1)), ints(pads), ints((step, step)))
        conv = g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        other = g.input(*shape)
        g.output("winograd_add%d" % i, g.op("relu", g.op("add", conv, other)))
        g.output("winograd%d" % i, g.op("conv", g.op("relu", x), weight, shape=shape,
                                        attrs=attrs))
        if min(shape[2:]) > 1:
            negated = g.op("neg", x)
            again = g.op("conv", negated, weight, bias, shape=shape, attrs=attrs,
                         text="%s, %s bias(%s)" % (negated.name, weight.name, bias.name))
            g.output("winograd_pool%d" % i, g.op(
                "max_pool", g.op("relu", again),
                shape=(n, f, shape[2] // 2, shape[3] // 2),
                attrs="dilations = %s, kernel = %s, pads = %s, strides = %s" % (
                    ints((1, 1)), ints((2, 2)), ints((0, 0, 0, 0)), ints((2, 2)))))
    return g


def batch_norms():
    """Batch normalisation by constants: after convolutions of its own, with and without
    bias, grouped ones, and after what cannot take it in."""
    g = Graph("batch_norms", 1e-4)
    for i, (n, c, f, groups, h) in enumerate([(1, 3, 17, 1, 9), (2, 16, 32, 1, 7),
                                              (1, 17, 3, 1, 13), (1, 32, 32, 32, 8),
                                              (2, 24, 48, 3, 5)]):
        x, weight = g.input(n, c, h, h), g.constant(f, c // groups, 3, 3, scale=1 / math.sqrt(c))
        attrs = "dilations = %s, groups = %d : i64, pads = %s, strides = %s" % (
            ints((1, 1)), groups, ints((1, 1, 1, 1)), ints((1, 1)))
        bias = g.constant(f)

        def norm(value):
            # The constants are between -1 and 1.
            return g.op("batch_norm", value, *(g.constant(value.shape[1]) for _ in range(4)),
                        shape=value.shape, attrs="epsilon = 1.5 : f32")
        conv = g.op("conv", x, weight, bias, shape=(n, f, h, h), attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        g.output("norm_bias%d" % i, g.op("relu", norm(conv)))
        other = g.constant(f, c // groups, 3, 3, scale=1 / math.sqrt(c))
        plain = g.op("conv", norm(g.op("abs", x)), other, shape=(n, f, h, h), attrs=attrs)
        g.output("norm_both%d" % i, norm(plain))
        g.output("norm_pool%d" % i, norm(g.op(
            "max_pool", x, shape=x.shape,
            attrs="dilations = %s, kernel = %s, pads = %s, strides = %s" % (
                ints((1, 1)), ints((3, 3)), ints((1, 1, 1, 1)), ints((1, 1))))))
    return g


def large_groups():
    """Groups of whole blocks of channels, with and without what follows them."""
    g = Graph("large_groups", 1e-4)
    # batch, channels, filters, groups, height, width, kernel, step
    cases = [(1, 32, 32, 2, 7, 13, 3, 1), (2, 48, 96, 3, 13, 7, 1, 1),
             (1, 64, 64, 4, 1, 7, 3, 1), (1, 96, 32, 2, 14, 14, 5, 2),
             (2, 32, 64, 2, 14, 14, 3, 1), (1, 32, 34, 2, 9, 9, 3, 1)]
    for i, (n, c, f, groups, h, w, k, step) in enumerate(cases):
        x, bias = g.input(n, c, h, w), g.constant(f)
        weight = g.constant(f, c // groups, k, k, scale=1 / math.sqrt(c))
        pad = k // 2
        shape = (n, f, window(h, k, step, 1, pad, pad), window(w, k, step, 1, pad, pad))
        attrs = "dilations = %s, groups = %d : i64, pads = %s, strides = %s" % (
            ints((1, 1)), groups, ints((pad,) * 4), ints((step, step)))
        conv = g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        other, factor = g.input(*shape), g.constant(f, 1, 1)
        scaled = g.op("mul", g.op("relu", conv), factor, shape=shape)
        g.output("groups_add%d" % i, g.op("add", scaled, other))
        g.output("groups%d" % i, g.op("conv", g.op("relu", x), weight, shape=shape,
                                      attrs=attrs))
    return g


def transposed():
    """Transposed convolutions with constant filters: phases that read alike or not,
    results that steps do not divide, taps fewer than steps, pads that cut the input,
    groups, one to three dimensions."""
    g = Graph("transposed", 1e-4)
    # batch, channels, filters per group, groups, extents, kernel, step, pads, more
    cases = [(1, 16, 32, 1, (7, 13), 2, 2, (0, 0, 0, 0), 0),
             (2, 3, 17, 1, (7, 1), 4, 2, (1, 1, 1, 1), 0),
             (1, 17, 3, 1, (5, 9), 3, 2, (1, 1, 1, 1), 1),
             (1, 32, 16, 1, (6, 7), 5, 3, (2, 0, 1, 2), 0),
             (1, 16, 16, 1, (7, 7), 3, 1, (1, 1, 1, 1), 0),
             (1, 16, 16, 1, (9, 9), 3, 1, (4, 3, 2, 4), 0),
             (2, 4, 3, 2, (5, 6), 4, 2, (1, 1, 1, 1), 0),
             (1, 32, 1, 32, (7, 7), 4, 2, (1, 1, 1, 1), 0),
             (1, 8, 8, 1, (5, 5), 1, 2, (0, 0, 0, 0), 1),
             (1, 6, 5, 1, (11,), 4, 3, (2, 1), 0),
             (1, 4, 4, 1, (3, 2, 5), 2, 2, (0, 0, 1, 1, 0, 0), 0)]
    for i, (n, c, f, groups, extents, k, s, pads, more) in enumerate(cases):
        rank = len(extents)
        x, bias = g.input(n, c, *extents), g.constant(f * groups)
        weight = g.constant(c, f, *(k,) * rank, scale=1 / math.sqrt(c))
        shape = (n, f * groups, *(
            (extent - 1) * s + k + more - pads[d] - pads[rank + d]
            for d, extent in enumerate(extents)))
        attrs = ("dilations = %s, groups = %d : i64, output_padding = %s, pads = %s, "
                 "strides = %s" % (ints((1,) * rank), groups, ints((more,) * rank),
                                   ints(pads), ints((s,) * rank)))
        y = g.op("conv_transpose", x, weight, bias, shape=shape, attrs=attrs,
                 text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        g.output("transposed_relu%d" % i, g.op("relu", g.op("neg", y)))
        again = g.op("conv_transpose", g.op("relu", x), weight, shape=shape, attrs=attrs)
        g.output("transposed_add%d" % i, g.op("add", again, g.input(*shape)))
    return g


def convolution(g, x, filters, kernel=1, pad=0, stride=1, groups=1):
    n, c, h, w = x.shape
    weight, bias = g.input(filters, c // groups, kernel, kernel), g.input(filters)
    shape = (n, filters, window(h, kernel, stride, 1, pad, pad),
             window(w, kernel, stride, 1, pad, pad))
    attrs = "dilations = %s, groups = %d : i64, pads = %s, strides = %s" % (
        ints((1, 1)), groups, ints((pad,) * 4), ints((stride, stride)))
    return g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))


def channel_slice(g, x, start, count, step=1):
    n, _, h, w = x.shape
    return g.op("slice", x, shape=(n, count, h, w),
                attrs="extents = %s, starts = %s, steps = %s" % (
                    ints((n, count, h, w)), ints((0, start, 0, 0)), ints((1, step, 1, 1))))


def shuffle(g, x, groups):
    n, c, h, w = x.shape
    parts = (n, groups, c // groups, h, w)
    swapped = (n, c // groups, groups, h, w)
    split = g.op("reshape", x, shape=parts, attrs="shape = " + ints(parts))
    moved = g.op("transpose", split, shape=swapped,
                 attrs="permutation = " + ints((0, 2, 1, 3, 4)))
    return g.op("reshape", moved, shape=x.shape, attrs="shape = " + ints(x.shape))


def blocks():
    """Networks in small: values between kernels in blocks with tails and borders,
    and all that moves channels."""
    g = Graph("blocks", 1e-3)
    for n, c, f, h, w in [(1, 3, 58, 9, 7), (2, 17, 24, 5, 5), (1, 58, 17, 6, 11),
                          (1, 1, 16, 7, 7), (2, 32, 40, 1, 1), (1, 24, 9, 4, 19)]:
        label = "_%d_%d_%d" % (n, c, f)
        stem = g.op("sigmoid", convolution(g, g.input(n, c, h, w), f, 3, 1))
        depthwise = g.op("relu", convolution(g, stem, f, 5, 2, groups=f))
        mean = g.op("reduce_mean", depthwise, shape=(n, f, 1, 1),
                    attrs="axes = array<i64: 2, 3>")
        gate = g.op("sigmoid", convolution(g, mean, f))
        scaled = g.op("mul", depthwise, gate, shape=depthwise.shape)
        other = g.op("add", convolution(g, scaled, f), stem)
        scale, map_ = g.input(f, 1, 1), g.input(1, 1, h, w)
        other = g.op("mul", g.op("add", other, scale), map_)
        g.output("residual" + label, other)
        narrow = convolution(g, other, c + 1, 3, 1, stride=2)
        g.output("narrow" + label, g.op("neg", narrow))
        joined = g.op("concat", other, stem, shape=(n, 2 * f, h, w), attrs="axis = 1 : i64")
        g.output("joined" + label, convolution(g, joined, c, 3, 1))
        part = channel_slice(g, joined, 3, f)
        g.output("part" + label, g.op("add", convolution(g, part, f), part))
        g.output("reversed" + label, convolution(g, channel_slice(g, joined, 2 * f - 1, f, -2), 8))
        mixed = shuffle(g, joined, 2)
        left, right = channel_slice(g, mixed, 0, f), channel_slice(g, mixed, f, f)
        again = shuffle(g, g.op("concat", left, convolution(g, right, f, 3, 1),
                                shape=(n, 2 * f, h, w), attrs="axis = 1 : i64"), 2)
        g.output("shuffled" + label, convolution(g, again, f, 3, 1))
        large = g.op("resize_nearest", other, shape=(n, f, 2 * h, 3 * w),
                     attrs="offsets = array<f64: 0.0, 0.0, 0.0, 0.0>, "
                           "round_up = array<i1: false, false, false, false>, "
                           "shape = %s, steps = array<f64: 1.0, 1.0, 0.5, %r>" % (
                               ints((n, f, 2 * h, 3 * w)), 1 / 3))
        g.output("large" + label, convolution(g, g.op("relu", large), f, 3, 1))
        pooled = g.op("max_pool", other, shape=other.shape,
                      attrs="dilations = %s, kernel = %s, pads = %s, strides = %s" % (
                          ints((1, 1)), ints((3, 3)), ints((1,) * 4), ints((1, 1))))
        means = g.op("avg_pool", other, shape=other.shape,
                     attrs="dilations = %s, kernel = %s, pads = %s, strides = %s" % (
                         ints((1, 1)), ints((3, 3)), ints((1,) * 4), ints((1, 1))))
        g.output("pooled" + label, g.op("sub", convolution(g, pooled, f), means))
        g.output("classes" + label, g.op("softmax", convolution(g, other, f), attrs="axis = 1 : i64"))
    # Concatenations in memory, one in another, with parts that are read alone.
    for n in (1, 2):
        x = g.input(n, 16, 5, 6)
        parts = [g.op("relu", convolution(g, x, 32)), g.op("neg", convolution(g, x, 16, 3, 1))]
        inner = g.op("concat", *parts, shape=(n, 48, 5, 6), attrs="axis = 1 : i64")
        third = g.op("add", convolution(g, inner, 16), parts[1])
        outer = g.op("concat", inner, third, shape=(n, 64, 5, 6), attrs="axis = 1 : i64")
        g.output("parts%d" % n, g.op("add", convolution(g, outer, 32, 3, 1), parts[0]))
        g.output("whole%d" % n, g.op("relu", outer))
        rows = g.op("concat", g.op("exp", g.input(1, n, 16)), g.op("neg", g.input(1, n, 16)),
                    shape=(1, 2 * n, 16), attrs="axis = 1 : i64")
        g.output("rows%d" % n, g.op("softmax", rows, attrs="axis = 2 : i64"))
    for k, d, pad, h in [(3, 12, 12, 7), (3, 5, 5, 7), (5, 2, 4, 3), (3, 4, 3, 9)]:
        x, weight = g.input(1, 20, h, h), g.input(18, 20, k, k)
        size = window(h, k, 1, d, pad, pad)
        g.output("dilated_%d_%d" % (k, d), g.op(
            "conv", x, weight, shape=(1, 18, size, size),
            attrs="dilations = %s, pads = %s, strides = %s" % (
                ints((d, d)), ints((pad,) * 4), ints((1, 1)))))
    return g


def fast_products():
    """1x1 convolutions with constant filters: one and several groups of pixels, an odd
    number of blocks of filters, pixels far from the scale of the filters."""
    g = Graph("fast_products", 1e-4, ["--fast-products=on"])
    # batch, channels, filters, height, width, step
    cases = [(1, 16, 96, 4, 3, 1), (2, 32, 112, 7, 7, 1), (1, 256, 128, 14, 14, 1),
             (1, 48, 96, 1, 64, 1), (1, 64, 256, 12, 13, 1), (1, 80, 144, 5, 7, 1),
             (2, 32, 96, 9, 14, 2)]
    for i, (n, c, f, h, w, step) in enumerate(cases):
        x, bias = g.input(n, c, h, w), g.input(f)
        weight = g.constant(f, c, 1, 1, scale=1 / math.sqrt(c))
        shape = (n, f, window(h, 1, step, 1, 0, 0), window(w, 1, step, 1, 0, 0))
        attrs = "dilations = %s, pads = %s, strides = %s" % (
            ints((1, 1)), ints((0, 0, 0, 0)), ints((step, step)))
        conv = g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        g.output("fast_add%d" % i, g.op("relu", g.op("add", conv, g.input(*shape))))
        # What differs between columns only comes after the product.
        plain = g.op("conv", x, weight, shape=shape, attrs=attrs)
        g.output("fast_columns%d" % i,
                 g.op("relu", g.op("add", plain, g.input(1, 1, 1, shape[3]), shape=shape)))
        add_scaled(g, "fast", i, x, weight, shape, attrs)
    return g


def add_scaled(g, name, i, x, weight, shape, attrs):
    """Convolutions far from the scale of the filters: those whose squares are lost in
    underflow or overflow have no scale that mends it."""
    for scale in (1e-18, 1e-4, 1e4, 1e22):
        near = g.op("conv", g.op("mul", x, g.scalar(scale), shape=x.shape), weight,
                    shape=shape, attrs=attrs)
        g.output("%s_scaled%g_%d" % (name, scale, i),
                 g.op("mul", near, g.scalar(1 / scale), shape=shape))


def fast_winograd():
    """3x3 convolutions by fast inner products of tiles: one and several groups of tile
    rows, tiles that reach beyond the result, a pool, data of other scales."""
    g = Graph("fast_winograd", 2e-4, ["--fast-products=on"])
    # batch, channels, filters, height, width, pads
    cases = [(1, 64, 96, 14, 14, (1, 1, 1, 1)), (2, 80, 96, 17, 22, (1, 0, 1, 2)),
             (1, 64, 128, 40, 9, (1, 1, 1, 1)), (1, 64, 96, 30, 33, (0, 2, 0, 1))]
    for i, (n, c, f, h, w, pads) in enumerate(cases):
        x, bias = g.input(n, c, h, w), g.input(f)
        weight = g.constant(f, c, 3, 3, scale=1 / math.sqrt(9 * c))
        shape = (n, f, window(h, 3, 1, 1, pads[0], pads[2]),
                 window(w, 3, 1, 1, pads[1], pads[3]))
        attrs = "dilations = %s, pads = %s, strides = %s" % (
            ints((1, 1)), ints(pads), ints((1, 1)))
        conv = g.op("conv", x, weight, bias, shape=shape, attrs=attrs,
                    text="%s, %s bias(%s)" % (x.name, weight.name, bias.name))
        g.output("tiles_add%d" % i, g.op("relu", g.op("add", conv, g.input(*shape))))
        plain = g.op("conv", g.op("abs", x), weight, shape=shape, attrs=attrs)
        g.output("tiles_pool%d" % i, g.op(
            "max_pool", plain, shape=(n, f, shape[2] // 2, shape[3] // 2),
            attrs="dilations = %s, kernel = %s, pads = %s, strides = %s" % (
                ints((1, 1)), ints((2, 2)), ints((0, 0, 0, 0)), ints((2, 2)))))
        add_scaled(g, "tiles", i, x, weight, shape, attrs)
    return g


def pools():
    g = Graph("pools")
    for i, (n, c, h, w, k, s, pads) in enumerate(
            [(1, 1, 7, 13, 2, 2, (0, 0, 0, 0)), (2, 3, 13, 7, 3, 2, (1, 1, 1, 1)),
             (1, 3, 9, 9, 5, 1, (2, 2, 2, 2)), (1, 2, 4, 4, 3, 3, (2, 1, 0, 2)),
             (1, 17, 3, 3, 7, 1, (3, 3, 3, 3)),
             (1, 17, 7, 7, 3, 1, (0, 1, 1, 0)), (1, 32, 8, 8, 2, 2, (0, 0, 0, 0)),
             (1, 16, 20, 20, 5, 1, (2, 2, 2, 2)), (2, 32, 27, 27, 3, 2, (0, 0, 1, 1))]):
        x = g.input(n, c, h, w)
        shape = (n, c, window(h, k, s, 1, pads[0], pads[2]),
                 window(w, k, s, 1, pads[1], pads[3]))
        attrs = "dilations = %s, kernel = %s, pads = %s, strides = %s" % (
            ints((1, 1)), ints((k, k)), ints(pads), ints((s, s)))
        g.output("max%d" % i, g.op("neg", g.op("max_pool", x, shape=shape, attrs=attrs)))
        g.output("avg%d" % i, g.op("relu", g.op("avg_pool", x, shape=shape, attrs=attrs)))
        g.output("avg_pad%d" % i, g.op("avg_pool", x, shape=shape,
                                       attrs="count_include_pad, " + attrs))
        g.output("global%d" % i, g.op(
            "reduce_mean", x, shape=(n, c, 1, 1), attrs="axes = array<i64: 2, 3>"))
    return g
