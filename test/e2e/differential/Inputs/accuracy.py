#!/usr/bin/env python3
"""Compares elementary functions on f32 with Python's on double precision.

    accuracy.py FOLDER [--cxx=COMPILER] [--include=FOLDER]
"""

import math
import os
import random
import struct
import sys

import differential

# Function, greatest error in ULP (of a normal result).
FUNCTIONS = {"exp": (math.exp, 1.0), "erf": (math.erf, 6.0), "tanh": (math.tanh, 8.0)}
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 88.7, 88.73, 89.0, 100.0,
           3e38, -3e38, -87.3, -87.4, -95.0, -103.0, -103.9, -104.1, 1e-45, 1e-39, -1e-39,
           3.9, 3.92, 3.93, 4.0, -4.0, 7.99, 9.1]


def to_float(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def expected(function, x):
    try:
        return function(x)
    except OverflowError:
        return math.inf


def ulps(wanted, found):
    """How many units in the last place of f32 lie between them."""
    if math.isnan(wanted) or math.isnan(found):
        return 0 if math.isnan(wanted) and math.isnan(found) else math.inf
    if abs(wanted) > 3.4028235e38 or math.isinf(found):
        rounded = math.copysign(math.inf, wanted) if abs(wanted) > 3.40282357e38 else wanted
        return 0 if rounded == found else math.inf
    unit = 2.0 ** max(math.frexp(wanted)[1] - 24, -149)
    return abs(found - wanted) / unit


def main():
    options = differential.make_parser().parse_args()
    os.makedirs(options.folder, exist_ok=True)
    rng = random.Random(5)
    values = SPECIAL + [rng.uniform(-110, 95) for _ in range(20000)]
    values += [rng.uniform(-5, 5) for _ in range(20000)]
    values += [rng.choice((-1, 1)) * 2 ** rng.uniform(-140, 10) for _ in range(20003)]
    values = [to_float(value) for value in values]
    data = os.path.join(options.folder, "x.npy")
    differential.write_npy(data, values, (len(values),))
    source = os.path.join(options.folder, "functions.mlir")
    shape = "tensor<%dxf32>" % len(values)
    with open(source, "w") as file:
        file.write('func.func @functions(%%x: %s {onnx.name = "x"}) -> (%s) {\n' % (
            shape, ", ".join('%s {onnx.name = "%s"}' % (shape, name) for name in FUNCTIONS)))
        for name in FUNCTIONS:
            file.write("%%%s = cameo.%s %%x : (%s) -> %s\n" % (name, name, shape, shape))
        file.write("return %s : %s\n}\n" % (", ".join("%" + name for name in FUNCTIONS),
                                            ", ".join([shape] * len(FUNCTIONS))))
    failures = 0
    for variant, flags in (("O3", ["-O3"]), ("cpp", ["-O3", "--emit=cpp"])):
        library = differential.build(options, source, variant, flags, options.folder)
        output = os.path.join(options.folder, variant)
        differential.run(["cameo-run", library, "--input", "x=" + data, "--output", output])
        for i, (name, (function, most)) in enumerate(FUNCTIONS.items()):
            found = differential.read_npy(os.path.join(output, "%d.npy" % i))
            errors = [(ulps(expected(function, x), y), x, y) for x, y in zip(values, found)]
            worst = max(errors, key=lambda e: e[0])
            print("%s, %s: %.2f ULP at %r" % (variant, name, worst[0], worst[1]))
            if worst[0] > most:
                print("  is %r instead of %r" % (worst[2], expected(function, worst[1])))
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
