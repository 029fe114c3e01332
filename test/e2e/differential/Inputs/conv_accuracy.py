#!/usr/bin/env python3
"""Measures the rounding of convolutions by minimal filtering and by fast inner
products against double precision, on data of unit scale and on badly scaled data:
their relative error is at most four times that of the direct form.

    conv_accuracy.py FOLDER [--cxx=COMPILER] [--include=FOLDER]
"""

import array
import math
import os
import random
import sys

import differential
import graph

# Name, channels, filters, extent of the image, of the filters, step.
CASES = [("tiles4", 32, 16, 14, 3, 1), ("tiles2", 128, 32, 6, 3, 1),
         ("step2_tiles4", 48, 48, 16, 3, 2),
         ("tiles4_pairs", 64, 96, 12, 3, 1), ("tiles2_pairs", 64, 96, 6, 3, 1),
         ("pairs", 64, 96, 6, 1, 1)]
KINDS = {"unit": lambda v, c: v, "positive": lambda v, c: max(v, 0.0),
         "small": lambda v, c: v * 1e-4, "large": lambda v, c: v * 1e4,
         "outlier": lambda v, c: v * 100 if c % 37 == 0 else v}
DIRECT = ["-O3", "--winograd=off", "--fast-products=off"]
FASTER = ["-O3", "--fast-products=on"]
MOST = 4.0


def to_floats(values):
    return array.array("f", values)


def convolve(x, w, channels, filters, extent, size, step):
    """In double precision, padded so that the extent stays with step one."""
    pad, result = size // 2, []
    taps = [(c, i, j) for c in range(channels) for i in range(size) for j in range(size)]
    for row in range(0, extent, step):
        for column in range(0, extent, step):
            places = [(k, (c * extent + row + i - pad) * extent + column + j - pad)
                      for k, (c, i, j) in enumerate(taps)
                      if 0 <= row + i - pad < extent and 0 <= column + j - pad < extent]
            values = [(k, x[place]) for k, place in places]
            for f in range(filters):
                start = f * len(taps)
                result.append((f, row, column,
                               math.fsum(w[start + k] * v for k, v in values)))
    result.sort()
    return [value for _, _, _, value in result]


def relative_error(found, wanted):
    square = math.fsum(w * w for w in wanted)
    return math.sqrt(math.fsum((f - w) ** 2 for f, w in zip(found, wanted)) / square)


def write_source(path, case, w):
    name, channels, filters, extent, size, step = case
    pads, rows = [size // 2] * 4, (extent - 1) // step + 1
    image, result = "1x%dx%dx%dxf32" % (channels, extent, extent), \
        "1x%dx%dx%dxf32" % (filters, rows, rows)
    kernel = "%dx%dx%dx%dxf32" % (filters, channels, size, size)
    with open(path, "w") as file:
        file.write('func.func @%s(%%x: tensor<%s> {onnx.name = "x"}) -> '
                   '(tensor<%s> {onnx.name = "y"}) {\n' % (name, image, result))
        file.write('%%w = cameo.constant dense<"0x%s"> : tensor<%s>\n' % (
            w.tobytes().hex(), kernel))
        file.write("%%y = cameo.conv %%x, %%w {dilations = %s, pads = %s, strides = %s}"
                   " : (tensor<%s>, tensor<%s>) -> tensor<%s>\n" % (
                       graph.ints((1, 1)), graph.ints(pads), graph.ints((step, step)),
                       image, kernel, result))
        file.write("return %%y : tensor<%s>\n}\n" % result)


def uses(source, folder, operation):
    fused = os.path.join(folder, "fused.mlir")
    differential.run(["cameoc", source, "--quiet", "--emit=fused", "-o", fused, *FASTER])
    with open(fused) as file:
        return operation in file.read()


def test(options, case):
    name, channels, filters, extent, size, step = case
    folder = os.path.join(options.folder, name)
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(name)
    deviation = 1 / math.sqrt(channels * size * size)
    w = to_floats(rng.gauss(0, deviation) for _ in range(filters * channels * size * size))
    source = os.path.join(folder, name + ".mlir")
    write_source(source, case, w)
    variants = [("direct", DIRECT), ("faster", FASTER), ("cpp", [*FASTER, "--emit=cpp"])]
    libraries = [differential.build(options, source, variant, flags, folder)
                 for variant, flags in variants]
    failures = 0
    wanted = "fast(" if "pairs" in name and size == 3 else "winograd_conv"
    if size == 3 and not uses(source, folder, wanted):
        print("%s: not by minimal filtering, or not as wanted" % name)
        failures += 1
    for kind, change in KINDS.items():
        x = to_floats(change(rng.gauss(0, 1), i // (extent * extent))
                      for i in range(channels * extent * extent))
        data = os.path.join(folder, "x.npy")
        differential.write_npy(data, x, (1, channels, extent, extent))
        wanted = convolve(x, w, channels, filters, extent, size, step)
        errors = []
        for library in libraries:
            output = os.path.join(folder, "out")
            differential.run(["cameo-run", library, "--input", "x=" + data,
                              "--output", output])
            errors.append(relative_error(
                differential.read_npy(os.path.join(output, "0.npy")), wanted))
        print("%s, %s: %s" % (name, kind, ", ".join("%.1e" % e for e in errors)))
        failures += sum(error > MOST * errors[0] for error in errors[1:])
    return failures


def main():
    options = differential.make_parser().parse_args()
    return 1 if sum(test(options, case) for case in CASES) else 0


if __name__ == "__main__":
    sys.exit(main())
