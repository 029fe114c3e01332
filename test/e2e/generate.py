#!/usr/bin/env python3
"""Writes small networks of common kinds as ONNX backend tests.

usage: generate.py OUT

OUT/test_NAME gets model.onnx and test_data_set_0/*.pb. Weights are random, of a
fixed seed, and scaled so that activations keep their range; expected outputs
are computed in float64 by reference.py.
"""

import math
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import decoder
from reference import REFERENCE


def stored(array):
    """`array` as the model has it: integers as they are, reals as float32."""
    return array if array.dtype == np.int64 else array.astype(np.float32)


class Net:
    """A graph under construction; every value is computed at once."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.default_rng(sum(name.encode()))
        self.values, self.nodes, self.constants = {}, [], []
        self.inputs, self.outputs = [], []

    def _add(self, name, array):
        array = stored(np.asarray(array))
        self.values[name] = array if array.dtype == np.int64 else (
            array.astype(np.float64))
        return name

    def input(self, name, array):
        self.inputs.append(name)
        return self._add(name, array)

    def image(self, *shape):
        return self.input("image", self.random.uniform(-1, 1, shape))

    def const(self, array):
        self.constants.append("c%d" % len(self.constants))
        return self._add(self.constants[-1], array)

    def weight(self, *shape, fan_in=None):
        """Random weights that keep the range of what they multiply."""
        fan_in = fan_in or math.prod(shape[1:])
        return self.const(self.random.normal(0, math.sqrt(2 / fan_in), shape))

    def near(self, value, *shape):
        """Constants around `value`: biases, scales, variances."""
        return self.const(value + self.random.uniform(-0.3, 0.3, shape))

    def op(self, kind, *inputs, **attributes):
        name = "%s_%d" % (kind.lower(), len(self.nodes))
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name,
                                           **attributes))
        operands = [self.values[i] for i in inputs]
        self.values[name] = REFERENCE[kind](*operands, **attributes)
        return name

    def shape(self, name):
        return self.values[name].shape

    def output(self, value):
        self.outputs.append(value)

    def squashed(self, value):
        """All of a block's result as an output, in a range where the relative
        error that is allowed says something for every element."""
        self.output(self.op("Sigmoid", value))

    # Layers.

    def conv(self, x, filters, kernel, stride=1, group=1, bias=True, pad=None):
        height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        pads = [height // 2, width // 2] * 2 if pad is None else [pad] * 4
        w = self.weight(filters, self.shape(x)[1] // group, height, width)
        operands = [x, w, self.near(0, filters)] if bias else [x, w]
        return self.op("Conv", *operands, kernel_shape=[height, width],
                       strides=[stride, stride], pads=pads, group=group)

    def norm(self, x):
        count = self.shape(x)[1]
        return self.op("BatchNormalization", x, self.near(1, count),
                       self.near(0, count), self.near(0, count), self.near(1, count))

    def relu(self, x):
        return self.op("Relu", x)

    def gemm(self, x, units):
        return self.op("Gemm", x, self.weight(units, self.shape(x)[1]),
                       self.near(0, units), transB=1)

    def pooled(self, x):
        return self.op("Flatten", self.op("GlobalAveragePool", x))

    # Files.

    def write(self, folder):
        data = folder / "test_data_set_0"
        data.mkdir(parents=True, exist_ok=True)
        self._save(data, "input", self.inputs)
        self._save(data, "output", self.outputs)
        graph = helper.make_graph(
            self.nodes, self.name, [self._info(n) for n in self.inputs],
            [self._info(n) for n in self.outputs],
            [self._tensor(n) for n in self.constants])
        model = helper.make_model(graph, ir_version=8, producer_name="cameo-test",
                                  opset_imports=[helper.make_opsetid("", 17)])
        onnx.checker.check_model(model)
        onnx.save(model, str(folder / "model.onnx"))

    def _tensor(self, name):
        return numpy_helper.from_array(stored(self.values[name]), name)

    def _info(self, name):
        tensor = self._tensor(name)
        return helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)

    def _save(self, folder, kind, names):
        for i, name in enumerate(names):
            (folder / ("%s_%d.pb" % (kind, i))).write_bytes(
                self._tensor(name).SerializeToString())


def mnist(net):
    x = net.image(1, 1, 28, 28)
    for filters in (8, 16):
        x = net.relu(net.conv(x, filters, 5))
        x = net.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.relu(net.gemm(net.op("Flatten", x), 64))
    net.output(net.gemm(x, 10))


def keyword_spotter(net):
    """Depthwise and pointwise convolutions on a spectrogram (DS-CNN)."""
    x = net.image(1, 1, 49, 10)
    x = net.relu(net.norm(net.conv(x, 32, (9, 3), stride=2, bias=False)))
    for _ in range(4):
        x = net.relu(net.norm(net.conv(x, 32, 3, group=32, bias=False)))
        x = net.relu(net.norm(net.conv(x, 32, 1, bias=False)))
    net.squashed(x)
    net.output(net.op("Softmax", net.gemm(net.pooled(x), 12)))


def fire(net):
    """Squeeze and expand, as in SqueezeNet."""
    x = net.image(1, 3, 65, 65)
    x = net.relu(net.conv(x, 16, 3, stride=2, pad=0))
    for squeeze, expand in ((8, 16), (8, 24), (12, 32)):
        x = net.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        x = net.relu(net.conv(x, squeeze, 1))
        x = net.op("Concat", net.relu(net.conv(x, expand, 1)),
                   net.relu(net.conv(x, expand, 3)), axis=1)
    x = net.relu(net.conv(x, 20, 1))
    net.output(net.op("Softmax", net.pooled(x), axis=1))


def inception(net):
    """Parallel branches, as in GoogLeNet."""
    x = net.relu(net.conv(net.image(1, 3, 35, 35), 12, 7, stride=2))
    x = net.op("LRN", x, size=5, alpha=1e-2, beta=0.75, bias=1.0)
    for filters in (6, 10):
        branches = [
            net.conv(x, filters, 1),
            net.conv(net.relu(net.conv(x, filters, 1)), 2 * filters, 3),
            net.conv(net.relu(net.conv(x, 5, 1)), filters, 5),
            net.conv(net.op("MaxPool", x, kernel_shape=[3, 3], pads=[1] * 4),
                     filters, 1),
            net.op("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4)]
        x = net.op("Concat", *map(net.relu, branches), axis=1)
    net.squashed(x)
    net.output(net.gemm(net.pooled(x), 10))


def residual(net):
    """Inverted residuals with squeeze and excitation, as in MobileNet 3."""
    x = net.image(1, 3, 32, 32)
    x = net.op("HardSwish", net.norm(net.conv(x, 12, 3, stride=2, bias=False)))
    for kernel in (3, 5):
        y = net.op("HardSwish", net.norm(net.conv(x, 36, 1, bias=False)))
        y = net.op("HardSwish", net.norm(
            net.conv(y, 36, kernel, group=36, bias=False)))
        scale = net.relu(net.conv(net.op("GlobalAveragePool", y), 9, 1))
        scale = net.op("HardSigmoid", net.conv(scale, 36, 1), alpha=1 / 6)
        y = net.op("Mul", y, scale)
        x = net.op("Add", x, net.norm(net.conv(y, 12, 1, bias=False)))
    net.squashed(x)
    x = net.op("Clip", net.conv(x, 24, 1, stride=2), net.const(0.0), net.const(6.0))
    net.output(net.gemm(net.pooled(x), 10))


def linear(net, x, units):
    count = net.shape(x)[-1]
    x = net.op("MatMul", x, net.weight(count, units, fan_in=2 * count))
    return net.op("Add", net.near(0, units), x)


def layer_norm(net, x):
    """Layer normalisation as exporters write it before operator set 17."""
    count = net.shape(x)[-1]
    x = net.op("Sub", x, net.op("ReduceMean", x, axes=[-1]))
    variance = net.op("ReduceMean", net.op("Pow", x, net.const(2.0)), axes=[-1])
    deviation = net.op("Sqrt", net.op("Add", variance, net.const(1e-5)))
    x = net.op("Mul", net.op("Div", x, deviation), net.near(1, count))
    return net.op("Add", x, net.near(0, count))


def gelu(net, x):
    y = net.op("Erf", net.op("Div", x, net.const(math.sqrt(2))))
    y = net.op("Mul", x, net.op("Add", y, net.const(1.0)))
    return net.op("Mul", y, net.const(0.5))


def attention(net, x, mask, heads):
    _, tokens, width = net.shape(x)

    def split(order):
        shape = net.const(np.array([1, tokens, heads, width // heads]))
        return net.op("Transpose", net.op("Reshape", linear(net, x, width), shape),
                      perm=order)

    query, key, value = split([0, 2, 1, 3]), split([0, 2, 3, 1]), split([0, 2, 1, 3])
    scores = net.op("Div", net.op("MatMul", query, key),
                    net.const(math.sqrt(width / heads)))
    weights = net.op("Softmax", net.op("Add", scores, mask), axis=-1)
    mixed = net.op("Transpose", net.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    mixed = net.op("Reshape", mixed, net.const(np.array([1, tokens, width])))
    return linear(net, mixed, width)


def transformer(net):
    """An encoder block on embedded tokens, the last three of them padding."""
    tokens, width = 13, 48
    ids = net.input("ids", net.random.integers(0, 50, (1, tokens)))
    mask = net.input("mask", (np.arange(tokens) < tokens - 3).astype(
        np.int64).reshape(1, tokens))
    mask = net.op("Cast", net.op("Unsqueeze", mask, net.const(np.array([1, 2]))),
                  to=TensorProto.FLOAT)
    mask = net.op("Mul", net.op("Sub", net.const(1.0), mask), net.const(-10000.0))
    x = net.op("Gather", net.weight(50, width, fan_in=2), ids, axis=0)
    x = layer_norm(net, net.op("Add", x, net.near(0, 1, tokens, width)))
    x = layer_norm(net, net.op("Add", attention(net, x, mask, 4), x))
    y = linear(net, gelu(net, linear(net, x, 4 * width)), width)
    x = net.op("LayerNormalization", net.op("Add", y, x), net.near(1, width),
               net.near(0, width), axis=-1)
    net.squashed(x)
    first = net.op("Gather", x, net.const(np.array(0)), axis=1)
    net.output(net.op("Softmax", net.gemm(first, 6)))


def decoder_step(net):
    """One token after a cache of some, the first two of them padding."""
    decoder.build(net, layers=2, vocabulary=40, width=48, heads=6, groups=2, hidden=80,
                  past=9, tokens=1, padding=2)


def decoder_prompt(net):
    """A prompt of several tokens, after a cache."""
    decoder.build(net, layers=1, vocabulary=40, width=64, heads=4, groups=4, hidden=96,
                  past=3, tokens=7)


def detector(net):
    """A detector of boxes around things of three kinds, on maps of two sizes."""
    anchors, classes = 2, 4  # The first class is the background.
    x = net.relu(net.norm(net.conv(net.image(1, 3, 32, 32), 16, 3, stride=2)))
    offsets, scores, places = [], [], []
    for size in (8, 4):
        x = net.relu(net.norm(net.conv(x, 24, 3, stride=2)))
        for outputs, width in ((offsets, 4), (scores, classes)):
            y = net.op("Transpose", net.conv(x, anchors * width, 3), perm=[0, 2, 3, 1])
            outputs.append(net.op("Reshape", y, net.const(np.array([1, -1, width]))))
        grid = (np.mgrid[0:size, 0:size].transpose(1, 2, 0) + 0.5) / size
        places.append(np.repeat(grid.reshape(-1, 2), anchors, axis=0))
    places = np.concatenate(places)[None]
    offsets = net.op("Concat", *offsets, axis=1)
    axis, two, four = (net.const(np.array([i])) for i in (2, 2, 4))
    centres = net.op("Slice", offsets, net.const(np.array([0])), two, axis)
    centres = net.op("Add", net.op("Mul", centres, net.const(0.05)), net.const(places))
    sizes = net.op("Slice", offsets, two, four, axis)
    sizes = net.op("Mul", net.op("Exp", net.op("Mul", sizes, net.const(0.1))),
                   net.const(0.15))
    boxes = net.op("Concat", net.op("Sub", centres, sizes), net.op("Add", centres, sizes),
                   axis=2)
    scores = net.op("Softmax", net.op("Concat", *scores, axis=1), axis=2)
    scores = net.op("Slice", net.op("Transpose", scores, perm=[0, 2, 1]),
                    net.const(np.array([1])), net.const(np.array([classes])),
                    net.const(np.array([1])))
    selected = net.op("NonMaxSuppression", boxes, scores, net.const(np.array([20])),
                      net.const([0.45]), net.const([0.7]))
    net.output(selected)
    which = net.op("Gather", selected, net.const(np.array(2)), axis=1)
    net.output(net.op("Gather", boxes, which, axis=1))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py OUT")
    for build in (mnist, keyword_spotter, fire, inception, residual, transformer,
                  decoder_step, decoder_prompt, detector):
        net = Net(build.__name__)
        build(net)
        net.write(pathlib.Path(sys.argv[1], "test_" + net.name))


main()
