#!/usr/bin/env python3
"""Compiles each model of models.py once with bounds and runs it at several sizes;
what a compilation for that size alone at -O0 computes is the reference. Prints one
line a model; exits 1 on a difference.

    bounded.py FOLDER --bin=FOLDER [--only=MODEL] [--variant=NAME] --cxx=COMPILER
               --include=FOLDER
"""

import argparse
import os
import subprocess
import sys

import numpy as np
import onnx

import models

# How a model is compiled; "cpp" goes through a C++ compiler.
VARIANTS = [("O3", ["-O3"]), ("O0", ["-O0"]), ("threads", ["-O3", "--threads=2"]),
            ("cpp", ["-O3", "--emit=cpp"])]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("%s\nexit %d\n%s%s" % (
            " ".join(command), done.returncode, done.stdout, done.stderr[:2000]))


def build(options, source, library, flags):
    if "--emit=cpp" not in flags:
        run([os.path.join(options.bin, "cameoc"), source, "--quiet", "-o", library, *flags])
        return
    code = library[:-3] + ".cpp"
    run([os.path.join(options.bin, "cameoc"), source, "--quiet", "-o", code, *flags])
    run([options.cxx, "-std=c++17", "-O1", "-march=native", "-Wall", "-Wextra",
         "-Werror", "-I" + options.include, "-shared", "-fPIC", code, "-o", library])


def results(options, library, inputs, folder, count):
    """The outputs of a run, by position."""
    os.makedirs(folder, exist_ok=True)
    command = [os.path.join(options.bin, "cameo-run"), library, "--output", folder]
    for name, array in inputs.items():
        path = os.path.join(folder, "in_%s.npy" % name)
        np.save(path, array)
        command.append("--input=%s=%s" % (name, path))
    run(command)
    return [np.load(os.path.join(folder, "%d.npy" % i)) for i in range(count)]


def difference(expected, actual):
    if expected.shape != actual.shape:
        return "shape %s instead of %s" % (actual.shape, expected.shape)
    close = np.isclose(actual, expected, rtol=1e-4, atol=1e-5, equal_nan=True)
    if close.all():
        return ""
    return "%d of %d elements differ" % ((~close).sum(), close.size)


def reference(options, source, net, inputs, folder):
    if net.reference:
        return net.reference(inputs)
    shapes = ["--shape=%s=%s" % (name, "x".join(map(str, array.shape)))
              for name, array in inputs.items()]
    library = os.path.join(folder, "fixed.so")
    build(options, source, library, [*shapes, "-O0"])
    return results(options, library, inputs, folder, len(net.outputs))


def test(options, name):
    """Compiles and compares one model; the number of failures."""
    flags, sizes, _ = models.CASES[name]
    net = models.build(name)
    folder = os.path.join(options.folder, name)
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(folder, name + ".onnx")
    onnx.save(net.model(), source)
    libraries = {}
    for variant, options_of in VARIANTS:
        if options.variant and variant != options.variant:
            continue
        libraries[variant] = os.path.join(folder, variant + ".so")
        build(options, source, libraries[variant], [*flags, *options_of])
    failures = 0
    for i, extents in enumerate(sizes):
        random = np.random.default_rng(i)
        inputs = {key: make(extents, random) for key, make in net.make.items()}
        there = os.path.join(folder, str(i))
        os.makedirs(there, exist_ok=True)
        expected = reference(options, source, net, inputs, there)
        for variant, library in libraries.items():
            found = results(options, library, inputs, os.path.join(there, variant),
                            len(net.outputs))
            for k, (want, have) in enumerate(zip(expected, found)):
                text = difference(want, have)
                if text:
                    print("%s, %s, %s: output %d: %s" % (
                        name, variant, extents, k, text))
                    failures += 1
    print("%s: %d sizes, %d failures" % (name, len(sizes), failures))
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only")
    parser.add_argument("--variant")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--include", default="runtime-stub/include")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    failures = 0
    for name in models.CASES:
        if options.only and name != options.only:
            continue
        try:
            failures += test(options, name)
        except RuntimeError as error:
            print("%s: %s" % (name, error))
            failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
