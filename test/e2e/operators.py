#!/usr/bin/env python3
"""Writes models of the operators that Debian's ONNX backend tests are too old for,
or have none of, as such tests: OUT/test_NAME. The data is small enough to see
through, the expected values are NumPy's.

usage: operators.py OUT
"""

import math
import sys

import numpy as np
from onnx import TensorProto, helper

from nodes import array, case, save, words

ML = {"domain": "ai.onnx.ml"}


def numbers(*shape):
    """Numbers from -2 to 2 in no order."""
    count = math.prod(shape)
    return (np.arange(count) * 37 % 101 / 25 - 2).astype("f4").reshape(shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def elementwise():
    x = numbers(3, 5)
    erf = np.vectorize(math.erf)
    case("gelu", "Gelu", [x], [x * 0.5 * (1 + erf(x / math.sqrt(2))).astype("f4")], opset=20)
    case("gelu_tanh", "Gelu", [x], [(x * 0.5 * (1 + np.tanh(
        math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))).astype("f4")], opset=20,
         approximate="tanh")
    case("mish", "Mish", [x], [x * np.tanh(np.log1p(np.exp(x)))], opset=18)
    case("swish", "Swish", [x], [x * sigmoid(1.5 * x)], opset=24, alpha=1.5)
    y = numbers(5, 3).reshape(3, 5)
    case("swiglu", "SwiGLU", [x, y], [x * sigmoid(x) * y], opset=28)
    a, b = array([[12, -7, 255], [0, 1, -128]], "i4"), array([10, 3, -1], "i4")
    case("bitwise_and", "BitwiseAnd", [a, b], [a & b], opset=18)
    case("bitwise_or", "BitwiseOr", [a, b], [a | b], opset=18)
    case("bitwise_xor", "BitwiseXor", [a, b], [a ^ b], opset=18)
    case("bitwise_not", "BitwiseNot", [a], [~a], opset=18)
    case("bitcast", "BitCast", [x], [x.view("i4")], opset=26, to=TensorProto.INT32)
    flags = array([1, 0, 1, 1], "?")
    case("unique_flags", "Unique", [flags],
         [array([0, 1], "?"), array([1, 0], "i8"), flags.astype("i8"), array([1, 3], "i8")])
    case("is_nan_half", "IsNaN", [array([1, np.nan, np.inf], "f2")],
         [array([0, 1, 0], "?")], opset=20)
    case("cumprod", "CumProd", [x, array(1, "i4")], [np.cumprod(x, axis=1)], constants=[1],
         opset=26)


def normalisation():
    x = numbers(2, 4, 6)
    case("lp_normalization", "LpNormalization", [x],
         [x / np.sqrt((x ** 2).sum(axis=1, keepdims=True))], axis=1, p=2)
    scale, bias = numbers(4), numbers(7)[3:]
    groups = x.reshape(2, 2, 12)
    y = (groups - groups.mean(axis=2, keepdims=True)) / np.sqrt(
        groups.var(axis=2, keepdims=True) + 1e-5)
    case("group_normalization", "GroupNormalization", [x, scale, bias],
         [y.reshape(2, 4, 6) * scale[:, None] + bias[:, None]], opset=21, num_groups=2)
    scale = numbers(6)
    case("rms_normalization", "RMSNormalization", [x, scale],
         [x / np.sqrt((x ** 2).mean(axis=2, keepdims=True) + 1e-5) * scale], opset=23)


def spatial():
    x = numbers(1, 2, 4, 6)
    case("global_lp_pool", "GlobalLpPool", [x],
         [np.sqrt((x ** 2).sum(axis=(2, 3), keepdims=True))], p=2)
    blocks = x.reshape(1, 2, 2, 2, 3, 2)
    case("lp_pool", "LpPool", [x], [np.abs(blocks).sum(axis=(3, 5))], kernel_shape=[2, 2],
         strides=[2, 2], p=1)
    case("max_roi_pool", "MaxRoiPool", [x, array([[0, 1, 0, 3, 2]])],
         [x[:, :, 0:3, 1:4].max(axis=(2, 3), keepdims=True)], pooled_shape=[1, 1])
    case("center_crop_pad", "CenterCropPad", [x, array([2, 8], "i8")],
         [np.pad(x[:, :, 1:3], [(0, 0), (0, 0), (0, 0), (1, 1)])], constants=[1], opset=18,
         axes=[2, 3])
    columns = numbers(1, 4, 4)  # Four windows of 2 x 2 that do not overlap.
    case("col2im", "Col2Im", [columns, array([4, 4], "i8"), array([2, 2], "i8")],
         [columns.reshape(1, 2, 2, 2, 2).transpose(0, 3, 1, 4, 2).reshape(1, 1, 4, 4)],
         constants=[1, 2], opset=18, strides=[2, 2])
    # Offsets of a row down: the last row reads zeros.
    offset = np.zeros((1, 2, 4, 6), "f4")
    offset[:, 0] = 1
    w = numbers(3, 2, 1, 1)
    below = np.pad(x[:, :, 1:], [(0, 0), (0, 0), (0, 1), (0, 0)])
    case("deform_conv", "DeformConv", [x, w, offset],
         [np.einsum("nchw,kc->nkhw", below, w[:, :, 0, 0])], opset=19)
    theta = numbers(2, 2, 3)
    across, down = (2 * np.arange(n) + 1 for n in (5, 4))
    places = np.stack(np.broadcast_arrays(across[None, :] / 5 - 1, down[:, None] / 4 - 1, 1))
    case("affine_grid", "AffineGrid", [theta, array([2, 1, 4, 5], "i8")],
         [np.einsum("nij,jhw->nhwi", theta, places).astype("f4")], constants=[1], opset=20)


def attention():
    q, k, v = numbers(1, 2, 3, 4), numbers(1, 2, 5, 4), numbers(1, 2, 5, 6)
    y = softmax(q @ k.swapaxes(2, 3) / 2) @ v
    case("attention", "Attention", [q, k, v], [y], opset=23)
    case("flex_attention", "FlexAttention", [q, k, v], [y], opset=26,
         domain="ai.onnx.preview", domain_opset=1)
    x, angles = numbers(1, 2, 3, 4), numbers(10, 2)
    cos, sin = np.cos(angles), np.sin(angles)
    at = array([[7, 0, 2]], "i8")
    c, s = cos[at][:, None], sin[at][:, None]
    first, second = x[..., :2], x[..., 2:]
    case("rotary_embedding", "RotaryEmbedding", [x, cos, sin, at],
         [np.concatenate([first * c - second * s, second * c + first * s], axis=-1)],
         opset=23)
    cache, update = numbers(2, 1, 4, 3), numbers(2, 1, 1, 3) + 10
    after = cache.copy()
    after[0, :, 2], after[1, :, 0] = update[0, :, 0], update[1, :, 0]
    case("tensor_scatter", "TensorScatter", [cache, update, array([2, 0], "i8")], [after],
         opset=24)


def recurrences():
    x, w, past = numbers(2, 3, 5), numbers(3, 1, 3), numbers(2, 3, 2)
    padded = np.concatenate([past, x], axis=2)
    y = sum(padded[:, :, i:i + 5] * w[None, :, 0, i, None] for i in range(3))
    case("causal_conv", "CausalConvWithState", [x, w, None, past], [y, padded[:, :, 5:]],
         opset=27)
    q, k, v = numbers(1, 4, 6), numbers(1, 4, 6)[:, ::-1].copy(), numbers(1, 4, 4)
    state, rows = np.zeros((2, 3, 2), "f4"), []  # Two heads.
    for t in range(4):
        heads = [a[0, t].reshape(2, -1) for a in (q, k, v)]
        state = state + heads[1][:, :, None] * heads[2][:, None, :]
        rows.append(np.einsum("hk,hkv->hv", heads[0], state).reshape(-1) / math.sqrt(3))
    case("linear_attention", "LinearAttention", [q, k, v],
         [np.stack(rows)[None].astype("f4"), state[None]], opset=27, q_num_heads=2,
         kv_num_heads=2, update_rule="linear")


def lstm():
    """One step after the other in f16: gates i, o, f, c."""
    x, w, r = (numbers(*shape).astype("f2") for shape in ((3, 1, 2), (1, 8, 2), (1, 8, 2)))
    h = c = np.zeros((1, 2), "f4")
    rows = []
    for t in range(3):
        gates = x[t].astype("f4") @ w[0].T.astype("f4") + h @ r[0].T.astype("f4")
        i, o, f, new = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
        h = sigmoid(o) * np.tanh(c)
        rows.append(h)
    case("lstm_half", "LSTM", [x, w, r], [np.stack(rows)[:, None].astype("f2"),
                                          h[None].astype("f2"), c[None].astype("f2")],
         hidden_size=2)


def sequences():
    x = numbers(6, 2)
    nodes = [helper.make_node("SplitToSequence", ["x", "two"], ["parts"], axis=0),
             helper.make_node("SequenceErase", ["parts", "one"], ["rest"]),
             helper.make_node("ConcatFromSequence", ["rest"], ["y"], axis=0)]
    save("split_erase_concat", nodes, {"": 17}, [("x", x)],
         [("y", np.concatenate([x[:2], x[4:]]))],
         [("two", array(2, "i8")), ("one", array(1, "i8"))], None)
    case("string_split", "StringSplit", [words(["a-b", "cd", "e--f"])],
         [words([["a", "b", ""], ["cd", "", ""], ["e", "", "f"]]), array([2, 1, 3], "i8")],
         constants=[0], opset=20, delimiter="-")


def random():
    """What is drawn is only known to be in a range, or to be sure."""
    def within(op, least, end, inputs=(), **attributes):
        nodes = [helper.make_node(op, ["x"] * len(inputs), ["drawn"], **attributes),
                 helper.make_node("Less", ["drawn", "end"], ["below"]),
                 helper.make_node("Less", ["drawn", "least"], ["less"]),
                 helper.make_node("Not", ["less"], ["above"]),
                 helper.make_node("And", ["below", "above"], ["y"])]
        save(op.lower(), nodes, {"": 17}, [("x", x) for x in inputs],
             [("y", np.ones((20, 30), "?"))],
             [("least", array(least)), ("end", array(end))], None)

    x = np.zeros((20, 30), "f4")
    within("RandomUniform", 2, 3, low=2.0, high=3.0, shape=[20, 30], seed=1.0)
    within("RandomUniformLike", -1, 0, [x], low=-1.0, high=0.0)
    within("RandomNormal", 4, 6, mean=5.0, scale=0.1, shape=[20, 30], seed=2.0)
    within("RandomNormalLike", -0.5, 0.5, [x], mean=0.0, scale=0.05)
    case("bernoulli", "Bernoulli", [array([0, 1, 1, 0])], [array([0, 1, 1, 0])], seed=1.0)
    case("multinomial", "Multinomial", [array([[-200, 0, -200], [0, -200, -200]])],
         [array([[1, 1], [0, 0]], "i4")], sample_size=2, seed=3.0)


def machine_learning():
    x = numbers(4, 3)
    case("array_feature_extractor", "ArrayFeatureExtractor", [x, array([2, 0], "i8")],
         [x[:, [2, 0]]], **ML)
    case("binarizer", "Binarizer", [x], [(x > 0.5).astype("f4")], threshold=0.5, **ML)
    case("imputer", "Imputer", [array([[1, np.nan], [np.nan, 4]])], [array([[1, 8], [7, 4]])],
         imputed_value_floats=[7.0, 8.0], replaced_value_float=math.nan, **ML)
    case("normalizer", "Normalizer", [x],
         [x / np.sqrt((x ** 2).sum(axis=1, keepdims=True))], norm="L2", **ML)
    case("scaler", "Scaler", [x], [(x - array([1, 0, -1])) * array([2, 3, 4])],
         offset=[1.0, 0.0, -1.0], scale=[2.0, 3.0, 4.0], **ML)
    w, b = numbers(2, 3), array([0.25, -0.5])
    case("linear_regressor", "LinearRegressor", [x], [x @ w.T + b], targets=2,
         coefficients=w.ravel().tolist(), intercepts=b.tolist(), **ML)
    w, b = numbers(3, 3)[::-1], array([0.25, -0.5, 0])
    scores = x @ w.T + b
    case("linear_classifier", "LinearClassifier", [x],
         [array([5, 7, 9], "i8")[scores.argmax(axis=1)], scores],
         classlabels_ints=[5, 7, 9], coefficients=w.ravel().tolist(),
         intercepts=b.tolist(), **ML)


def trees():
    """One tree: x0 <= 0 ? (x1 <= 1 ? 10 : 20) : 30."""
    x = array([[-1, 0], [-1, 2], [1, 0], [0, 1]])
    y = array([[10], [20], [30], [10]])
    nodes = {"nodes_treeids": [0] * 5, "nodes_nodeids": [0, 1, 2, 3, 4],
             "nodes_featureids": [0, 1, 0, 0, 0], "nodes_values": [0.0, 1.0, 0.0, 0.0, 0.0],
             "nodes_modes": ["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF"],
             "nodes_truenodeids": [1, 3, 0, 0, 0], "nodes_falsenodeids": [2, 4, 0, 0, 0]}
    leaves = {"treeids": [0] * 3, "nodeids": [2, 3, 4], "ids": [0, 0, 0],
              "weights": [30.0, 10.0, 20.0]}
    case("tree_regressor", "TreeEnsembleRegressor", [x], [y], n_targets=1, **nodes,
         **{"target_" + name: value for name, value in leaves.items()}, **ML)
    leaves["ids"], leaves["weights"] = [2, 0, 1], [1.0, 1.0, 1.0]
    case("tree_classifier", "TreeEnsembleClassifier", [x],
         [array([4, 5, 6, 4], "i8"), np.eye(3, dtype="f4")[[0, 1, 2, 0]]],
         classlabels_int64s=[4, 5, 6], **nodes,
         **{"class_" + name: value for name, value in leaves.items()}, **ML)

    def tensor(values, kind=TensorProto.FLOAT):
        return helper.make_tensor("", kind, [len(values)], values)

    case("tree_ensemble", "TreeEnsemble", [x], [y], domain_opset=5, n_targets=1,
         tree_roots=[0], nodes_featureids=[0, 1], nodes_splits=tensor([0.0, 1.0]),
         nodes_modes=tensor([0, 0], TensorProto.UINT8), nodes_truenodeids=[1, 1],
         nodes_trueleafs=[0, 1], nodes_falsenodeids=[0, 2], nodes_falseleafs=[1, 1],
         leaf_targetids=[0, 0, 0], leaf_weights=tensor([30.0, 10.0, 20.0]), **ML)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: operators.py OUT")
    for write in (elementwise, normalisation, spatial, attention, recurrences, lstm, sequences,
                  random, machine_learning, trees):
        write()


main()
