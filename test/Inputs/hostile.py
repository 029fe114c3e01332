#!/usr/bin/env python3
"""Writes ONNX models, most of them broken on purpose: protobuf by hand.

    hostile.py KIND FILE      (KIND: a function below without `model_`)
"""

import struct
import sys


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7f:
        out, value = out + bytes([value & 0x7f | 0x80]), value >> 7
    return out + bytes([value])


def field(number, value):
    """An integer, or the bytes or text of a message, a string or packed values."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(number, values):
    return b"".join(field(number, v) for v in values)


def tensor(name, dims, raw=b"", extra=b""):
    return fields(1, dims) + field(2, 1) + field(8, name) + (
        field(9, raw) if raw else b"") + extra


def value_info(name, dims):
    """Extents: integers, or names of dimensions."""
    shape = b"".join(field(1, field(1, d) if isinstance(d, int) else field(2, d))
                     for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def node(op, inputs, outputs, name="", attributes=b"", domain=""):
    return fields(1, inputs) + fields(2, outputs) + field(3, name) + field(4, op) + \
        attributes + (field(7, domain) if domain else b"")


def model(nodes, inputs, outputs, tensors=(), opset=17):
    graph = fields(1, nodes) + field(2, "graph") + fields(5, tensors) + \
        fields(11, inputs) + fields(12, outputs)
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, opset))


X, Y = value_info("x", [2, 3]), value_info("y", [2, 3])


def model_relu():
    return model([node("Relu", ["x"], ["y"], "r")], [X], [Y])


def model_named():
    """A model whose batch has a name and whose names need care."""
    name = "x\"\\ \u00e9\n*/ #define y \u2603"
    return model([node("Relu", [name], ["a.b/c:0"], "node\n*/ \\"),
                  node("Sigmoid", ["a.b/c:0"], ["int"], "\u4e16\u754c")],
                 [value_info(name, ["N", 3])], [value_info("int", ["N", 3])])


def model_not_utf8():
    return model([node("Relu", ["\udcff\udcfe"], ["y"], "\udcc3(")],
                 [value_info("\udcff\udcfe", [2, 3])], [Y])


def model_weights():
    raw = struct.pack("<15f", *(0.25 * i - 1 for i in range(15)))
    return model([node("MatMul", ["x", "w"], ["p"], "product"),
                  node("Tanh", ["p"], ["y"], "squash")],
                 [X], [value_info("y", [2, 5])], [tensor("w", [3, 5], raw)])


def model_unknown_operator():
    return model([node("Frobnicate", ["x"], ["t"], "first"),
                  node("Relu", ["t"], ["u"], "fine"),
                  node("Levitate", ["u"], ["y"], "second", domain="com.example")],
                 [X], [Y])


def model_external(location):
    entries = fields(13, [field(1, "location") + field(2, location),
                          field(1, "offset") + field(2, "0"),
                          field(1, "length") + field(2, "24")])
    weights = tensor("w", [2, 3], extra=entries + field(14, 1))
    return model([node("Add", ["x", "w"], ["y"], "sum")], [X], [Y], [weights])


def model_external_absolute():
    return model_external("/etc/passwd")


def model_external_parent():
    return model_external("../../../../../../../../etc/passwd")


def model_external_missing():
    return model_external("weights.bin")


def model_cyclic():
    return model([node("Add", ["x", "b"], ["a"], "one"),
                  node("Relu", ["a"], ["b"], "two"),
                  node("Abs", ["b"], ["y"], "three")], [X], [Y])


def model_undefined():
    return model([node("Relu", ["nowhere"], ["y"], "r")], [X], [Y])


def model_defined_twice():
    return model([node("Relu", ["x"], ["y"], "r"), node("Abs", ["x"], ["y"], "s")],
                 [X], [Y])


def model_huge_tensor():
    return model([node("Add", ["x", "w"], ["y"], "sum")], [X], [Y],
                 [tensor("w", [1 << 62], b"\0" * 8)])


def model_huge_input():
    return model([node("Relu", ["x"], ["y"], "r")], [value_info("x", [1 << 31, 1 << 31])],
                 [value_info("y", [1 << 31, 1 << 31])])


def model_many_huge():
    """Values that fit each, but not together."""
    values, extents = ["v%d" % i for i in range(200)], [1 << 38]
    nodes = [node("Relu", ["x"], [value], value) for value in values]
    return model([*nodes, node("Sum", values, ["y"], "sum")],
                 [value_info("x", extents)], [value_info("y", extents)])


def model_negative_extent():
    return model([node("Relu", ["x"], ["y"], "r")], [value_info("x", [-5, 3])], [Y])


def model_short_tensor():
    return model([node("Add", ["x", "w"], ["y"], "sum")], [X], [Y],
                 [tensor("w", [2, 3], b"\0" * 20)])


def model_no_output():
    return model([node("Relu", ["x"], ["y"], "r")], [X], [])


def model_empty():
    return b""


def model_truncated():
    return model_weights()[:-20]


def model_garbage():
    return bytes(range(256)) * 4


def main():
    _, kind, path = sys.argv
    with open(path, "wb") as file:
        file.write(globals()["model_" + kind]())


if __name__ == "__main__":
    main()
