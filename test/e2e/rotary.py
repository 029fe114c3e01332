#!/usr/bin/env python3
"""Writes rotary embeddings in the forms that exporters spell out as models:
OUT/test_NAME, one per form, with an output for every size of rows, number of heads
and length; the expected values are NumPy's.

usage: rotary.py OUT
"""

import numpy as np
from onnx import helper

from nodes import save

LIMIT = 2**63 - 1  # An end that slices to the last element.
SIZES = [(rotated, heads, length)
         for rotated in (2, 6, 64) for heads in (1, 3) for length in (1, 7)]


class Form:
    """A model under construction."""

    def __init__(self):
        self.nodes, self.inputs, self.outputs, self.constants = [], [], [], []
        self.random = np.random.default_rng(1)

    def op(self, kind, *operands, count=1, **attributes):
        first = len(self.nodes)
        results = ["v%d_%d" % (first, i) for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(operands), results,
                                           name="%s_%d" % (kind, first), **attributes))
        return results if count > 1 else results[0]

    def input(self, value):
        self.inputs.append(("x%d" % len(self.inputs), value))
        return self.inputs[-1][0]

    def const(self, value):
        self.constants.append(("c%d" % len(self.constants), np.asarray(value)))
        return self.constants[-1][0]

    def ints(self, *values):
        return self.const(np.array(values, dtype="i8"))

    def part(self, x, start, end, step=1):
        """Elements of rows."""
        return self.op("Slice", x, self.ints(start), self.ints(end), self.ints(-1),
                       self.ints(step))

    def output(self, wire, value):
        self.nodes.append(helper.make_node("Identity", [wire], ["y%d" % len(self.outputs)]))
        self.outputs.append(("y%d" % len(self.outputs), value.astype("f4")))

    def gathered(self, angles):
        """Tables with a row per position, of which the ids choose."""
        ids = self.random.permutation(len(angles))
        rows = self.input(ids[None])
        return [self.op("Unsqueeze", self.op("Gather", self.const(
            f(angles[np.argsort(ids)]).astype("f4")), rows, axis=0), self.ints(1))
            for f in (np.cos, np.sin)]

    def computed(self, angles):
        """Products of positions and frequencies."""
        positions = self.input(1 + np.arange(len(angles), dtype="f4").reshape(1, -1, 1))
        frequencies = self.const(angles[:1].astype("f4"))
        product = self.op("MatMul", positions, frequencies)
        return [self.op("Unsqueeze", self.op(kind, product), self.ints(1))
                for kind in ("Cos", "Sin")]


