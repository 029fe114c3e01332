"""Layers over open dimensions: recurrent, normalised, attending, quantised."""

import numpy as np
from onnx import TensorProto, helper


def recurrent(n):
    """An open number of steps; the reverse direction starts at the actual end."""
    x = n.input("x", "s", 2, 5)
    for kind, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
        for direction in ("forward", "reverse", "bidirectional"):
            d = 2 if direction == "bidirectional" else 1
            y, h = n.op(kind, x, n.weight(d, gates * 6, 5), n.weight(d, gates * 6, 6),
                        n.weight(d, gates * 12), outputs=2, hidden_size=6,
                        direction=direction)
            n.output(y, 4)
            n.output(h, 3)
    # A sum over all steps.
    n.output(n.op("ReduceSum", y, n.ints(0), keepdims=0), 3)


def recurrent_batch(n):
    """An open batch, with states and lengths that are inputs, and batches first."""
    x, h = n.input("x", "s", "b", 4), n.input("h", 2, "b", 3)
    lengths = n.op("Expand", n.const(np.int32(2)), n.dim(x, 1))
    y, last = n.op("GRU", x, n.weight(2, 9, 4), n.weight(2, 9, 3), n.weight(2, 18),
                   lengths, h, outputs=2, hidden_size=3, direction="bidirectional",
                   linear_before_reset=1)
    n.output(y, 4)
    n.output(last, 3)
    first = n.op("Transpose", x, perm=[1, 0, 2])
    y, last, cell = n.op("LSTM", first, n.weight(1, 12, 4), n.weight(1, 12, 3),
                         n.weight(1, 24), outputs=3, hidden_size=3, layout=1)
    n.output(y, 4)
    n.output(last, 3)
    n.output(n.op("Squeeze", cell, n.ints(1)), 2)


def normalised(n):
    """Statistics over open dimensions."""
    x = n.input("x", "b", 6, "h", "w")
    n.output(n.op("InstanceNormalization", x, n.weight(6), n.weight(6)), 4)
    groups = n.op("GroupNormalization", x, n.weight(6), n.weight(6), num_groups=3)
    n.output(groups, 4)
    n.output(n.op("LRN", x, size=3, alpha=0.1), 4)
    n.output(n.op("LRN", n.op("Transpose", x, perm=[0, 2, 1, 3]), size=5), 4)
    n.output(n.op("LpNormalization", x, axis=2, p=1), 4)
    n.output(n.op("MeanVarianceNormalization", x), 4)
    n.output(n.op("GlobalLpPool", x, p=2), 4)
    y = n.input("y", 3, "h", "w")
    one = n.const(np.float32(1.5))
    n.output(n.op("LayerNormalization", y, one, axis=1), 3)
    n.output(n.op("RMSNormalization", y, one, axis=-1), 3)
    n.output(n.op("LayerNormalization", n.op("Transpose", x, perm=[0, 2, 3, 1]),
                  n.weight(6), n.weight(6)), 4)
    n.opset = 23


def attention_operator(n):
    """Open queries, keys and past; heads that share keys; masks and caps."""
    q, k = n.input("q", "b", "s", 24), n.input("k", "b", "t", 12)
    v = n.input("v", "b", "t", 12)
    heads = {"q_num_heads": 4, "kv_num_heads": 2}
    n.output(n.op("Attention", q, k, v, **heads), 3)
    n.output(n.op("Attention", q, k, v, is_causal=1, softcap=2.0, **heads), 3)
    mask = n.input("mask", "s", "t")
    n.output(n.op("Attention", q, k, v, mask, scale=0.5, **heads), 3)
    allowed = n.op("Greater", mask, n.const(np.float32(-0.5)))
    n.output(n.op("Attention", q, k, v, allowed, **heads), 3)
    past = n.input("past", "b", 2, "p", 6)
    y, key, value = n.op("Attention", q, k, v, "", past, past, outputs=3,
                         is_causal=1, **heads)
    n.output(y, 3)
    n.output(key, 4)
    n.output(value, 4)
    split = n.op("Transpose", n.op("Reshape", q, n.ints(0, 0, 4, 6)), perm=[0, 2, 1, 3])
    n.output(n.op("Attention", split, past, past), 4)
    n.opset = 23


