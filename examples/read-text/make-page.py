#!/usr/bin/env python3
"""Writes page.ppm and label.ppm, images with lines of text of two sizes.

usage: make-page.py FOLDER

Letters are drawn of dots, which overlap, at four times the size, and shrunk.
"""

import pathlib
import sys

# Letters of 5 by 7 dots, row by row from the top.
FONT = {
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "F": "11111 10000 10000 11110 10000 10000 10000",
    "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "01110 00100 00100 00100 00100 00100 01110",
    "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "N": "10001 11001 10101 10011 10001 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001",
    "X": "10001 10001 01010 00100 01010 10001 10001",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    " ": "00000 00000 00000 00000 00000 00000 00000",
}
FINE = 4  # fine pixels per pixel, each way


def draw(width, height, lines):
    """Grey values of an image with lines of (text, left, top, pixels per dot)."""
    fine = [bytearray(b"\xff" * (width * FINE)) for _ in range(height * FINE)]
    for text, left, top, dot in lines:
        size = dot * FINE
        radius = size * 0.62
        for i, letter in enumerate(text):
            for row, dots in enumerate(FONT[letter].split()):
                for column, ink in enumerate(dots):
                    if ink == "0":
                        continue
                    x0 = left * FINE + (6 * i + column) * size + size / 2
                    y0 = top * FINE + row * size + size / 2
                    for y in range(int(y0 - radius), int(y0 + radius) + 1):
                        for x in range(int(x0 - radius), int(x0 + radius) + 1):
                            if (x - x0) ** 2 + (y - y0) ** 2 <= radius ** 2:
                                fine[y][x] = 32
    rows = []
    for y in range(height):
        band = fine[y * FINE:(y + 1) * FINE]
        rows.append(bytes(sum(sum(line[x * FINE:(x + 1) * FINE]) for line in band) //
                          FINE ** 2 for x in range(width)))
    return rows


def write(path, width, height, lines):
    rows = draw(width, height, lines)
    pixels = b"".join(bytes([value]) * 3 for row in rows for value in row)
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + pixels)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make-page.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    write(folder / "page.ppm", 480, 300, [("HELLO WORLD", 40, 40, 5),
                                          ("TEXT 1274", 40, 120, 6),
                                          ("READ ME", 180, 220, 4)])
    write(folder / "label.ppm", 300, 100, [("CAMEO", 60, 28, 6)])


main()
