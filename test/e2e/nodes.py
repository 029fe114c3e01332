"""Writes models of a node or a few, with data, as ONNX backend tests in the folder
that the program's first argument names: test_NAME with model.onnx and
test_data_set_0/*.pb."""

import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

names = set()


def array(values, kind="f4"):
    return np.array(values, dtype=kind)


def words(values):
    return np.array(values, dtype=object)


def info(name, value):
    tensor = numpy_helper.from_array(value)
    return helper.make_tensor_value_info(name, tensor.data_type, value.shape)


def save(name, nodes, opsets, inputs, outputs, constants, error):
    """`inputs` and `outputs` are pairs of name and value; `constants` are such
    inputs of nodes that become initialisers."""
    assert name not in names, name
    names.add(name)
    graph = helper.make_graph(
        nodes, name, [info(*pair) for pair in inputs], [info(*pair) for pair in outputs],
        [numpy_helper.from_array(value, wire) for wire, value in constants])
    model = helper.make_model(
        graph, ir_version=8, producer_name="cameo-test",
        opset_imports=[helper.make_opsetid(*opset) for opset in opsets.items()])
    folder = pathlib.Path(sys.argv[1], "test_" + name)
    data = folder / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "model.onnx"))
    for kind, pairs in (("input", inputs), ("output", [] if error else outputs)):
        for position, (wire, value) in enumerate(pairs):
            (data / ("%s_%d.pb" % (kind, position))).write_bytes(
                numpy_helper.from_array(value, wire).SerializeToString())
    if error:
        (data / "error.txt").write_text(error + "\n")


def case(name, op, inputs, outputs, constants=(), error=None, opset=17, domain="",
         domain_opset=4, **attributes):
    """A test of `op`. Inputs at the positions `constants` are initialisers;
    outputs with `error` only say what the model declares."""
    inputs = [None if i is None else np.asarray(i) for i in inputs]
    wires = ["" if v is None else "x%d" % i for i, v in enumerate(inputs)]
    results = ["y%d" % i for i in range(len(outputs))]
    node = helper.make_node(op, wires, results, name=name, domain=domain, **attributes)
    pairs = list(zip(wires, inputs))
    opsets = {"": opset, domain: domain_opset} if domain else {"": opset}
    save(name, [node], opsets,
         [pairs[i] for i, v in enumerate(inputs) if v is not None and i not in constants],
         list(zip(results, outputs)), [pairs[i] for i in constants], error)
