#!/usr/bin/env python3
"""Damages ONNX models at random (fixed seed) and gives them to cameoc: it may
refuse them, but neither crash nor hang nor leave anything behind when it fails.

    mutate.py FOLDER MODEL... [--count=N] [--seed=N] [--seconds=N]
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import time

LIMIT = 60  # seconds that one compilation may take


def mutate(data, rng):
    """A damaged copy: bytes changed, removed or repeated, or the end cut off."""
    data = bytearray(data)
    kind = rng.randrange(5)
    if kind == 0:
        return data[:rng.randrange(len(data))]
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data))
        if kind == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)))
        elif kind == 3:
            del data[at:at + rng.randrange(1, 9)]
        else:
            data[at:at] = data[at:at + rng.randrange(1, 17)]
        if not data:
            break
    return data


def attempt(command):
    """Runs the compiler; what went wrong, or None."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return "takes more than %d s" % LIMIT
    errors = done.stderr.decode(errors="replace")
    if done.returncode not in (0, 1):
        return "exit %d: %s" % (done.returncode, errors[:1500])
    if done.returncode == 1 and "error" not in errors:
        return "fails without an error: %s" % errors[:500]
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    os.makedirs(options.folder)
    originals = [open(path, "rb").read() for path in options.models]
    damaged = os.path.join(options.folder, "damaged.onnx")
    output = os.path.join(options.folder, "out", "net.o")
    os.makedirs(os.path.dirname(output))
    rng, failures, done = random.Random(options.seed), 0, 0
    end = time.monotonic() + options.seconds
    for number in range(options.count):
        with open(damaged, "wb") as file:
            file.write(mutate(originals[number % len(originals)], rng))
        if time.monotonic() > end:
            break
        done += 1
        problem = attempt(["cameoc", "check", damaged])
        if not problem:
            problem = attempt(["cameoc", damaged, "-O1", "--quiet", "-o", output])
            left = os.listdir(os.path.dirname(output))
            if not problem and left not in ([], ["net.h", "net.o"], ["net.o", "net.h"]):
                problem = "leaves " + ", ".join(left)
            for name in left:
                os.remove(os.path.join(os.path.dirname(output), name))
        if problem:
            kept = os.path.join(options.folder, "failed-%d.onnx" % number)
            shutil.copy(damaged, kept)
            print("%s (from %s): %s" % (kept, options.models[number % len(originals)],
                                        problem))
            failures += 1
    print("%d mutations, %d failures" % (done, failures))
    return 1 if failures or not done else 0


if __name__ == "__main__":
    sys.exit(main())
