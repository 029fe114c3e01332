#!/usr/bin/env python3
"""Writes models of one operator each with the data that breaks careless code, as
ONNX backend tests: extremes of integers, infinities and NaN, empty tensors,
indices and divisors that are errors, and strings.

usage: edges.py OUT

OUT/test_NAME gets model.onnx and test_data_set_0/*.pb; where the run has to
return an error, the folder of data has error.txt in place of outputs. Expected
values are ONNX's where it defines them, else what docs/operators.md promises.
"""

import re
import sys
import warnings

import numpy as np
import onnx
from onnx import numpy_helper

from nodes import array, case, words

INF, NAN = np.inf, np.nan
OUT_OF_RANGE = "an index tensor points outside its data"
BY_ZERO = "integer division by zero"


def integers():
    """Overflow wraps around; no operation has undefined results."""
    for kind in ("i1", "i4", "i8"):
        limits = np.iinfo(kind)
        low, high = limits.min, limits.max
        a, b = array([low, 7, -7, high], kind), array([-1, 2, 2, -1], kind)
        suffix = "_int%d" % limits.bits
        case("div_least_by_minus_one" + suffix, "Div", [a, b],
             [array([low, 3, -3, -high], kind)])
        case("mod_least_by_minus_one" + suffix, "Mod", [a, b],
             [array([0, 1, 1, 0], kind)])
        case("fmod_least_by_minus_one" + suffix, "Mod", [a, b],
             [array([0, 1, -1, 0], kind)], fmod=1)
        for op in ("Div", "Mod"):
            case("%s_by_zero%s" % (op.lower(), suffix), op, [a, array([1, 0, 1, 1], kind)],
                 [a], error=BY_ZERO)
        ends = array([low, high, low, 0], kind)
        case("add_overflow" + suffix, "Add", [ends, array([-1, 1, low, 0], kind)],
             [array([high, low, 0, 0], kind)])
        case("sub_overflow" + suffix, "Sub", [ends, array([1, -1, high, low], kind)],
             [array([high, low, 1, low], kind)])
        case("mul_overflow" + suffix, "Mul", [ends, array([-1, 2, 2, 5], kind)],
             [array([low, -2, 0, 0], kind)])
        case("neg_least" + suffix, "Neg", [ends], [array([low, -high, low, 0], kind)])
        case("abs_least" + suffix, "Abs", [ends], [array([low, high, low, 0], kind)])
        if kind == "i1":
            continue
        case("reduce_sum_overflow" + suffix, "ReduceSum",
             [array([[high, 1], [low, -1]], kind), array([1], "i8")],
             [array([[low], [high]], kind)], constants=[1])
        case("cumsum_overflow" + suffix, "CumSum",
             [array([high, 1, high], kind), array(0, "i8")],
             [array([high, low, -1], kind)], constants=[1])
        case("pow_overflow" + suffix, "Pow", [array([2, 3, -2], kind),
                                              array([limits.bits - 1, 1, 3], kind)],
             [array([low, 3, -8], kind)])
    for kind in ("u1", "u4", "u8"):
        bits = np.iinfo(kind).bits
        x = array([1, 3, 255], kind)
        case("shift_by_width_uint%d" % bits, "BitShift",
             [x, array([bits, bits - 1, bits + 5], kind)],
             [array([0, 1 << (bits - 1), 0], kind)], direction="LEFT")
        case("shift_right_by_width_uint%d" % bits, "BitShift",
             [x, array([bits, 1, bits + 5], kind)], [array([0, 1, 0], kind)],
             direction="RIGHT")


