#!/usr/bin/env python3
"""Compares .npy files with the first of them, element by element.

    compare.py EXPECTED.npy ACTUAL.npy... [--tolerance=T]
"""

import argparse
import array
import ast
import math
import struct
import sys


def read_npy(path):
    """The elements of a .npy file as Python numbers."""
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + size].decode())
    kind, raw = header["descr"], data[10 + size:]
    codes = {"f4": "f", "f8": "d", "i1": "b", "u1": "B", "b1": "B", "i2": "h",
             "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q"}
    name = kind.lstrip("<|=")
    if name == "f2":
        return [v for (v,) in struct.iter_unpack("<e", raw)]
    if name not in codes:  # bfloat16: the upper half of a float
        halves = array.array("H", raw)
        return [struct.unpack("<f", struct.pack("<I", h << 16))[0] for h in halves]
    return list(array.array(codes[name], raw))


def difference(expected, actual, tolerance):
    """The worst place as text; empty when all elements are close."""
    if len(expected) != len(actual):
        return "%d elements instead of %d" % (len(actual), len(expected))
    for i, (a, b) in enumerate(zip(expected, actual)):
        if a == b or (a != a and b != b):
            continue
        if isinstance(a, float) and abs(a - b) <= tolerance * (1 + abs(a)) \
                and not math.isinf(a):
            continue
        return "element %d is %r instead of %r" % (i, b, a)
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    expected, failures = read_npy(options.files[0]), 0
    for path in options.files[1:]:
        text = difference(expected, read_npy(path), options.tolerance)
        if text:
            print("%s: %s" % (path, text))
            failures += 1
    return 1 if failures or len(options.files) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
