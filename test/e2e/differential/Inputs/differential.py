#!/usr/bin/env python3
"""Compiles each graph of graphs.py in several ways and compares the results with
those of the reference, -O0. Prints one line a graph; exits 1 on a difference.

    differential.py FOLDER [--only=GRAPH] [--variant=NAME] [--baseline=CPU]
                    [--cxx=COMPILER] [--include=FOLDER]
                    [--cross=COMPILER --cross-run=COMMAND]

With a C++ compiler for AArch64 and a command that is cameo-run there, what is
compared is what NEON computes.
"""

import argparse
import array
import os
import platform
import struct
import subprocess
import sys

import graphs

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                             "..", "..", "..", "Inputs"))
from compare import difference, read_npy  # noqa: E402

# How each variant is compiled and run; "cpp" goes through a C++ compiler.
VARIANTS = [("O3", ["-O3"], []),
            ("O3-baseline", ["-O3", "--cpu=BASELINE"], []),
            ("O3-threads", ["-O3", "--threads=4"], ["--threads=3"]),
            ("O2-unfused", ["-O2", "--fuse=0"], []),
            ("cpp", ["-O3", "--emit=cpp"], [])]
AARCH64 = "--target=aarch64-linux-gnu"
CROSS_VARIANTS = [("neon", ["-O3", AARCH64], []),
                  ("neon-threads", ["-O3", AARCH64, "--threads=4"], ["--threads=3"]),
                  ("neon-cpp", ["-O3", AARCH64, "--emit=cpp"], [])]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError("%s\nexit %d\n%s%s" % (
            " ".join(command), done.returncode, done.stdout, done.stderr[:2000]))
    return done


def build(options, source, name, flags, folder):
    """Compiles `source` to a shared library; its path."""
    library = os.path.join(folder, name + ".so")
    command = ["cameoc", source, "--quiet", *flags]
    is_cross = AARCH64 in flags
    if "--emit=cpp" not in flags and not is_cross:
        run([*command, "-o", library])
        return library
    compiler = [options.cross] if is_cross else [options.cxx, "-march=native"]
    code = os.path.join(folder, name + (".cpp" if "--emit=cpp" in flags else ".o"))
    run([*command, "-o", code])
    run([*compiler, "-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror",
         "-I" + options.include, "-shared", "-fPIC", code, "-o", library])
    return library


def write_npy(path, values, shape):
    """An array of 32-bit floats."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    header = header.ljust(117) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode() + array.array("f", values).tobytes())


def write_graph(options, graph):
    """The folder of a graph and the file in it that holds the graph."""
    folder = os.path.join(options.folder, graph.name)
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(folder, graph.name + ".mlir")
    with open(source, "w") as file:
        file.write(graph.text())
    return folder, source


def make_parser():
    """Options that all scripts take which build libraries."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--include", default="runtime-stub/include")
    parser.add_argument("--cross", default="")
    parser.add_argument("--cross-run", default="")
    return parser


def results(options, graph, source, variant, folder):
    name, flags, run_flags = variant
    flags = [flag.replace("BASELINE", options.baseline) for flag in flags]
    flags += graph.flags
    library = build(options, source, name, flags, folder)
    output = os.path.join(folder, name)
    runner = options.cross_run.split() if AARCH64 in flags else ["cameo-run"]
    run([*runner, library, "--random-inputs=7", "--output", output, *run_flags])
    return [read_npy(os.path.join(output, "%d.npy" % i))
            for i in range(len(graph.outputs))]


def test(options, graph):
    """Compiles and compares one graph; the number of failures."""
    folder, source = write_graph(options, graph)
    failures = 0
    reference = results(options, graph, source, ("O0", ["-O0"], []), folder)
    for variant in CROSS_VARIANTS if options.cross else VARIANTS:
        if options.variant and variant[0] != options.variant:
            continue
        try:
            found = results(options, graph, source, variant, folder)
        except RuntimeError as error:
            print("%s, %s: %s" % (graph.name, variant[0], error))
            failures += 1
            continue
        for (case, _), expected, actual in zip(graph.outputs, reference, found):
            text = difference(expected, actual, graph.tolerance)
            if text:
                print("%s, %s: '%s': %s" % (graph.name, variant[0], case, text))
                failures += 1
    print("%s: %d outputs, %d failures" % (graph.name, len(graph.outputs), failures))
    return failures


def main():
    parser = make_parser()
    parser.add_argument("--only")
    parser.add_argument("--variant")
    baseline = "x86-64" if platform.machine() == "x86_64" else "generic"
    parser.add_argument("--baseline", default=baseline)
    options = parser.parse_args()
    failures = 0
    for graph in graphs.all_graphs():
        if not options.only or graph.name == options.only:
            try:
                failures += test(options, graph)
            except RuntimeError as error:
                print("%s: %s" % (graph.name, error))
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