def rotary(n):
    x = n.input("x", "b", "s", 24)
    places = n.input("places", "b", "s", low=0, high=40)
    cos, sin = n.weight(40, 3), n.weight(40, 3)
    n.output(n.op("RotaryEmbedding", x, cos, sin, places, num_heads=4), 3)
    n.output(n.op("RotaryEmbedding", x, cos, sin, places, num_heads=4, interleaved=1), 3)
    y = n.input("y", "b", 2, "s", 8)
    own = [n.op("Gather", table, places) for table in (cos, sin)]
    n.output(n.op("RotaryEmbedding", y, *own, rotary_embedding_dim=6), 4)
    n.opset = 23


def quantised(n):
    """The range of 8 bits comes from what is there only."""
    x = n.input("x", "b", 3, "h", "w")
    y, scale, zero = n.op("DynamicQuantizeLinear", x, outputs=3)
    n.output(y, 4, np.uint8)
    n.output(scale, 0)
    n.output(n.op("DequantizeLinear", y, scale, zero), 4)
    w = n.const(np.random.default_rng(1).integers(0, 255, (4, 3, 3, 3)).astype(np.uint8))
    point = n.const(np.uint8(120))
    n.output(n.op("ConvInteger", y, w, zero, point, pads=[1, 1, 1, 1]), 4, np.int32)
    s, t = n.const(np.float32(0.01)), n.const(np.float32(0.3))
    n.output(n.op("QLinearConv", y, s, point, w, s, point, t, point,
                  pads=[1, 1, 1, 1]), 4, np.uint8)
    flat = n.op("Transpose", y, perm=[0, 1, 3, 2])
    n.output(n.op("MatMulInteger", y, flat, zero, zero), 4, np.int32)
    n.output(n.op("QLinearMatMul", y, s, point, flat, s, point, t, point), 4, np.uint8)
    n.output(n.op("QuantizeLinear", x, n.const(np.array([.1, .2, .3], np.float32)),
                  n.const(np.array([3, 4, 5], np.uint8)), axis=1), 4, np.uint8)


def einsum(n):
    q, k = n.input("q", "b", "s", 2, 6), n.input("k", "b", "t", 2, 6)
    scores = n.op("Einsum", q, k, equation="bihd,bjhd->bhij")
    n.output(scores, 4)
    n.output(n.op("Einsum", scores, k, equation="bhij,bjhd->bihd"), 4)
    n.output(n.op("Einsum", q, n.weight(2, 6, 5), equation="bshd,hde->bse"), 3)
    n.output(n.op("Einsum", scores, equation="bhij->hi"), 2)
    n.output(n.op("Einsum", scores, scores, equation="bhij,bhij->h"), 1)
    n.output(n.op("Einsum", q, k, equation="...ihd,...jhd->...ij"), 3)


def losses(n):
    x, t = n.input("x", "b", 4, "d"), n.input("t", "b", "d", low=0, high=4)
    for reduction in ("mean", "sum", "none"):
        loss = n.op("SoftmaxCrossEntropyLoss", x, t, reduction=reduction)
        n.output(loss, 2 if reduction == "none" else 0)
    n.output(n.op("NegativeLogLikelihoodLoss", x, t, n.weight(4), ignore_index=2), 0)


def sampled(n):
    """Grids of open images; regions of fixed ones."""
    x, grid = n.input("x", "b", 2, "h", "w"), n.input("grid", "b", "r", 3, 2)
    for padding in ("zeros", "border"):
        for align in (0, 1):
            n.output(n.op("GridSample", x, grid, padding_mode=padding,
                          align_corners=align), 4)
    fixed, rois = n.weight(2, 3, 8, 9), n.op("Abs", n.input("rois", "r", 4))
    which = n.input("which", "r", low=0, high=2)
    n.output(n.op("RoiAlign", fixed, rois, which, output_height=2, output_width=3), 4)
    n.output(n.op("Det", n.op("MatMul", n.op("Slice", grid, n.ints(0), n.ints(2),
                                             n.ints(2)), n.weight(2, 2))), 2)


