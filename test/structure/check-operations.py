"""Checks that every operation of the cameo dialect has tests of its own.

usage: check-operations.py SOURCE

In test/dialects/cameo each stands in a file that is read and printed with the
types that its inference gives, and in an *-invalid.mlir right below an error
that is expected of it.
"""

import pathlib
import re
import sys

DEFINITION = re.compile(r'^def Cameo_\w+Op\s*:\s*\w+\s*<\s*"(\w+)"', re.M)
USE = re.compile(r"\bcameo\.(\w+)")
REFUSAL = re.compile(r'expected-error.*\n(?:\s*//.*\n)*.*?\bcameo\.(\w+)')


def main():
    source = pathlib.Path(sys.argv[1])
    operations = set()
    for path in (source / "dialects/cameo").glob("*.td"):
        operations.update(DEFINITION.findall(path.read_text()))
    if len(operations) < 100:
        sys.exit("too few operations: is this the source tree?")
    used, refused = set(), set()
    for path in (source / "test/dialects/cameo").glob("*.mlir"):
        if path.stem.endswith("-invalid"):
            refused.update(REFUSAL.findall(path.read_text()))
        else:
            used.update(USE.findall(path.read_text()))
    for name in sorted(operations - used):
        print(f"cameo.{name} has no test of its types in test/dialects/cameo")
    for name in sorted(operations - refused):
        print(f"cameo.{name} has no *-invalid.mlir in test/dialects/cameo")
    print(f"{len(operations)} operations checked")
    sys.exit(0 if operations <= used & refused else 1)


main()