def casts():
    """Out of range saturates, NaN becomes 0."""
    x = array([NAN, INF, -INF, 1e20, -1e20, 300.7, -1.5, 0.5, 127.5])
    for source in ("f4", "f8", "f2"):
        with np.errstate(over="ignore"):
            given = x.astype(source)
        for kind in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
            limits = np.iinfo(kind)
            exact = [0 if np.isnan(v) else
                     limits.max if v >= float(limits.max) else
                     limits.min if v <= float(limits.min) else int(v)
                     for v in given.astype("f8")]
            case("cast_%s_to_%s" % (source, kind), "Cast", [given], [array(exact, kind)],
                 to=numpy_helper.from_array(array([], kind)).data_type)
    case("cast_double_to_float", "Cast", [array([1e300, -1e300, 1e-300, NAN], "f8")],
         [array([INF, -INF, 0, NAN])], to=onnx.TensorProto.FLOAT)
    case("cast_float_to_half", "Cast", [array([1e6, -1e6, 65519, NAN])],
         [array([INF, -INF, 65504, NAN], "f2")], to=onnx.TensorProto.FLOAT16)
    case("cast_int_to_narrower", "Cast", [array([300, -1, -129, 1 << 40], "i8")],
         [array([44, -1, 127, 0], "i1")], to=onnx.TensorProto.INT8)
    case("cast_nan_to_bool", "Cast", [array([NAN, 0.0, -0.0, INF])],
         [array([True, False, False, True], "?")], to=onnx.TensorProto.BOOL)
    case("quantize_extremes", "QuantizeLinear",
         [array([INF, -INF, 1e30, -1e30, 0]), array(0.5), array(128, "u1")],
         [array([255, 0, 255, 0, 128], "u1")])


