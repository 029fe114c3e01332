"""Says which class won: label.py OUTPUT.npy, an answer of the network."""

import struct
import sys

with open(sys.argv[1], "rb") as file:
    scores = struct.unpack("<2f", file.read()[-8:])
best = scores.index(max(scores))
print("label: %s (%.2f %%)" % (["0 degrees", "180 degrees"][best], 100 * scores[best]))