def pools(n):
    """Means of what is there; windows rounded up; padding by auto_pad."""
    x = n.input("x", "b", 3, "h", "w")
    for kind in ("MaxPool", "AveragePool"):
        n.output(n.op(kind, x, kernel_shape=[3, 3], pads=[1, 1, 1, 1]), 4)
        for ceil in (0, 1):
            n.output(n.op(kind, x, kernel_shape=[3, 2], strides=[2, 2], ceil_mode=ceil,
                          pads=[1, 0, 1, 1]), 4)
    for same in ("SAME_UPPER", "SAME_LOWER"):
        n.output(n.op("MaxPool", x, kernel_shape=[3, 2], strides=[2, 2],
                      auto_pad=same), 4)
        y = n.op("Conv", x, n.weight(4, 3, 3, 5), strides=[2, 3], auto_pad=same)
        n.output(y, 4)
        n.output(n.op("ConvTranspose", y, n.weight(4, 2, 3, 3), strides=[2, 2],
                      auto_pad=same), 4)
    # One window that leaves a rest, or more.
    n.output(n.op("Conv", x, n.weight(4, 3, 2, 2), strides=[4, 5]), 4)
    n.output(n.op("MaxPool", x, kernel_shape=[2, 2], strides=[4, 5]), 4)
    n.output(n.op("ArgMax", x, axis=3, select_last_index=1), 4, np.int64)
    low = n.op("Sub", n.op("Mul", x, n.const(np.float32(0))),
               n.const(np.float32(np.inf)))
    n.output(n.op("ArgMax", low, axis=2, select_last_index=1), 4, np.int64)


def signal(n):
    """Frames of a signal, transforms beside an open batch, layers with a state."""
    x = n.input("x", "b", "t")
    n.output(n.op("STFT", x, n.const(np.int64(4)), n.weight(8)), 4)
    frames = n.op("Reshape", n.op("Slice", x, n.ints(0), n.ints(8), n.ints(1)),
                  n.ints(0, 8, 1))
    n.output(n.op("DFT", frames, axis=1, onesided=1), 3)
    n.output(n.op("CenterCropPad", x, n.ints(11), axes=[1]), 2)
    y = n.input("y", "b", "s", 8)
    wide = n.op("Transpose", y, perm=[0, 2, 1])
    conv, state = n.op("CausalConvWithState", wide, n.weight(8, 1, 3), outputs=2,
                       activation="silu")
    n.output(conv, 3)
    n.output(state, 3)
    decay = n.op("Neg", n.op("Abs", y))
    keys = n.op("Slice", y, n.ints(0), n.ints(4), n.ints(2))
    values, state = n.op(
        "LinearAttention", y, keys, keys, "", n.op("Slice", decay, n.ints(0), n.ints(2),
                                                   n.ints(2)), outputs=2,
        q_num_heads=4, kv_num_heads=2, update_rule="gated")
    n.output(values, 3)
    n.output(state, 4)
    n.opset = 27


