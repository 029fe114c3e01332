#!/usr/bin/env python3
"""Compiles models of one operator with bounds in place of every extent, and runs them
at their own: operators whose inputs may be of any extent give what is expected of
them, others are refused. The models are ONNX's tests of its operators. Prints a line
for each that is neither; exits 1 if there is one.

    operators.py TESTS --bin=FOLDER [--jobs=N] [--only=TEXT] [--list] [--least=N]

TESTS is a folder of folders test_*/ with model.onnx and test_data_set_0. Fewer right
forms than --least are a failure.
"""

import argparse
import collections
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import onnx

def run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                              timeout=120)
    except subprocess.TimeoutExpired:
        return -1, "it takes too long"
    return done.returncode, done.stdout + done.stderr


class Case:
    """A model, and the inputs of its data."""

    def __init__(self, folder):
        self.folder = folder
        self.name = os.path.basename(folder)[len("test_"):]
        model = onnx.load(os.path.join(folder, "model.onnx"))
        self.operators = sorted({node.op_type for node in model.graph.node})
        known = {tensor.name for tensor in model.graph.initializer}
        self.shapes, self.files, self.kinds = {}, {}, {}
        inputs = [i for i in model.graph.input if i.name not in known]
        for i, value in enumerate(inputs):
            path = os.path.join(folder, "test_data_set_0", "input_%d.pb" % i)
            if not value.type.HasField("tensor_type") or not os.path.exists(path):
                continue
            tensor = onnx.TensorProto()
            with open(path, "rb") as file:
                tensor.ParseFromString(file.read())
            self.shapes[value.name] = list(tensor.dims)
            self.kinds[value.name] = tensor.data_type
            self.files[value.name] = path
        self.isWhole = len(self.shapes) == len(inputs)

    def isSetting(self, name):
        """Whether an input is such as axes or a shape."""
        isFirst = next(iter(self.shapes)) == name
        return not isFirst and len(self.shapes[name]) < 2 and self.kinds[name] in (
            onnx.TensorProto.INT32, onnx.TensorProto.INT64)

    def dims(self):
        """What may be open: extents that are not broadcast."""
        return [(name, dim) for name, shape in self.shapes.items()
                if self.kinds[name] != onnx.TensorProto.STRING
                for dim, extent in enumerate(shape) if extent > 1]

    def groups(self, dims):
        """Every dimension, and those that may have to be the same."""
        groups = [[dim] for dim in dims]
        for extent in sorted({self.shapes[name][dim] for name, dim in dims}):
            same = [(name, dim) for name, dim in dims if self.shapes[name][dim] == extent]
            if 1 < len(same) < len(dims):
                groups.append(same)
        return groups


def bounds(case, opened, constants):
    flags = ["--constant=%s=%s" % (name, case.files[name]) for name in constants]
    for name, shape in case.shapes.items():
        if name in constants:
            continue
        extents = ["1..%d" % (extent + 3) if (name, dim) in opened else str(extent)
                   for dim, extent in enumerate(shape)]
        if extents:
            flags.append("--shape=%s=%s" % (name, "x".join(extents)))
    return flags


def attempt(options, case, opened, constants, folder):
    """What becomes of a form: "right", "refused" or what is wrong, and why."""
    code, text = run([options.cameoc, os.path.join(case.folder, "model.onnx"), "-o",
                      "model.so", "--quiet", "-O" + options.level,
                      *bounds(case, opened, constants)], folder)
    if code != 0:
        errors = [line for line in text.splitlines() if "error" in line]
        why = errors[0] if errors else text[:200]
        isRefused = code == 1 and errors
        return ("refused" if isRefused else "crashed: " + text[-300:]), why
    data = os.path.join(folder, "data")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(os.path.join(case.folder, "test_data_set_0"), data)
    kept = [name for name in case.shapes if name not in constants]
    if constants:
        for name in case.shapes:
            os.remove(os.path.join(data, os.path.basename(case.files[name])))
        for i, name in enumerate(kept):
            shutil.copy(case.files[name], os.path.join(data, "input_%d.pb" % i))
    code, text = run([options.run, "./model.so", "--test-data", "data"], folder)
    return ("right" if code == 0 else "wrong"), text[-400:]


def test(options, folder):
    """Results by what was opened."""
    case = Case(folder)
    if not case.isWhole or not case.dims():
        return case, {}
    results = {}
    with tempfile.TemporaryDirectory() as work:
        fixed, why = attempt(options, case, [], [], work)
        constants = []
        if fixed == "refused":
            constants = [name for name in case.shapes if case.isSetting(name)]
            fixed, why = attempt(options, case, [], constants, work)
        if fixed != "right":
            return case, {}
        dims = [dim for dim in case.dims() if dim[0] not in constants]
        if not dims:
            return case, {}
        results["all"] = attempt(options, case, dims, constants, work)
        if results["all"][0] == "refused" and len(dims) > 1:
            for group in case.groups(dims):
                name = ",".join("%s[%d]" % dim for dim in group)
                results[name] = attempt(options, case, group, constants, work)
    return case, results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tests")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="")
    parser.add_argument("--level", default="0")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--least", type=int, default=0)
    options = parser.parse_args()
    options.cameoc = os.path.abspath(os.path.join(options.bin, "cameoc"))
    options.run = os.path.abspath(os.path.join(options.bin, "cameo-run"))
    folders = sorted(f for f in glob.glob(os.path.join(options.tests, "test_*"))
                     if options.only in f and "_expanded" not in f)
    counts, failures = collections.Counter(), 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, results in pool.map(lambda f: test(options, f), folders):
            for opened, (result, why) in results.items():
                counts[result if result in ("right", "refused") else "wrong"] += 1
                if options.list or result not in ("right", "refused"):
                    print("%s %s %s %s: %s" % (
                        result, ",".join(case.operators), case.name, opened,
                        "" if result == "right" else why), flush=True)
                failures += result not in ("right", "refused")
    print(", ".join("%d %s" % (counts[k], k) for k in ("right", "refused", "wrong")))
    return 1 if failures or counts["right"] < options.least else 0


if __name__ == "__main__":
    sys.exit(main())
