#!/usr/bin/env python3
"""Times problems and models, in turn with ONNX Runtime.

usage: bench.py [options] PROBLEM|MODEL.onnx|LIST.txt...

  conv:mb1ic64ih56oc64kh3ph1  depthwise:mb1ic96ih112kh3ph1  matmul:m128k768n3072
  model.onnx (static shapes)  LIST.txt: a problem or model per line

  --bin=DIR       cameoc and cameo-run (build/bin)
  --ort=DIR       a folder in which `npm install onnxruntime-node` was run;
                  without it only Cameo is timed
  --rounds=N      how often the two take turns (5)
  --time=SECONDS  of each turn (0.5)
  --threads=N     threads of both (1)
  --cameoc=OPTION passed to cameoc; repeatable
  --keep=DIR      where models and libraries go (a temporary folder)

Every turn is a sample of many runs; printed are the median and the minimum over
all turns, in milliseconds, and the share of the multiply-add peak that this
machine reaches, measured before. Algorithms that need fewer operations than the
definition may exceed it.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import onnx

import problems

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64",
         9: "bool", 11: "float64"}


class Failed(Exception):
    """A benchmark that cannot be run."""


def run(command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode:
        raise Failed("%s: %s" % (command[0], result.stderr.strip()))
    return result.stdout


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


class Cameo:
    """A model compiled by Cameo."""

    def __init__(self, options, model, work, problem):
        self.options, self.library = options, work.with_suffix(".so")
        self.tool = options.bin / "cameo-run"
        flags = ["--threads=%d" % options.threads, "--quiet"] + options.cameoc
        run([options.bin / "cameoc", model, "-o", self.library] + flags)
        report = json.loads(run([options.bin / "cameoc", "report", model,
                                 "--format=json"] + flags))
        self.flops, self.kernels = report["flops"], report["kernels"]
        if problem:
            self.check(problem)

    def check(self, problem):
        """Whether the compiler calls the problem by the same name."""
        wanted = problem.removesuffix(":f32") + ":f32"
        found = [kernel["problem"] for kernel in self.kernels]
        if not any((name + ":").startswith(wanted + ":") for name in found):
            raise Failed("'%s' was compiled as %s" % (problem, ", ".join(found)))

    def measure(self, *arguments):
        return last_json(run([self.tool, self.library, "--random-inputs=1",
                              "--threads=%d" % self.options.threads, "--json",
                              *arguments]))

    def sample(self):
        result = self.measure("--bench-time=%g" % self.options.time)
        return result["median_ms"], result["min_ms"]

    def close(self):
        pass


class OnnxRuntime:
    """The same model in ONNX Runtime, a process that waits for its turns."""

    def __init__(self, options, model, work):
        self.time = options.time
        inputs = work.with_suffix(".json")
        inputs.write_text(json.dumps(describe_inputs(model)))
        self.process = subprocess.Popen(
            ["node", HERE / "onnxruntime.js", options.ort, model,
             str(options.threads), inputs],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sample(self):
        try:
            self.process.stdin.write("%g\n" % self.time)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            raise Failed("ONNX Runtime stopped")
        times = json.loads(line)
        return statistics.median(times), min(times)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def describe_inputs(model):
    graph = onnx.load(model, load_external_data=False).graph
    constants = {constant.name for constant in graph.initializer}
    inputs = {}
    for value in graph.input:
        if value.name in constants:
            continue
        tensor = value.type.tensor_type
        dims = [dim.dim_value for dim in tensor.shape.dim]
        if tensor.elem_type not in TYPES or 0 in dims:
            raise Failed("input '%s' has no static shape of a known type"
                         % value.name)
        inputs[value.name] = {"type": TYPES[tensor.elem_type], "dims": dims}
    return inputs


def take_turns(runners, rounds):
    """Per runner the median of medians and the minimum of all."""
    samples = [[] for _ in runners]
    for _ in range(rounds):
        for runner, mine in zip(runners, samples):
            mine.append(runner.sample())
    return [(statistics.median(median for median, _ in mine),
             min(least for _, least in mine)) for mine in samples]


def make_model(name, folder):
    """The model's file, where its outputs go, and its problem."""
    if not problems.is_problem(name):
        model = pathlib.Path(name).resolve()
        if not model.is_file():
            raise Failed("there is no model '%s'" % name)
        return model, folder / model.name, None
    work = folder / (name.replace(":", "_") + ".onnx")
    onnx.save(problems.model_of(name), work)
    return work, work, name


def bench(options, name, folder, peak):
    """Prints a row; returns how many times faster than ONNX Runtime we are."""
    model, work, problem = make_model(name, folder)
    runners = [Cameo(options, model, work, problem)]
    try:
        if options.ort:
            runners.append(OnnxRuntime(options, model, work))
        results = take_turns(runners, options.rounds)
    finally:
        for runner in runners:
            runner.close()
    median, least = results[0]
    share = runners[0].flops / (median * 1e6) / peak if peak else 0
    row = "%-52s %9.4f %9.4f %6.1f%%" % (name[-52:], median, least, 100 * share)
    if options.ort:
        row += " %9.4f %9.4f %6.2f" % (*results[1], results[1][0] / median)
    print(row, flush=True)
    return results[1][0] / median if options.ort else None


def read_names(arguments):
    for argument in arguments:
        if not argument.endswith(".txt"):
            yield argument
            continue
        for line in pathlib.Path(argument).read_text().splitlines():
            name = line.partition("#")[0].strip()
            if name:
                yield name


def parse_options():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--bin", type=pathlib.Path,
                        default=pathlib.Path("build/bin"))
    parser.add_argument("--ort")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--time", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cameoc", action="append", default=[])
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def measure_peak(options, folder):
    """The multiply-add peak of all threads, in GFLOP/s; 0: not known."""
    work = folder / "peak.onnx"
    onnx.save(problems.model_of("matmul:m1k1n1"), work)
    return Cameo(options, work, work, None).measure("--profile")["peak_gflops"]


def main():
    options = parse_options()
    options.bin = options.bin.resolve()
    ratios, failed = [], False
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        peak = measure_peak(options, folder)
        print("peak of %d thread(s): %.1f GFLOP/s" % (options.threads, peak))
        print("%-52s %9s %9s %7s" % ("problem", "median ms", "min ms", "peak") +
              (" %9s %9s %6s" % ("ORT", "ORT min", "ratio")
               if options.ort else ""))
        for name in read_names(options.names):
            try:
                ratios.append(bench(options, name, folder, peak))
            except (Failed, problems.BadProblem) as error:
                print("bench: error: %s" % error, file=sys.stderr)
                failed = True
    if options.ort and ratios:
        print("geometric mean of ratios: %.3f" %
              statistics.geometric_mean(ratios))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit("bench: error: %s" % error)
