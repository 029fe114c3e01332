"""Problem strings and the ONNX models that they stand for.

    conv:mb1ic64ih56oc64kh3ph1        depthwise:mb1ic96ih112kh3sh2ph1
    matmul:m128k768n3072              matmul:b12m128k64n128

The grammar is in docs/guides/schedules.md.
"""

import math
import re

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONV_FIELD = re.compile(r"(mb|ic|oc|g|[iksdpe][dhw])(\d+)")
MATMUL_FIELD = re.compile(r"([bmkn])(\d+)")


class BadProblem(Exception):
    """A string that is not a problem."""


def parse_fields(text, pattern, problem):
    """{field: number} of all of `text`."""
    fields, place = {}, 0
    while place < len(text):
        match = pattern.match(text, place)
        if not match or match[1] in fields:
            raise BadProblem("'%s': cannot read '%s'" % (problem, text[place:]))
        fields[match[1]] = int(match[2])
        place = match.end()
    return fields


def per_dimension(fields, prefix, axes, usual):
    """One number per axis; what is not given is that of the axis before."""
    values = []
    for axis in axes:
        usual = fields.get(prefix + axis, usual)
        values.append(usual)
    return values


def make_model(nodes, shape, result, constants):
    graph = helper.make_graph(
        nodes, "problem",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, extents)
         for name, extents in shape.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, result)],
        [numpy_helper.from_array(array, name)
         for name, array in constants.items()])
    model = helper.make_model(graph,
                              opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    return model


def random_array(seed, *shape, fan_in):
    generator = np.random.default_rng(seed)
    return generator.normal(0, 1 / math.sqrt(fan_in), shape).astype(np.float32)


def conv_model(kind, text, problem):
    fields = parse_fields(text, CONV_FIELD, problem)
    axes = next((axes for axes in ("dhw", "hw", "w")
                 if "i" + axes[0] in fields), "hw")
    for needed in ("mb", "ic", "i" + axes[0], "k" + axes[0]):
        if not fields.get(needed):
            raise BadProblem("'%s': no '%s'" % (problem, needed))
    extents = per_dimension(fields, "i", axes, 1)
    kernel = per_dimension(fields, "k", axes, 1)
    strides = per_dimension(fields, "s", axes, 1)
    dilations = per_dimension(fields, "d", axes, 1)
    begin = per_dimension(fields, "p", axes, 0)
    end = [fields.get("e" + axis, pad) for axis, pad in zip(axes, begin)]
    channels = fields["ic"]
    filters = fields.get("oc", channels)
    groups = channels if kind == "depthwise" else fields.get("g", 1)
    batch = fields["mb"]
    if min(strides + dilations + [groups]) < 1:
        raise BadProblem("'%s': steps and groups are at least 1" % problem)
    if channels % groups or filters % groups:
        raise BadProblem("'%s': groups do not divide the channels" % problem)
    result = [(extent + low + high - dilation * (taps - 1) - 1) // stride + 1
              for extent, low, high, dilation, taps, stride
              in zip(extents, begin, end, dilations, kernel, strides)]
    if min(result) < 1:
        raise BadProblem("'%s': the window is larger than its input" % problem)
    taps = math.prod(kernel) * channels // groups
    weights = random_array(1, filters, channels // groups, *kernel, fan_in=taps)
    bias = random_array(2, filters, fan_in=1)
    node = helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], group=groups, strides=strides,
        dilations=dilations, pads=begin + end, kernel_shape=kernel)
    return make_model([node], {"x": [batch, channels] + extents},
                      [batch, filters] + result, {"w": weights, "b": bias})


def matmul_model(text, problem):
    fields = parse_fields(text, MATMUL_FIELD, problem)
    if not {"m", "k", "n"} <= set(fields):
        raise BadProblem("'%s': m, k and n are needed" % problem)
    m, k, n = fields["m"], fields["k"], fields["n"]
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    if "b" not in fields:  # A layer: weights are constant.
        return make_model([node], {"x": [m, k]}, [m, n],
                          {"w": random_array(1, k, n, fan_in=k)})
    b = fields["b"]
    return make_model([node], {"x": [b, m, k], "w": [b, k, n]}, [b, m, n], {})


def is_problem(text):
    return re.match(r"(conv|depthwise|matmul):", text) is not None


def model_of(problem):
    """The ONNX model of a problem."""
    kind, _, text = problem.partition(":")
    text = text.removesuffix(":f32")
    if kind == "matmul":
        return matmul_model(text, problem)
    return conv_model(kind, text, problem)