def learned(n):
    """Models of ai.onnx.ml over an open number of rows."""
    x, i = n.input("x", "r", 3), n.input("i", "r", low=0, high=4)

    def op(kind, *inputs, **attrs):
        return n.op(kind, *inputs, domain="ai.onnx.ml", **attrs)

    scaled = op("Scaler", x, offset=[.1, .2, .3], scale=[2., 1., .5])
    n.output(scaled, 2)
    n.output(op("Normalizer", op("Imputer", scaled, imputed_value_floats=[1.],
                                 replaced_value_float=0.), norm="L2"), 2)
    n.output(op("Binarizer", x, threshold=.1), 2)
    n.output(op("LinearRegressor", x, coefficients=[.5, -1., 2.], intercepts=[.25],
                targets=1), 2)
    label, scores = op("LinearClassifier", x, outputs=2, intercepts=[.1, .2, .3],
                       coefficients=[1., 2., 3., -1., 0., 1., 2., -2., .5],
                       classlabels_ints=[5, 6, 7], post_transform="SOFTMAX")
    n.output(label, 1, np.int64)
    n.output(scores, 2)
    tree = {"nodes_treeids": [0] * 3, "nodes_nodeids": [0, 1, 2],
            "nodes_featureids": [1, 0, 0], "nodes_values": [.1, 0., 0.],
            "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
            "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0]}
    n.output(op("TreeEnsembleRegressor", x, target_treeids=[0, 0], target_nodeids=[1, 2],
                target_ids=[0, 0], target_weights=[1.5, -2.], n_targets=1, **tree), 2)
    label, scores = op("TreeEnsembleClassifier", x, outputs=2, class_treeids=[0, 0],
                       class_nodeids=[1, 2], class_ids=[0, 1], class_weights=[.8, .6],
                       classlabels_int64s=[3, 4], **tree)
    n.output(label, 1, np.int64)
    n.output(scores, 2)
    n.output(op("LabelEncoder", i, keys_int64s=[0, 2], values_floats=[.5, 1.5],
                default_float=-1.), 1)


# Options, sizes (the bound first) and graph.
CASES = {
    "recurrent": (["--dim=s=1..9"], [{"s": 9}, {"s": 4}, {"s": 1}], recurrent),
    "recurrent_batch": (["--dim=s=2..7", "--dim=b=1..5"], [
        {"s": 7, "b": 5}, {"s": 3, "b": 2}, {"s": 2, "b": 1}], recurrent_batch),
    "normalised": (["--dim=b=1..2", "--dim=h=1..7", "--dim=w=2..19"], [
        {"b": 2, "h": 7, "w": 19}, {"b": 1, "h": 4, "w": 8},
        {"b": 2, "h": 1, "w": 2}], normalised),
    "attention_operator": (
        ["--dim=b=1..2", "--dim=s=1..9", "--dim=t=1..11", "--dim=p=0..6"], [
            {"b": 2, "s": 9, "t": 11, "p": 6}, {"b": 1, "s": 4, "t": 7, "p": 3},
            {"b": 2, "s": 1, "t": 1, "p": 1}], attention_operator),
    "rotary": (["--dim=b=1..3", "--dim=s=1..12"], [
        {"b": 3, "s": 12}, {"b": 2, "s": 5}], rotary),
    "quantised": (["--dim=b=1..2", "--dim=h=2..9", "--dim=w=2..17"], [
        {"b": 2, "h": 9, "w": 17}, {"b": 1, "h": 4, "w": 6}], quantised),
    "einsum": (["--dim=b=1..2", "--dim=s=1..9", "--dim=t=1..7"], [
        {"b": 2, "s": 9, "t": 7}, {"b": 1, "s": 4, "t": 3}], einsum),
    "pools": (["--dim=b=1..2", "--dim=h=3..9", "--dim=w=3..12"], [
        {"b": 2, "h": 9, "w": 12}, {"b": 1, "h": 8, "w": 7}, {"b": 2, "h": 3, "w": 10},
        {"b": 1, "h": 6, "w": 3}], pools),
    "signal": (["--dim=b=1..2", "--dim=t=8..40", "--dim=s=1..9"], [
        {"b": 2, "t": 40, "s": 9}, {"b": 1, "t": 17, "s": 4}, {"b": 2, "t": 8, "s": 1}],
        signal),
    "learned": (["--dim=r=1..9"], [{"r": 9}, {"r": 4}, {"r": 1}], learned),
    "losses": (["--dim=b=1..3", "--dim=d=1..8"], [
        {"b": 3, "d": 8}, {"b": 2, "d": 5}], losses),
    "sampled": (["--dim=b=1..2", "--dim=h=1..9", "--dim=w=2..8", "--dim=r=1..5"], [
        {"b": 2, "h": 9, "w": 8, "r": 5}, {"b": 1, "h": 4, "w": 3, "r": 2},
        {"b": 2, "h": 1, "w": 2, "r": 1}], sampled),
}
