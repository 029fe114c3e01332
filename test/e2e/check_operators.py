#!/usr/bin/env python3
"""Checks that docs/operators.md is true: that every operator has a test, and that
each compiles for all element types that the table says it takes, and says so in
the table's words where it does not.

usage: check_operators.py WORK --cameoc=PROGRAM --expected=LIST TESTS...

TESTS are folders of ONNX backend tests of one node, from which models of other
types are made. LIST names those of the first folder that pass.
"""

import argparse
import concurrent.futures
import itertools
import pathlib
import re
import subprocess
import sys

import onnx
from onnx import numpy_helper

ELEMENT_TYPES = {
    "f32": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7,
    "bool": 9, "f16": 10, "f64": 11, "uint32": 12, "uint64": 13, "bf16": 16,
    "f8e4m3fn": 17, "f8e4m3fnuz": 18, "f8e5m2": 19, "f8e5m2fnuz": 20, "uint4": 21,
    "int4": 22, "f4e2m1fn": 23, "f8e8m0fnu": 24, "uint2": 25, "int2": 26}
NUMPY_TYPES = {1: "f4", 2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "?",
               10: "f2", 11: "f8", 12: "u4", 13: "u8"}
# Attributes of a model go with one type only.
DEPENDS_ON_ATTRIBUTE = {"BitCast", "ai.onnx.ml:LabelEncoder"}
# What ONNX allows and the table does not, but for strings.
INTS = {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
MISSING = {"Erf": INTS, "GridSample": INTS | {"bool"}, "Resize": {"bool"},
           "Upsample": {"bool"}}


class Input:
    """An input of a signature: its types as written and as a set."""

    def __init__(self, text, groups):
        self.is_known = text.startswith("known ")
        self.text = text.removeprefix("known ").removesuffix("...").removesuffix("?")
        self.is_variadic = text.endswith("...")
        self.types = set()
        for word in self.text.split("|"):
            self.types |= groups.get(word, {word} & set(ELEMENT_TYPES))


def read_table(cameoc):
    """Inputs by operator."""
    page = subprocess.run([cameoc, "--list-operators=markdown"], check=True, text=True,
                          capture_output=True).stdout.replace("\\|", "\0")
    groups, table = {}, {}
    for line in page.splitlines():
        cells = [cell.strip().replace("\0", "|") for cell in line.split("|")[1:-1]]
        if len(cells) == 2 and cells[0] not in ("types", "---"):
            groups[cells[0]] = set().union(
                *(groups.get(word, {word}) for word in cells[1].split("|")))
        elif len(cells) == 5 and cells[0].startswith("["):
            name = re.match(r"\[(.*?)\]", cells[0])[1]
            table[name] = [Input(text, groups) for text in cells[2].split(", ") if text]
    return table


def find(inputs, position):
    if position < len(inputs):
        return inputs[position]
    return inputs[-1] if inputs and inputs[-1].is_variadic else None


def get_key(node):
    return node.op_type if node.domain in ("", "ai.onnx") else node.domain + ":" + node.op_type


def get_nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from get_nodes(attribute.g)


def read_tests(folders, passing):
    """Folders by operator: of models of one node on tensors, and of others."""
    single, others = {}, {}
    for position, folder in enumerate(folders):
        for test in sorted(folder.glob("test_*")):
            if position == 0 and test.name not in passing:
                continue
            model = onnx.load(str(test / "model.onnx"))
            nodes = list(get_nodes(model.graph))
            for function in model.functions:
                nodes += function.node
            is_single = len(nodes) == 1 and model.graph.input and all(
                value.type.HasField("tensor_type") for value in model.graph.input)
            for node in nodes:
                (single if is_single else others).setdefault(get_key(node), []).append(test)
    return single, others


def choose(tests):
    """Tests of one operator that differ in inputs or attributes, at most two: with
    the fewest attributes, which may forbid types."""
    chosen = {}
    for test in tests:
        model = onnx.load(str(test / "model.onnx"))
        node = model.graph.node[0]
        kind = (len(node.attribute), len(node.input),
                tuple(sorted(a.name for a in node.attribute)))
        chosen.setdefault(kind, (test, model))
    return [chosen[kind] for kind in sorted(chosen)[:2]]


def make_model(test, model, inputs, group, kind):
    """The model with the inputs whose types are written `group` of another type,
    as their results are, and known inputs as constants; None if that cannot be."""
    result = onnx.ModelProto.FromString(model.SerializeToString())
    graph, node = result.graph, result.graph.node[0]
    before = {value.name: value.type.tensor_type for value in graph.input}
    kept, old = [], None
    for position, value in enumerate(list(graph.input)):
        given = find(inputs, list(node.input).index(value.name))
        element = before[value.name].elem_type
        if given.text == group and old in (None, element) and element != 8:
            old, element = element, kind
        value.type.tensor_type.elem_type = element
        if not given.is_known:
            kept.append(value)
            continue
        if element not in NUMPY_TYPES:
            return None
        tensor = onnx.TensorProto.FromString(
            (test / "test_data_set_0" / ("input_%d.pb" % position)).read_bytes())
        graph.initializer.append(numpy_helper.from_array(
            numpy_helper.to_array(tensor).astype(NUMPY_TYPES[element]), value.name))
    del graph.input[:]
    graph.input.extend(kept)
    for tensor in graph.initializer:
        given = find(inputs, list(node.input).index(tensor.name))
        if given.text == group and tensor.data_type != kind and not given.is_known:
            return None
    for value in graph.output:
        if value.type.tensor_type.elem_type == old:
            value.type.tensor_type.elem_type = kind
    return result if old is not None else None


class Checker:
    def __init__(self, work, cameoc):
        self.work, self.cameoc, self.count = work, cameoc, itertools.count()

    def compile(self, model):
        """What the compiler says against a model."""
        path = self.work / ("%d.onnx" % next(self.count))
        path.write_bytes(model.SerializeToString())
        done = subprocess.run(
            [self.cameoc, str(path), "--emit=loops", "-o", str(path) + ".mlir", "--quiet"],
            capture_output=True, text=True, check=False)
        path.unlink()
        pathlib.Path(str(path) + ".mlir").unlink(missing_ok=True)
        if done.returncode in (0, 1):
            return done.stderr.strip().split("\n")[0] if done.returncode else ""
        return "cameoc crashed: " + done.stderr.strip()[-200:]

    def check(self, op, inputs, tests):
        """Problems of an operator, and the number of types that are right."""
        problems, right = [], 0
        for group in dict.fromkeys(given.text for given in inputs):
            types = next(given.types for given in inputs if given.text == group)
            if op in DEPENDS_ON_ATTRIBUTE or not types:
                continue
            for name, kind in ELEMENT_TYPES.items():
                models = [m for m in (make_model(*test, inputs, group, kind)
                                      for test in choose(tests)) if m]
                if not models or (name not in types and name not in ("bool", "f32", "int16")):
                    continue
                said = [self.compile(model) for model in models]
                if name in types and "" not in said:
                    problems.append("%s does not take %s as %s: %s" % (op, name, group, said[0][:200]))
                elif name not in types and not all(
                        " is %s and not " % name in text for text in said):
                    problems.append("%s takes %s as %s" % (op, name, group))
                else:
                    right += 1
        return problems, right


def check_against_onnx(table):
    """What ONNX, as far as this Python knows it, allows and the table does not."""
    names = {"float": "f32", "double": "f64", "float16": "f16", "bfloat16": "bf16"}
    for schema in onnx.defs.get_all_schemas():
        op = schema.domain + ":" + schema.name if schema.domain else schema.name
        if op not in table or schema.deprecated and op != "Upsample":
            continue
        constraints = {c.type_param_str: c.allowed_type_strs for c in schema.type_constraints}
        for position, formal in enumerate(schema.inputs):
            given = find(table[op], position)
            if not given:
                yield "%s has no input %s" % (op, formal.name)
                continue
            allowed = {names.get(name, name) for text in constraints.get(
                formal.typeStr, [formal.typeStr]) for name in re.findall(r"^tensor\((.*)\)", text)}
            missing = (allowed & set(ELEMENT_TYPES)) - given.types - MISSING.get(op, set())
            if missing:
                yield "%s lacks %s as %s" % (op, ", ".join(sorted(missing)), formal.name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--cameoc", required=True)
    parser.add_argument("--expected", type=pathlib.Path, required=True)
    parser.add_argument("tests", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    table = read_table(arguments.cameoc)
    passing = set(arguments.expected.read_text().split())
    single, others = read_tests(arguments.tests, passing)
    problems = ["%s has no test" % op for op in table if op not in single and op not in others]
    problems += check_against_onnx(table)
    checker, total = Checker(arguments.work, arguments.cameoc), 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for found, right in pool.map(
                lambda op: checker.check(op, table[op], single.get(op, [])), table):
            problems += found
            total += right
    print("\n".join(problems))
    print("%d operators, %d types, %d problems" % (len(table), total, len(problems)))
    sys.exit(1 if problems or total < 1000 else 0)


main()
