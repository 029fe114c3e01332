"""Writes small .npy and TensorProto files without needing NumPy or onnx.

make-data.py FILE.npy|FILE.pb TYPE SHAPE VALUE... with TYPE a NumPy code such as
f4 and SHAPE such as 2x3.
"""

import struct
import sys

FORMATS = {"f4": ("f", 1), "f8": ("d", 11), "i8": ("q", 7), "i4": ("i", 6)}


def varint(value):
    result = b""
    while value > 127:
        result += bytes([value & 127 | 128])
        value >>= 7
    return result + bytes([value])


def main(path, kind, shape, *values):
    letter, onnx_type = FORMATS[kind]
    extents = [int(e) for e in shape.split("x")]
    data = b"".join(struct.pack("<" + letter, float(v) if kind[0] == "f" else int(v)) for v in values)
    if path.endswith(".npy"):
        header = "{'descr': '<%s', 'fortran_order': False, 'shape': (%s), }\n" % (
            kind, "".join("%d," % e for e in extents))
        out = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data
    else:
        out = b"".join(b"\x08" + varint(e) for e in extents)
        out += b"\x10" + varint(onnx_type) + b"\x4a" + varint(len(data)) + data
    with open(path, "wb") as file:
        file.write(out)


main(*sys.argv[1:])
