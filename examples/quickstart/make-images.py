"""Draws the quickstart's two images, a word upright and turned by 180 degrees.

usage: make-images.py OUT

For each image of answers.txt, OUT/IMAGE gets the pixels, input_0.npy, and the
reference's answer, output_0.npy. Needs nothing but Python.
"""

import pathlib
import struct
import sys

WORD, SCALE = "CAMEO", 4
HEIGHT, WIDTH = 48, 192
INK, PAPER = -1.0, 1.0
# Letters of 5 by 7 dots, row by row from the top.
FONT = {
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
}


def draw():
    """The word in the middle of an image, as rows of grey values."""
    image = [[PAPER] * WIDTH for _ in range(HEIGHT)]
    top = (HEIGHT - 7 * SCALE) // 2
    left = (WIDTH - (6 * len(WORD) - 1) * SCALE) // 2
    for i, letter in enumerate(WORD):
        for row, dots in enumerate(FONT[letter].split()):
            for column, dot in enumerate(dots):
                if dot == "0":
                    continue
                x = left + (6 * i + column) * SCALE
                for y in range(top + row * SCALE, top + (row + 1) * SCALE):
                    image[y][x:x + SCALE] = [INK] * SCALE
    return image


def write_npy(path, shape, values):
    """A file of NumPy's format 1.0 with float32 values."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    header = header.ljust(64 * ((len(header) + 10) // 64 + 1) - 11) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) +
                     header.encode() + struct.pack("<%df" % len(values), *values))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make-images.py OUT")
    upright = draw()
    images = {"upright": upright,
              "turned": [row[::-1] for row in reversed(upright)]}
    answers = pathlib.Path(__file__).with_name("answers.txt").read_text()
    for line in answers.splitlines():
        if line.startswith("#"):
            continue
        name, *answer = line.split()
        folder = pathlib.Path(sys.argv[1], name)
        folder.mkdir(parents=True, exist_ok=True)
        pixels = [value for row in images[name] for value in row]
        # Red, green and blue alike.
        write_npy(folder / "input_0.npy", (1, 3, HEIGHT, WIDTH), pixels * 3)
        write_npy(folder / "output_0.npy", (1, 2), [float(p) for p in answer])


main()
