"""A graph for differential tests, and what its operations are written with.

A `Graph` collects operations as text; every case ends in an output of its own, so
that one compilation covers many cases and a difference names its case."""

import math
import random
import struct


class Value:
    def __init__(self, name, shape, element):
        self.name, self.shape, self.element = name, tuple(shape), element

    def type(self):
        return "tensor<%s>" % "x".join([*map(str, self.shape), self.element])


class Graph:
    def __init__(self, name, tolerance=1e-5, flags=()):
        self.name, self.tolerance, self.flags = name, tolerance, list(flags)
        self.inputs, self.lines, self.outputs = [], [], []
        self.count = 0

    def input(self, *shape, element="f32"):
        value = Value("%%x%d" % len(self.inputs), shape, element)
        self.inputs.append(value)
        return value

    def op(self, name, *operands, shape=None, element=None, attrs="", text=None):
        """`text` replaces the operand list of operators that have keywords."""
        first = operands[0]
        shape = first.shape if shape is None else shape
        result = Value("%%v%d" % self.count, shape, element or first.element)
        self.count += 1
        names = text or ", ".join(o.name for o in operands)
        types = ", ".join(o.type() for o in operands)
        self.lines.append("%s = cameo.%s %s%s : (%s) -> %s" % (
            result.name, name, names, " {%s}" % attrs if attrs else "", types,
            result.type()))
        return result

    def constant(self, *shape, scale=1.0):
        """Random values; the same ones in every run."""
        value = Value("%%v%d" % self.count, shape, "f32")
        generator = random.Random(self.count)
        self.count += 1
        data = struct.pack("<%df" % math.prod(shape), *(
            generator.uniform(-scale, scale) for _ in range(math.prod(shape))))
        self.lines.append('%s = cameo.constant dense<"0x%s"> : %s' % (
            value.name, data.hex(), value.type()))
        return value

    def region(self, shape, element, text):
        """An operation with regions, whose text is given."""
        result = Value("%%v%d" % self.count, shape, element)
        self.count += 1
        self.lines.append("%s = %s" % (result.name, text))
        return result

    def scalar(self, number):
        value = Value("%%v%d" % self.count, (), "f32")
        self.count += 1
        self.lines.append("%s = cameo.constant dense<%e> : tensor<f32>" % (
            value.name, number))
        return value

    def output(self, case, value):
        self.outputs.append((case, value))

    def text(self):
        arguments = ", ".join('%s: %s {onnx.name = "x%d"}' % (v.name, v.type(), i)
                              for i, v in enumerate(self.inputs))
        results = ", ".join('%s {onnx.name = "%s"}' % (v.type(), case)
                            for case, v in self.outputs)
        body = "\n  ".join(self.lines)
        return "func.func @%s(%s) -> (%s) {\n  %s\n  return %s : %s\n}\n" % (
            self.name, arguments, results, body,
            ", ".join(v.name for _, v in self.outputs),
            ", ".join(v.type() for _, v in self.outputs))


def ints(values):
    return "array<i64%s>" % (": " + ", ".join(map(str, values)) if values else "")


def broadcast(a, b):
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    return tuple(max(x, y) if min(x, y) else 0 for x, y in zip(a, b))


def window(extent, kernel, stride, dilation, low, high):
    return (extent + low + high - (kernel - 1) * dilation - 1) // stride + 1
