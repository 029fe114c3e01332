#!/usr/bin/env python3
"""What the hot loops of problems and models are made of, and how many cycles
they take on CPUs that need not be there, by llvm-mca.

    hot_loops.py --bin=build/bin conv:mb1ic64ih56oc64kh3ph1 matmul:m128k768n768
    hot_loops.py --bin=build/bin --cpus=cortex-a76 --cameoc=--winograd=off resnet50.onnx

A row is the loop of a kernel that is inside most others, of these the one with most
multiply-adds. docs/guides/benchmarks.md says what is in it.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

LABEL = re.compile(r"^([.\w$]+):")
BRANCH = re.compile(r"^\s+(?:b\.?\w*|cbn?z|tbn?z|j\w+)\s+(?:.*, *)?(\.L\w+)\s*(?:[/#].*)?$")
MULTIPLY_ADD = re.compile(r"^\s+(?:fmla|fmls|vfn?m(?:add|sub)\d+ps)\s")
BY_LANE = re.compile(r"\bv\d+\.s\[\d\]\s*$|\{1to\d+\}")
STACK = re.compile(r"\bq\d+.*\[sp|%[xyz]mm\d+.*\(%rsp|\(%rsp.*%[xyz]mm\d+")
LOAD = re.compile(r"^\s+(?:ld\w+|vmov\w+\s+[-\w]*\(|vbroadcast\w+\s+[-\w]*\()")


class Loop:
    """The instructions from a label to a branch back to it."""

    def __init__(self, lines, depth=1):
        self.lines = [line.split("//")[0].rstrip() for line in lines
                      if line.startswith("\t") and not line.startswith("\t.")]
        self.depth = depth
        self.products = self.count(MULTIPLY_ADD)

    def count(self, pattern):
        return sum(1 for line in self.lines if pattern.search(line))

    def count_by_lane(self):
        return sum(1 for line in self.lines
                   if MULTIPLY_ADD.search(line) and BY_LANE.search(line))


def functions_of(assembly):
    """{name: lines} of the functions in an assembly file."""
    result, name = {}, None
    for line in assembly.splitlines():
        label = LABEL.match(line)
        if label and not label[1].startswith("."):
            name = label[1]
        if name:
            result.setdefault(name, []).append(line)
    return result


def innermost_loops(lines):
    """Of one function; each knows how many loops it is in."""
    labels, spans = {}, []

    def contains(outer, inner):
        return outer[0] <= inner[0] and inner[1] <= outer[1] and outer != inner

    for place, line in enumerate(lines):
        label, branch = LABEL.match(line), BRANCH.match(line)
        if label:
            labels[label[1]] = place
        elif branch and branch[1] in labels:
            spans.append((labels[branch[1]], place))
    return [Loop(lines[span[0]:span[1] + 1],
                 1 + sum(contains(other, span) for other in spans))
            for span in spans
            if not any(contains(span, other) for other in spans)]


def cycles_of(loop, options, cpu):
    """Cycles of one iteration when many follow each other."""
    iterations = 200
    done = subprocess.run(
        [options.mca, "-mtriple=" + options.target, "-mcpu=" + cpu,
         "-iterations=%d" % iterations],
        input="\n".join(loop.lines) + "\n", capture_output=True, text=True)
    total = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    if not total:
        sys.exit("%s: %s" % (options.mca, done.stderr.strip()))
    return int(total[1]) / iterations


def compile_to_assembly(options, what, cpu, folder):
    path = what
    if not os.path.exists(what):
        import onnx
        import problems
        path = os.path.join(folder, "problem.onnx")
        try:
            onnx.save(problems.model_of(what), path)
        except problems.BadProblem as error:
            sys.exit("error: %s, which is not a file either" % error)
    assembly = os.path.join(folder, "problem.s")
    subprocess.run([os.path.join(options.bin, "cameoc"), path, "-o", assembly,
                    "--emit=asm", "--quiet", "--name=m",
                    "--target=" + options.target, "--cpu=" + cpu]
                   + options.cameoc, check=True)
    with open(assembly) as file:
        return file.read()


def peak_of(options, cpu):
    """Vector multiply-adds per cycle, by what llvm-mca knows of the CPU."""
    if options.target.startswith("aarch64"):
        product = "\tfmla\tv%d.4s, v30.4s, v31.s[0]"
    else:
        product = "\tvfmadd231ps\t%%ymm14, %%ymm15, %%ymm%d"
    block = Loop([product % register for register in range(12)])
    return block.products / cycles_of(block, options, cpu)


def print_row(options, what, cpu, name, loop, peak):
    size, products = len(loop.lines), loop.products
    cycles = cycles_of(loop, options, cpu)
    print("%-34s %-12s %-18s %8d %7d %5d %6d %9.2f %8.1f %6.0f %%" % (
        os.path.basename(what), cpu, name, products, loop.count_by_lane(),
        loop.count(LOAD), loop.count(STACK), size / products, cycles,
        100 * products / peak / cycles))
    if options.show:
        print("\n".join(loop.lines))


def print_rows(options, what, cpu, folder):
    assembly = compile_to_assembly(options, what, cpu, folder)
    peak = peak_of(options, cpu)
    for name, lines in functions_of(assembly).items():
        loops = [loop for loop in innermost_loops(lines) if loop.products]
        if not loops:
            continue
        if not options.all:
            loops = [max(loops, key=lambda loop: (loop.depth, loop.products))]
        for loop in loops:
            print_row(options, what, cpu, name, loop, peak)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", help="problems and ONNX files")
    parser.add_argument("--bin", required=True, help="folder of cameoc")
    parser.add_argument("--target", default="aarch64-linux-gnu")
    parser.add_argument("--cpus", default="cortex-a76,neoverse-n1")
    parser.add_argument("--mca", default="llvm-mca-22")
    parser.add_argument("--cameoc", action="append", default=[],
                        help="an option for cameoc; repeatable")
    parser.add_argument("--all", action="store_true",
                        help="all innermost loops with multiply-adds")
    parser.add_argument("--show", action="store_true",
                        help="print the loops as well")
    options = parser.parse_args()
    print("%-34s %-12s %-18s %8s %7s %5s %6s %9s %8s %8s" % (
        "problem", "cpu", "kernel", "products", "by lane", "loads", "spills",
        "instr/FMA", "cycles", "of peak"))
    with tempfile.TemporaryDirectory() as folder:
        for what in options.what:
            for cpu in options.cpus.split(","):
                print_rows(options, what, cpu, folder)


if __name__ == "__main__":
    main()