def halves(form, x, cos, sin, shape):
    """Llama and what Hugging Face has after it: rotate_half."""
    first, second = form.part(x, 0, shape[-1] // 2), form.part(x, shape[-1] // 2, LIMIT)
    turned = form.op("Concat", form.op("Neg", second), first, axis=3)
    return form.op("Add", form.op("Mul", x, cos), form.op("Mul", turned, sin))


def split_halves(form, x, cos, sin, shape):
    half = form.ints(shape[-1] // 2, shape[-1] // 2)
    first, second = form.op("Split", x, half, count=2, axis=-1)
    turned = form.op("Concat", form.op("Neg", second), first, axis=-1)
    return form.op("Add", form.op("Mul", turned, sin), form.op("Mul", cos, x))


def rotated_halves(form, x, cos, sin, shape):
    """Element by element, with an angle per pair."""
    half = shape[-1] // 2
    cos, sin = form.part(cos, 0, half), form.part(sin, 0, half)
    a, b = form.part(x, 0, half), form.part(x, half, LIMIT)
    first = form.op("Sub", form.op("Mul", a, cos), form.op("Mul", b, sin))
    second = form.op("Add", form.op("Mul", b, cos), form.op("Mul", a, sin))
    return form.op("Concat", first, second, axis=-1)


def pairs(form, x, cos, sin, shape):
    """GPT-J: rotate_every_two."""
    even, odd = form.part(x, 0, LIMIT, 2), form.part(x, 1, LIMIT, 2)
    last = form.ints(-1)
    stack = form.op("Concat", form.op("Unsqueeze", form.op("Neg", odd), last),
                    form.op("Unsqueeze", even, last), axis=-1)
    turned = form.op("Reshape", stack, form.ints(*shape))
    return form.op("Add", form.op("Mul", x, cos), form.op("Mul", turned, sin))


def complex_pairs(form, x, cos, sin, shape):
    """The first Llama: rows as complex numbers."""
    numbers = form.op("Reshape", x, form.ints(*shape[:-1], shape[-1] // 2, 2))
    a, b = (form.op("Gather", numbers, form.const(np.array(i)), axis=-1) for i in (0, 1))
    cos, sin = form.part(cos, 0, LIMIT, 2), form.part(sin, 0, LIMIT, 2)
    real = form.op("Sub", form.op("Mul", a, cos), form.op("Mul", b, sin))
    imaginary = form.op("Add", form.op("Mul", a, sin), form.op("Mul", b, cos))
    last = form.ints(-1)
    stack = form.op("Concat", form.op("Unsqueeze", real, last),
                    form.op("Unsqueeze", imaginary, last), axis=-1)
    return form.op("Reshape", stack, form.ints(*shape))


def expected(x, angles, interleaved):
    first, second = ((x[..., ::2], x[..., 1::2]) if interleaved
                     else np.split(x, 2, axis=-1))
    half = angles.shape[-1] // 2
    cos, sin = np.cos(angles[:, :half]), np.sin(angles[:, :half])
    parts = [first * cos - second * sin, second * cos + first * sin]
    return (np.stack(parts, axis=-1).reshape(x.shape) if interleaved
            else np.concatenate(parts, axis=-1))


def write(rotate, interleaved, tables, rest=0, transposed=False):
    form = Form()
    for rotated, heads, length in SIZES:
        angles = np.outer(1 + np.arange(length), 1 / (1 + np.arange(rotated // 2)))
        tiled = np.tile(angles, 2)
        stored = np.repeat(angles, 2, axis=-1) if interleaved else tiled
        cos, sin = getattr(form, tables)(stored)
        x = form.random.uniform(-1, 1, (1, heads, length, rotated + rest)).astype("f4")
        y = np.concatenate([expected(x[..., :rotated], tiled, interleaved),
                            x[..., rotated:]], axis=-1)
        if transposed:
            wire = form.op("Transpose", form.input(x.transpose(0, 2, 1, 3).copy()),
                           perm=[0, 2, 1, 3])
        else:
            wire = form.input(x)
        shape = (1, heads, length, rotated)
        if rest:
            front, back = form.part(wire, 0, rotated), form.part(wire, rotated, LIMIT)
            result = form.op("Concat", rotate(form, front, cos, sin, shape), back, axis=-1)
        else:
            result = rotate(form, wire, cos, sin, shape)
        if heads > 1:  # As scores are scaled, one factor on each side.
            result, y = form.op("Mul", result, form.const(np.float32(0.5))), y * 0.5
        form.output(result, y)
    name = "_".join(["rotary", rotate.__name__, tables] + ["part"] * bool(rest) +
                    ["transposed"] * transposed)
    save(name, form.nodes, {"": 17}, form.inputs, form.outputs, form.constants, None)


write(halves, False, "gathered")
write(halves, False, "computed", rest=5)
write(halves, False, "computed", transposed=True)
write(split_halves, False, "gathered", transposed=True)
write(rotated_halves, False, "gathered")
write(rotated_halves, False, "computed", rest=2)
write(pairs, True, "gathered")
write(pairs, True, "computed", rest=5)
write(pairs, True, "gathered", transposed=True)
write(complex_pairs, True, "gathered")
write(complex_pairs, True, "computed", rest=2)
