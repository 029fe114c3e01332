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

ROWS, COLUMNS = 3, 96
# The largest relative error per type, of sums of 256 terms.
MOST = {"f32": 1e-6, "f24": 1e-6, "f16": 3e-4, "bf16": 2.5e-3, "int8": 1.2e-2}

NARROW = ("f16", "bf16", "int8")
# Terms of sums that round as much as numbers of 20 bits may, and how much more these
# may.
DEEP, MOST_TIMES = 4096, 4


def write_source(path, w, depth):
    with open(path, "w") as file:
        file.write("""func.func @weights(%%x: tensor<%dx%dxf32> {onnx.name = "x"}) ->
    (tensor<%dx%dxf32> {onnx.name = "y"}) {
  %%w = cameo.constant dense<"0x%s"> : tensor<%dx%dxf32>
  %%y = cameo.matmul %%x, %%w : (tensor<%dx%dxf32>, tensor<%dx%dxf32>) -> tensor<%dx%dxf32>
  return %%y : tensor<%dx%dxf32>
}
""" % (ROWS, depth, ROWS, COLUMNS, w.tobytes().hex(), depth, COLUMNS, ROWS, depth, depth,
       COLUMNS, ROWS, COLUMNS, ROWS, COLUMNS))


class Product:
    """A product of `depth` terms, and what it is in double precision. `scales` are
    magnitudes of the left side, which repeat."""

    def __init__(self, options, name, depth, scales=(1,)):
        rng = random.Random(5)
        # Columns of different scales, as in trained networks.
        w = conv_accuracy.to_floats(rng.gauss(0, 0.01 * (1 + i % COLUMNS))
                                    for i in range(depth * COLUMNS))
        x = conv_accuracy.to_floats(rng.gauss(0, scales[i % len(scales)])
                                    for i in range(ROWS * depth))
        self.wanted = [math.fsum(x[r * depth + k] * w[k * COLUMNS + c] for k in range(depth))
                       for r in range(ROWS) for c in range(COLUMNS)]
        self.options, self.name = options, name
        self.source = os.path.join(options.folder, name + ".mlir")
        write_source(self.source, w, depth)
        self.data = os.path.join(options.folder, name + ".npy")
        differential.write_npy(self.data, x, (ROWS, depth))

    def error(self, kind, suffix):
        flags = ["-O3", "--weights-type=" + kind] + (["--emit=cpp"] if suffix else [])
        library = differential.build(self.options, self.source, self.name + kind + suffix,
                                     flags, self.options.folder)
        output = os.path.join(self.options.folder, "out")
        differential.run(["cameo-run", library, "--input", "x=" + self.data,
                          "--output", output])
        error = conv_accuracy.relative_error(
            differential.read_npy(os.path.join(output, "0.npy")), self.wanted)
        print("%s %s%s: %.1e" % (self.name, kind, suffix, error))
        return error


def main():
    options = differential.make_parser().parse_args()
    os.makedirs(options.folder, exist_ok=True)
    failures = 0
    weights = Product(options, "weights", 256)
    # Fewer bits have to show, or else nothing was stored in fewer.
    for kind, most in MOST.items():
        for suffix in ("", "_cpp"):
            error = weights.error(kind, suffix)
            failures += error > most or (kind in NARROW and error < most / 30)
    for name, scales in (("deep", (1,)), ("tiny", (1e-4,)), ("large", (1e4,)),
                         ("outliers", (1e3,) + (1,) * 63)):
        deep = Product(options, name, DEEP, scales)
        for suffix in ("", "_cpp"):
            direct, packed = deep.error("f32", suffix), deep.error("q20", suffix)
            failures += not 1.2 * direct < packed < MOST_TIMES * direct
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
