"""Makes an ONNX backend test of a `light` model.

usage: light-test.py FOLDER INPUT OUT

FOLDER has model.onnx and output_0.pb. All weights of these models are
constants, so that every input has the same output; OUT gets one of 1x3x224x224
for INPUT.
"""

import pathlib
import shutil
import struct
import sys

FLOAT = 1


def varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number, payload):
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def tensor(name, shape, values):
    """A TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9."""
    dims = b"".join(varint(1 << 3) + varint(extent) for extent in shape)
    return (dims + varint(2 << 3) + varint(FLOAT) + field(8, name.encode()) +
            field(9, struct.pack(f"<{len(values)}f", *values)))


def main():
    folder, name, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    data = out / "test_data_set_0"
    data.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "model.onnx", out / "model.onnx")
    shutil.copy(folder / "output_0.pb", data / "output_0.pb")
    count = 3 * 224 * 224
    values = [(i * 37 % 256) / 64 - 2 for i in range(count)]
    (data / "input_0.pb").write_bytes(tensor(name, (1, 3, 224, 224), values))


main()
