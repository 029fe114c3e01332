#!/usr/bin/env python3
"""Measures what it costs to store weights of products in fewer bits: the error
against double precision, as root mean squares, stays below what docs/architecture.md
states.

    weights_accuracy.py FOLDER [--cxx=COMPILER] [--include=FOLDER]
"""

import math
import os
import random
import sys

import conv_accuracy
import differential

ROWS, DEPTH, COLUMNS = 3, 256, 96
# The largest relative error per type.
MOST = {"f32": 1e-6, "f24": 1e-6, "f16": 3e-4, "bf16": 2.5e-3, "int8": 1.2e-2}

NARROW = ("f16", "bf16", "int8")


def write_source(path, w):
    with open(path, "w") as file:
        file.write("""func.func @weights(%%x: tensor<%dx%dxf32> {onnx.name = "x"}) ->
    (tensor<%dx%dxf32> {onnx.name = "y"}) {
  %%w = cameo.constant dense<"0x%s"> : tensor<%dx%dxf32>
  %%y = cameo.matmul %%x, %%w : (tensor<%dx%dxf32>, tensor<%dx%dxf32>) -> tensor<%dx%dxf32>
  return %%y : tensor<%dx%dxf32>
}
""" % (ROWS, DEPTH, ROWS, COLUMNS, w.tobytes().hex(), DEPTH, COLUMNS, ROWS, DEPTH, DEPTH,
       COLUMNS, ROWS, COLUMNS, ROWS, COLUMNS))


def main():
    options = differential.make_parser().parse_args()
    os.makedirs(options.folder, exist_ok=True)
    rng = random.Random(5)
    # Columns of different scales, as in trained networks.
    w = conv_accuracy.to_floats(rng.gauss(0, 0.01 * (1 + i % COLUMNS))
                                for i in range(DEPTH * COLUMNS))
    x = conv_accuracy.to_floats(rng.gauss(0, 1) for _ in range(ROWS * DEPTH))
    wanted = [math.fsum(x[r * DEPTH + k] * w[k * COLUMNS + c] for k in range(DEPTH))
              for r in range(ROWS) for c in range(COLUMNS)]
    source = os.path.join(options.folder, "weights.mlir")
    write_source(source, w)
    data = os.path.join(options.folder, "x.npy")
    differential.write_npy(data, x, (ROWS, DEPTH))
    failures = 0
    for kind, most in MOST.items():
        for suffix, flags in (("", []), ("_cpp", ["--emit=cpp"])):
            library = differential.build(options, source, kind + suffix, [
                "-O3", "--weights-type=" + kind, *flags], options.folder)
            output = os.path.join(options.folder, "out")
            differential.run(["cameo-run", library, "--input", "x=" + data,
                              "--output", output])
            error = conv_accuracy.relative_error(
                differential.read_npy(os.path.join(output, "0.npy")), wanted)
            print("%s%s: %.1e" % (kind, suffix, error))
            # Fewer bits have to show, or else nothing was stored in fewer.
            failures += error > most or (kind in NARROW and error < most / 30)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
