"""A decoder of the common kind as the exporters of PyTorch write it: root mean
square normalisation, rotary embedding by halves, keys and values shared by groups
of heads, a cache of both, a causal mask and a gated feed-forward part."""

import math

import numpy as np
from onnx import TensorProto


class Decoder:
    """Parameters, and what all layers share, of one step over a few tokens."""

    def __init__(self, net, *, width, heads, groups, hidden, past, tokens, padding=0):
        self.net, self.width, self.heads, self.groups = net, width, heads, groups
        self.hidden, self.past, self.tokens = hidden, past, tokens
        self.size, self.keys = width // heads, past + tokens
        self.positions = net.input("position_ids", np.arange(
            past - padding, self.keys - padding, dtype=np.int64).reshape(1, tokens))
        self.rotation = self._rotation()
        self.mask = self._mask(padding)

    def ints(self, *values):
        return self.net.const(np.array(values, dtype=np.int64))

    def linear(self, x, units):
        count = self.net.shape(x)[-1]
        return self.net.op("MatMul", x, self.net.weight(count, units, fan_in=2 * count))

    def norm(self, x):
        net = self.net
        mean = net.op("ReduceMean", net.op("Pow", x, net.const(2.0)), axes=[-1])
        root = net.op("Sqrt", net.op("Add", mean, net.const(1e-6)))
        scaled = net.op("Mul", x, net.op("Reciprocal", root))
        return net.op("Mul", net.near(1, net.shape(x)[-1]), scaled)

    def _rotation(self):
        net, half = self.net, self.size // 2
        frequencies = net.const(10000.0**(-np.arange(half) / half).reshape(1, half, 1))
        positions = net.op("Cast", net.op("Unsqueeze", self.positions, self.ints(1)),
                           to=TensorProto.FLOAT)
        angles = net.op("Transpose", net.op("MatMul", frequencies, positions),
                        perm=[0, 2, 1])
        angles = net.op("Concat", angles, angles, axis=-1)
        return [net.op("Unsqueeze", net.op(kind, angles), self.ints(1))
                for kind in ("Cos", "Sin")]

    def rotate(self, x):
        net, half = self.net, self.size // 2
        first = net.op("Slice", x, self.ints(0), self.ints(half), self.ints(3))
        second = net.op("Slice", x, self.ints(half), self.ints(2**63 - 1), self.ints(3))
        turned = net.op("Concat", net.op("Neg", second), first, axis=-1)
        cos, sin = self.rotation
        return net.op("Add", net.op("Mul", x, cos), net.op("Mul", turned, sin))

    def _mask(self, padding):
        net = self.net
        kept = net.input("attention_mask", (np.arange(self.keys) >= padding).astype(
            np.int64).reshape(1, self.keys))
        kept = net.op("Cast", net.op("Unsqueeze", kept, self.ints(1, 2)),
                      to=TensorProto.BOOL)
        columns = net.const(np.arange(self.keys).reshape(1, 1, 1, self.keys))
        rows = net.const(np.arange(self.past, self.keys).reshape(1, 1, self.tokens, 1))
        allowed = net.op("And", net.op("LessOrEqual", columns, rows), kept)
        return net.op("Where", allowed, net.const(0.0),
                      net.const(float(np.finfo(np.float32).min)))

    def split(self, x, heads):
        shape = self.ints(1, self.tokens, heads, self.size)
        return self.net.op("Transpose", self.net.op("Reshape", x, shape),
                           perm=[0, 2, 1, 3])

    def repeated(self, x):
        """Every key head once per query head that it serves."""
        shape = (1, self.groups, self.heads // self.groups, self.keys, self.size)
        x = self.net.op("Expand", self.net.op("Unsqueeze", x, self.ints(2)),
                        self.ints(*shape))
        return self.net.op("Reshape", x, self.ints(1, self.heads, *shape[3:]))

    def attention(self, x, layer):
        net = self.net
        query = self.rotate(self.split(self.linear(x, self.width), self.heads))
        narrow = self.groups * self.size
        parts = []
        for kind in ("key", "value"):
            part = self.split(self.linear(x, narrow), self.groups)
            if kind == "key":
                part = self.rotate(part)
            past = net.input("past_%s_%d" % (kind, layer), net.random.normal(
                0, 1, (1, self.groups, self.past, self.size)))
            parts.append(net.op("Concat", past, part, axis=2))
            net.output(parts[-1])
        key, value = map(self.repeated, parts)
        scores = net.op("MatMul", query, net.op("Transpose", key, perm=[0, 1, 3, 2]))
        scores = net.op("Mul", scores, net.const(1 / math.sqrt(self.size)))
        weights = net.op("Softmax", net.op("Add", scores, self.mask), axis=-1)
        mixed = net.op("Transpose", net.op("MatMul", weights, value), perm=[0, 2, 1, 3])
        mixed = net.op("Reshape", mixed, self.ints(1, self.tokens, self.width))
        return self.linear(mixed, self.width)

    def feed_forward(self, x):
        net = self.net
        gate, up = self.linear(x, self.hidden), self.linear(x, self.hidden)
        gate = net.op("Mul", gate, net.op("Sigmoid", gate))
        return self.linear(net.op("Mul", gate, up), self.width)


def build(net, *, layers, vocabulary, **sizes):
    """Logits of the last token, after the presents of all layers."""
    tokens = sizes["tokens"]
    ids = net.input("input_ids", net.random.integers(0, vocabulary, (1, tokens)))
    decoder = Decoder(net, **sizes)
    x = net.op("Gather", net.weight(vocabulary, sizes["width"], fan_in=2), ids, axis=0)
    for layer in range(layers):
        x = net.op("Add", x, decoder.attention(decoder.norm(x), layer))
        x = net.op("Add", x, decoder.feed_forward(decoder.norm(x)))
    x = net.op("Gather", decoder.norm(x), decoder.ints(-1), axis=1)
    net.output(net.op("Softmax", decoder.linear(x, vocabulary), axis=-1))
