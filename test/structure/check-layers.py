"""Checks that includes only go down the layers of the tree.

usage: check-layers.py SOURCE

A file may include its own top-level folder and those of lower layers; folders
of one layer do not see each other. See docs/architecture.md.
"""

import pathlib
import re
import sys

LAYERS = [["runtime-stub"], ["dialects"], ["passes", "codegen"], ["compiler"],
          ["test", "examples", "docs"]]
LEVEL = {folder: i for i, layer in enumerate(LAYERS) for folder in layer}
SUFFIXES = {".h", ".hpp", ".c", ".cpp", ".inc", ".td"}
INCLUDE = re.compile(r'\s*#?\s*include\s*[<"]([^">]+)[">]')


def main():
    source = pathlib.Path(sys.argv[1])
    problems = []
    seen = 0
    for folder, level in LEVEL.items():
        for path in sorted((source / folder).rglob("*")):
            if path.suffix not in SUFFIXES or not path.is_file():
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match[1].split("/")[0]
                if "/" not in match[1] or target not in LEVEL:
                    continue
                seen += 1
                if target != folder and LEVEL[target] >= level:
                    problems.append(f"{path}:{number}: {folder} (layer {level}) "
                                    f"includes {match[1]} (layer {LEVEL[target]})")
    print("\n".join(problems))
    print(f"{seen} includes checked, {len(problems)} against the layers")
    if seen < 100:
        sys.exit("too few includes: is this the source tree?")
    sys.exit(1 if problems else 0)


main()
