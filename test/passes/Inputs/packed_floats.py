"""Writes products with constant matrices of 64 columns."""

import random
import struct

ROWS, DEEP_ROWS, COLUMNS = 256, 4096, 64


def product(name, values, rows=1, transposed=False):
    data = struct.pack("<%df" % len(values), *values).hex()
    depth = len(values) // COLUMNS
    w = "tensor<%dx%dxf32>" % ((COLUMNS, depth) if transposed else (depth, COLUMNS))
    x, y = "tensor<%dx%dxf32>" % (rows, depth), "tensor<%dx%dxf32>" % (rows, COLUMNS)
    print("""func.func @%s(%%x: %s) -> %s {
  %%w = cameo.constant dense<"0x%s"> : %s
  %%y = cameo.matmul %%x, %%w%s : (%s, %s) -> %s
  return %%y : %s
}""" % (name, x, y, data, w, " {transpose_b}" if transposed else "", x, w, y, y))


def main():
    rng = random.Random(1)
    plain = [rng.gauss(0, 0.1) for _ in range(ROWS * COLUMNS)]
    product("row", plain)
    product("transposed", plain, rows=8, transposed=True)
    product("small_row", [value * (1e-6 if i // COLUMNS == 17 else 1)
                          for i, value in enumerate(plain)])
    product("infinite", plain[:-1] + [float("inf")])
    product("many_rows", plain, rows=9)
    deep = [rng.gauss(0, 0.1) for _ in range(DEEP_ROWS * COLUMNS)]
    product("deep", deep)
    product("deep_transposed", deep, rows=8, transposed=True)
    product("deep_uneven_rows", [value * 10 ** -(i // COLUMNS % 4)
                                 for i, value in enumerate(deep)])
    product("deep_outlier", deep[:-1] + [100])
    product("deep_infinite", deep[:-1] + [float("inf")])
    product("deep_huge", [value * 1e30 for value in deep])
    product("deep_tiny", [value * 1e-20 for value in deep])


if __name__ == "__main__":
    main()
