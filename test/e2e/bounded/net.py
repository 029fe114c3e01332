"""Graphs whose inputs have a name for every open dimension."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

TYPES = {np.float32: TensorProto.FLOAT, np.int64: TensorProto.INT64,
         np.bool_: TensorProto.BOOL, np.uint8: TensorProto.UINT8,
         np.int32: TensorProto.INT32}


class Net:
    """A graph that is being built."""

    def __init__(self):
        self.nodes, self.inputs, self.outputs, self.constants = [], [], [], []
        self.count = 0
        self.make = {}  # Arrays of inputs, from sizes and a generator.
        self.reference = None  # Outputs from inputs, where no size is fixed.
        self.opset = 17

    def input(self, name, *shape, low=None, high=None):
        """Floats in [-1, 1], or integers in [low, high)."""
        kind = np.float32 if low is None else np.int64
        self.inputs.append(
            helper.make_tensor_value_info(name, TYPES[kind], list(shape)))

        def make(sizes, random):
            extents = [sizes.get(s, s) for s in shape]
            if low is None:
                return random.uniform(-1, 1, extents).astype(np.float32)
            return random.integers(low, high, extents)

        self.make[name] = make
        return name

    def const(self, array):
        name = "c%d" % len(self.constants)
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, *shape):
        random = np.random.default_rng(len(self.constants))
        scale = np.prod(shape[1:]) ** -0.5 if len(shape) > 1 else 1.0
        return self.const(
            (random.uniform(-1, 1, shape) * scale).astype(np.float32))

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def op(self, kind, *inputs, outputs=1, **attrs):
        names = ["v%d" % (self.count + i) for i in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(
            kind, list(inputs), names, name="n_" + names[0], **attrs))
        return names[0] if outputs == 1 else names

    def dim(self, x, i):
        """One extent, as a vector."""
        return self.op("Slice", self.op("Shape", x), self.ints(i),
                       self.ints(i + 1), self.ints(0))

    def output(self, x, rank, kind=np.float32):
        name = "y%d" % len(self.outputs)
        self.nodes.append(helper.make_node("Identity", [x], [name], name=name))
        self.outputs.append(helper.make_tensor_value_info(
            name, TYPES[kind], ["%s_%d" % (name, i) for i in range(rank)]))

    def model(self):
        graph = helper.make_graph(self.nodes, "bounded", self.inputs,
                                  self.outputs, self.constants)
        return helper.make_model(
            graph, ir_version=8, opset_imports=[
                helper.make_opsetid("", self.opset), helper.make_opsetid("ai.onnx.ml", 3)])