def not_finite():
    """NaN goes through, infinities are numbers at the ends."""
    a, b = array([NAN, 1, INF, -INF, NAN]), array([1, NAN, -INF, -INF, NAN])
    for n in (1, 5):  # One vector and its tail.
        x, y = np.tile(a, n), np.tile(b, n)
        case("max_%d" % len(x), "Max", [x, y], [np.maximum(x, y)])
        case("min_%d" % len(x), "Min", [x, y], [np.minimum(x, y)])
    x = array([NAN, INF, -INF, 0.5, -7])
    case("clip", "Clip", [x, array(-1.0), array(1.0)], [array([NAN, 1, -1, 0.5, -1])])
    case("clip_to_infinities", "Clip", [x, array(-INF), array(INF)], [x])
    case("clip_least_above_most", "Clip", [x, array(2.0), array(1.0)],
         [array([NAN, 1, 1, 1, 1])])
    rows = array([[-INF, 0, -INF], [INF, 0, 1], [-INF, -INF, -INF], [NAN, 0, 1],
                  [3e38, -3e38, 3e38], [0, -1e30, 88]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shifted = rows.astype("f8") - rows.max(axis=1, keepdims=True)
        total = np.exp(shifted).sum(axis=1, keepdims=True)
        case("softmax", "Softmax", [rows], [(np.exp(shifted) / total).astype("f4")],
             axis=1)
        case("log_softmax", "LogSoftmax", [rows],
             [(shifted - np.log(total)).astype("f4")], axis=1)
    case("argmax", "ArgMax", [rows], [array([1, 0, 0, 0, 0, 2], "i8")], axis=1, keepdims=0)
    case("argmin", "ArgMin", [rows], [array([0, 1, 0, 0, 1, 1], "i8")], axis=1, keepdims=0)
    case("argmax_last", "ArgMax", [array([[INF, INF, 0]])], [array([1], "i8")], axis=1,
         keepdims=0, select_last_index=1)
    case("argmax_nan", "ArgMax", [array([[1, NAN, 3, NAN]])], [array([1], "i8")], axis=1,
         keepdims=0)
    case("argmin_nan", "ArgMin", [array([[1, NAN, -3, NAN]])], [array([1], "i8")], axis=1,
         keepdims=0)
    case("reduce_max", "ReduceMax", [rows], [rows.max(axis=1)], axes=[1], keepdims=0)
    case("reduce_min", "ReduceMin", [rows], [rows.min(axis=1)], axes=[1], keepdims=0)
    case("topk_infinities", "TopK", [array([INF, -INF, 3, 3]), array([4], "i8")],
         [array([INF, 3, 3, -INF]), array([0, 2, 3, 1], "i8")], constants=[1])
    case("topk_smallest_infinities", "TopK", [array([INF, -INF, 3, 3]), array([3], "i8")],
         [array([-INF, 3, 3]), array([1, 2, 3], "i8")], constants=[1], largest=0)
    case("topk_nan", "TopK", [array([1, NAN, 3, -INF]), array([3], "i8")],
         [array([NAN, 3, 1]), array([1, 2, 0], "i8")], constants=[1])
    case("div_by_zero_float", "Div", [array([1, -1, 0, INF]), array([0, 0, 0, INF])],
         [array([INF, -INF, NAN, NAN])])
    case("fmod_by_zero_float", "Mod", [array([1, INF]), array([0, 2])],
         [array([NAN, NAN])], fmod=1)
    case("max_pool_nan", "MaxPool", [array([NAN, 1, -INF, -INF]).reshape(1, 1, 4)],
         [array([NAN, -INF]).reshape(1, 1, 2)], kernel_shape=[2], strides=[2])


def empty():
    """Tensors without elements."""
    none = np.zeros((0, 3), "f4")
    case("empty_relu", "Relu", [none], [none])
    case("empty_add", "Add", [none, array([1, 2, 3])], [none])
    case("empty_concat", "Concat", [none, array([[1, 2, 3]])], [array([[1, 2, 3]])], axis=0)
    case("empty_concat_all", "Concat", [none, none], [none], axis=0)
    case("empty_transpose", "Transpose", [none], [none.T])
    axis = array([0], "i8")
    case("empty_reduce_sum", "ReduceSum", [none, axis], [np.zeros((1, 3), "f4")],
         constants=[1])
    for op, value in (("ReduceProd", 1), ("ReduceMax", -INF), ("ReduceMin", INF),
                      ("ReduceMean", NAN)):
        case("empty_" + op.lower(), op, [none], [np.full((1, 3), value, "f4")], axes=[0])
    case("empty_reduce_max_int", "ReduceMax", [np.zeros((0, 3), "i4")],
         [np.full((1, 3), np.iinfo("i4").min, "i4")], axes=[0])
    case("empty_reduce_kept", "ReduceSum", [none, array([1], "i8")],
         [np.zeros((0, 1), "f4")], constants=[1])
    case("empty_matmul_inner", "MatMul", [none.T, none], [np.zeros((3, 3), "f4")])
    case("empty_matmul_outer", "MatMul", [none, np.ones((3, 2), "f4")],
         [np.zeros((0, 2), "f4")])
    case("empty_gemm", "Gemm", [none.T, none, array([1, 2, 3])],
         [np.tile(array([1, 2, 3]), (3, 1))])
    case("empty_softmax", "Softmax", [none], [none], axis=1)
    case("empty_softmax_rows", "Softmax", [none.T], [none.T], axis=1)
    case("empty_argmax", "ArgMax", [none], [np.zeros((0, 1), "i8")], axis=1)
    case("empty_topk", "TopK", [none, array([2], "i8")],
         [np.zeros((0, 2), "f4"), np.zeros((0, 2), "i8")], constants=[1])
    case("topk_of_none", "TopK", [np.ones((2, 3), "f4"), array([0], "i8")],
         [np.zeros((2, 0), "f4"), np.zeros((2, 0), "i8")], constants=[1])
    case("empty_cumsum", "CumSum", [none, array(0, "i8")], [none], constants=[1])
    case("empty_gather", "Gather", [np.ones((4, 3), "f4"), np.zeros((0,), "i8")], [none],
         axis=0)
    case("empty_gather_elements", "GatherElements",
         [np.ones((4, 3), "f4"), np.zeros((0, 3), "i8")], [none], axis=0)
    x = array([[1, 2], [3, 4]])
    case("empty_scatter", "ScatterElements",
         [x, np.zeros((0, 2), "i8"), np.zeros((0, 2), "f4")], [x], axis=0)
    case("empty_one_hot", "OneHot", [np.zeros((0,), "i8"), array(3, "i8"), array([0, 1])],
         [none], constants=[1, 2])
    case("empty_slice", "Slice", [x, array([5], "i8"), array([9], "i8")],
         [np.zeros((0, 2), "f4")], constants=[1, 2])
    case("empty_pad", "Pad", [none, array([1, 0, 1, 0], "i8"), array(7.0)],
         [np.full((2, 3), 7, "f4")], constants=[1])
    case("empty_tile", "Tile", [x, array([0, 1], "i8")], [np.zeros((0, 2), "f4")],
         constants=[1])
    case("empty_expand", "Expand", [array([1.0]), array([0, 3], "i8")], [none],
         constants=[1])
    case("empty_split", "Split", [x, array([0, 2], "i8")], [np.zeros((0, 2), "f4"), x],
         constants=[1], axis=0)
    case("empty_where", "Where", [np.zeros((0, 3), "?"), none, none], [none])
    image = np.zeros((0, 2, 5, 5), "f4")
    case("empty_conv", "Conv", [image, np.ones((4, 2, 3, 3), "f4")],
         [np.zeros((0, 4, 3, 3), "f4")], constants=[1])
    case("empty_max_pool", "MaxPool", [image], [np.zeros((0, 2, 4, 4), "f4")],
         kernel_shape=[2, 2])
    case("empty_global_average_pool", "GlobalAveragePool", [image],
         [np.zeros((0, 2, 1, 1), "f4")])
    case("empty_layer_norm", "LayerNormalization", [none, np.ones(3, "f4")], [none])
    case("empty_cast", "Cast", [none], [none.astype("i4")], to=onnx.TensorProto.INT32)


def indices():
    """Out of range is an error where ONNX says nothing else."""
    x = np.arange(12, dtype="f4").reshape(4, 3)
    for name, bad in (("high", 4), ("low", -5), ("huge", 2**62), ("least", -(2**63))):
        flat = array([0, bad], "i8")
        case("gather_" + name, "Gather", [x, flat], [x[:2]], axis=0, error=OUT_OF_RANGE)
        case("gather_nd_" + name, "GatherND", [x, flat.reshape(2, 1)], [x[:2]],
             error=OUT_OF_RANGE)
        block = np.array([[0, 1, 2], [3, bad, 0]], "i8")
        case("gather_elements_" + name, "GatherElements", [x, block], [x[:2]], axis=0,
             error=OUT_OF_RANGE)
        case("scatter_elements_" + name, "ScatterElements", [x, block, x[:2]], [x],
             axis=0, error=OUT_OF_RANGE)
        case("scatter_nd_" + name, "ScatterND", [x, flat.reshape(2, 1), x[:2]], [x],
             error=OUT_OF_RANGE)
        hot = np.zeros((2, 4), "f4")
        hot[0, 0] = 1
        case("one_hot_" + name, "OneHot", [flat, array(4, "i8"), array([0, 1])], [hot],
             constants=[1, 2])
    case("gather_from_the_end", "Gather", [x, array([-1, -4], "i8")], [x[[3, 0]]], axis=0)
    far = [array([-100], "i8"), array([2**63 - 1], "i8")]
    case("slice_far", "Slice", [x] + far, [x], constants=[1, 2])
    case("slice_far_back", "Slice",
         [x, array([2**62], "i8"), array([-(2**63)], "i8"), array([0], "i8"),
          array([-1], "i8")], [x[::-1]], constants=[1, 2, 3, 4])
    case("slice_long_step", "Slice", [x] + far + [array([0], "i8"), array([2**40], "i8")],
         [x[:1]], constants=[1, 2, 3, 4])
    grid = array([[[[INF, 0], [-INF, -INF], [1e30, -1e30], [0, 0]]]])
    image = np.arange(1, 10, dtype="f4").reshape(1, 1, 3, 3)
    case("grid_sample_far_zeros", "GridSample", [image, grid],
         [array([[[[0, 0, 0, 5]]]])], mode="nearest", align_corners=1)
    case("grid_sample_far_border", "GridSample", [image, grid],
         [array([[[[6, 1, 3, 5]]]])], mode="nearest", align_corners=1,
         padding_mode="border")


def strings():
    """Strings of every run, up to the bytes that they have room for."""
    a, b = words(["a", "abc", "", "x" * 64]), words(["a", "abd", "", "x" * 63])
    case("string_equal", "Equal", [a, b], [array([True, False, True, False], "?")],
         opset=19)
    left, right = words([["a"], ["bcd"], [""]]), words(["", "x", "yz"])
    case("string_concat", "StringConcat", [left, right],
         [words([[x + y for y in right] for (x,) in left])], opset=20)
    texts = ["", "ab", "abcd", "abd", "12-x_9", "123-", "1234567", "a.b@mail.org",
             "a@b", "xyz", "x\u00e9z", "x\u20acz", "xy\nz", "[x]", "aaaa", "A-Z"]
    for number, pattern in enumerate([
            "", "(ab|c)*d?", r"\d{2,4}-\w+", r"[a-z.]+@[a-z]+\.(com|org)", ".{3}",
            "x[^a-y]z", r"\[x\]", "a{2,}", "^(?:x|y).?z$", "[A-]+Z|[]x[]{3}", r"\D*",
            "(a*)*b?d|x.+", r"(\W|^)[\w.]+@\w+(\.org|$)"]):
        matches = [re.fullmatch(pattern, text) is not None for text in texts]
        case("regex_%d" % number, "RegexFullMatch", [words(texts)],
             [array(matches, "?")], opset=20, pattern=pattern)
    case("string_lower", "StringNormalizer", [words(["Az[@`{", "ZzY"])],
         [words(["az[@`{", "zzy"])], case_change_action="LOWER")
    case("string_upper", "StringNormalizer", [words([["Az[@`{", "ZzY"]])],
         [words([["AZ[@`{", "ZZY"]])], case_change_action="UPPER")
    given = words([["b", "a"], ["?", "ccc"]])
    case("labels_to_numbers", "LabelEncoder", [given], [array([[2, 1], [-7, 3]], "i8")],
         domain="ai.onnx.ml", keys_strings=["a", "b", "ccc"], values_int64s=[1, 2, 3],
         default_int64=-7)
    case("labels_to_labels", "LabelEncoder", [given],
         [words([["two", "one"], ["_Unused", "three"]])], domain="ai.onnx.ml",
         keys_strings=["a", "b", "ccc"], values_strings=["one", "two", "three"])
    case("labels_of_numbers", "LabelEncoder", [array([1.5, NAN, 2.5])],
         [words(["more", "none", "other"])], domain="ai.onnx.ml",
         keys_floats=[1.5, NAN], values_strings=["more", "none"], default_string="other")
    case("tfidf", "TfIdfVectorizer", [words(["b", "a", "b", "zz", "a"])],
         [array([2, 2, 1])], mode="TF", min_gram_length=1, max_gram_length=2,
         max_skip_count=0, ngram_counts=[0, 2], ngram_indexes=[0, 1, 2],
         pool_strings=["a", "b", "a", "b"])


def masks():
    """Attention of rows of which nothing is allowed: zeros, others as ever."""
    q, k = array([[[[1, 0], [0, 2], [1, 1]]]]), array([[[[2, 0], [0, 1]]]])
    v = array([[[[3, -4], [5, 6]]]])
    last, none = v[:, :, 1:], np.zeros((1, 1, 1, 2), "f4")
    first = v[:, :, :1]
    expected = np.concatenate([none, last, first], axis=2)
    allowed = array([[0, 0], [0, 1], [1, 0]], "?")
    bias = np.where(allowed, 0, -INF).astype("f4")
    case("attention_nothing_allowed", "Attention", [q, k, v, allowed], [expected],
         opset=23)
    case("attention_all_minus_infinity", "Attention", [q, k, v, bias], [expected],
         opset=23)
    case("attention_groups_nothing_allowed", "Attention",
         [np.repeat(q, 2, axis=1), k, v, allowed], [np.repeat(expected, 2, axis=1)],
         opset=23)
    case("attention_one_key", "Attention", [q, k[:, :, :1], v[:, :, :1]],
         [np.repeat(first, 3, axis=2)], opset=23, is_causal=0)


def top_of_many():
    """Few of long lines: ties, both zeros and several NaNs, which are above all."""
    generator = np.random.default_rng(7)
    for kind in ("f2", "f4", "f8", "i1", "u1", "i4", "u4", "i8", "u8"):
        x = generator.integers(0, 60, (2, 150, 3)).astype(kind)
        if kind[0] == "f":
            x -= array(30, kind)
            x[:, ::17] = np.where(x[:, ::17] > 0, array(-0.0, kind), array(NAN, kind))
            x[0, 5:9], x[1, 20:22] = INF, -INF
        elif kind[0] == "i":
            x -= array(30, kind)
            x[0, 3], x[1, 4] = np.iinfo(kind).max, np.iinfo(kind).min
        for largest in (0, 1):
            # Equal elements stand in the order of their places.
            ranks = np.unique(x, return_inverse=True)[1].reshape(x.shape)
            order = np.argsort(-ranks if largest else ranks, axis=1, kind="stable")
            places = order[:, :70].astype("i8")
            case("topk_of_many_%s_%d" % (kind, largest), "TopK", [x, array([70], "i8")],
                 [np.take_along_axis(x, places, 1), places], constants=[1], axis=1,
                 largest=largest)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: edges.py OUT")
    for write in (integers, casts, not_finite, empty, indices, top_of_many, strings,
                  masks):
        write()


main()
