#!/usr/bin/env python3
"""Measures the rounding of fast inner products of matrices against double
precision, row by row: on data of unit scale, with a mean, with columns or rows of
other scales, the relative error is at most four times that of the direct form.

    product_accuracy.py FOLDER [--cxx=COMPILER] [--include=FOLDER]
"""

import math
import os
import random
import sys

import conv_accuracy
import differential

ROWS, DEPTH, COLUMNS = 29, 192, 96
KINDS = {"unit": lambda v, row, k: v,
         "positive": lambda v, row, k: max(v, 0.0),
         "mean": lambda v, row, k: v + 3,
         "columns": lambda v, row, k: v * 300 if k % 37 == 0 else v,
         "rows": lambda v, row, k: v * 10.0**(row - 14),
         "tiny": lambda v, row, k: v * 1e-30 if row % 2 else v}


def write_source(path, w):
    x, y = "tensor<%dx%dxf32>" % (ROWS, DEPTH), "tensor<%dx%dxf32>" % (ROWS, COLUMNS)
    kernel = "tensor<%dx%dxf32>" % (DEPTH, COLUMNS)
    with open(path, "w") as file:
        file.write('func.func @products(%%x: %s {onnx.name = "x"}) -> '
                   '(%s {onnx.name = "y"}) {\n' % (x, y))
        file.write('%%w = cameo.constant dense<"0x%s"> : %s\n' % (w.tobytes().hex(), kernel))
        file.write("%%y = cameo.matmul %%x, %%w : (%s, %s) -> %s\n" % (x, kernel, y))
        file.write("return %%y : %s\n}\n" % y)


def is_fast(source, folder):
    """Whether the product would be a fast one on cores that gain from it."""
    fused = os.path.join(folder, "fused.mlir")
    differential.run(["cameoc", source, "--quiet", "--emit=fused", "--cpu=znver5",
                      "-o", fused, *conv_accuracy.FASTER])
    with open(fused) as file:
        return "cameo.fast_matmul" in file.read()


def row_error(found, wanted):
    """Root mean square of the relative errors of rows."""
    errors = [conv_accuracy.relative_error(found[start:start + COLUMNS],
                                           wanted[start:start + COLUMNS])
              for start in range(0, ROWS * COLUMNS, COLUMNS)]
    return math.sqrt(math.fsum(error * error for error in errors) / ROWS)


def main():
    options = differential.make_parser().parse_args()
    os.makedirs(options.folder, exist_ok=True)
    rng = random.Random(7)
    w = conv_accuracy.to_floats(rng.gauss(0, 1 / math.sqrt(DEPTH))
                                for _ in range(DEPTH * COLUMNS))
    source = os.path.join(options.folder, "products.mlir")
    write_source(source, w)
    failures = 0 if is_fast(source, options.folder) else 1
    variants = [("direct", conv_accuracy.DIRECT), ("faster", conv_accuracy.FASTER),
                ("cpp", [*conv_accuracy.FASTER, "--emit=cpp"])]
    libraries = [differential.build(options, source, variant, flags, options.folder)
                 for variant, flags in variants]
    columns = [w[c::COLUMNS] for c in range(COLUMNS)]
    for kind, change in KINDS.items():
        x = conv_accuracy.to_floats(change(rng.gauss(0, 1), i // DEPTH, i % DEPTH)
                                    for i in range(ROWS * DEPTH))
        wanted = [math.fsum(a * b for a, b in zip(x[start:start + DEPTH], column))
                  for start in range(0, ROWS * DEPTH, DEPTH) for column in columns]
        data = os.path.join(options.folder, "x.npy")
        differential.write_npy(data, x, (ROWS, DEPTH))
        errors = []
        for library in libraries:
            output = os.path.join(options.folder, "out")
            differential.run(["cameo-run", library, "--input", "x=" + data,
                              "--output", output])
            errors.append(row_error(
                differential.read_npy(os.path.join(output, "0.npy")), wanted))
        print("%s: %s" % (kind, ", ".join("%.1e" % error for error in errors)))
        failures += sum(error > conv_accuracy.MOST * errors[0] for error in errors[1:])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
