#!/usr/bin/env python3
"""A small decoder whose keys and values stay where they are (`cameoc --cache`): a
prompt, then step by step until the cache is full; in place, and with two buffers in
turn. What the same model says without --cache, at -O0 and on dense tensors, is the
reference. Prints one line a library; exits 1 on a difference.

    caches.py FOLDER --bin=FOLDER --cxx=COMPILER --include=FOLDER --stub=ARCHIVE
"""

import argparse
import ctypes
import os
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS, GROUPS, SIZE = 24, 4, 2, 16
MOST_PAST, MOST_ROWS, MOST_BATCH = 36, 5, 2
CACHES = ["key_0", "value_0", "key_1", "value_1"]
OK, ERROR_SHAPE, ERROR_INVALID_VALUE = 0, 5, 9


class Graph:
    """Two layers of attention: one of single nodes, one of the operator."""

    def __init__(self):
        self.nodes, self.constants = [], []
        self.random = np.random.default_rng(7)

    def const(self, array):
        name = "c%d" % len(self.constants)
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def weight(self, *shape):
        scale = shape[0] ** -0.5
        return self.const(self.random.uniform(-scale, scale, shape).astype(np.float32))

    def op(self, kind, *inputs, outputs=(), **attrs):
        names = list(outputs) or ["v%d" % len(self.nodes)]
        self.nodes.append(helper.make_node(kind, inputs, names, name="n_" + names[0], **attrs))
        return names[0]

    def extent(self, x, dim):
        return self.op("Squeeze", self.op("Slice", self.op("Shape", x), self.ints(dim),
                                          self.ints(dim + 1)), self.ints(0))

    def split(self, x, heads):
        part = self.op("MatMul", x, self.weight(WIDTH, heads * SIZE))
        part = self.op("Reshape", part, self.ints(0, 0, heads, SIZE))
        return self.op("Transpose", part, perm=[0, 2, 1, 3])

    def merged(self, x):
        x = self.op("Reshape", self.op("Transpose", x, perm=[0, 2, 1, 3]),
                    self.ints(0, 0, HEADS * SIZE))
        return self.op("MatMul", x, self.weight(HEADS * SIZE, WIDTH))

    def repeated(self, x):
        x = self.op("Unsqueeze", x, self.ints(2))
        x = self.op("Concat", *[x] * (HEADS // GROUPS), axis=2)
        return self.op("Reshape", x, self.ints(0, HEADS, -1, SIZE))

    def spelled_out(self, x):
        query = self.split(x, HEADS)
        key, value = [self.op("Concat", "past_" + name, self.split(x, GROUPS),
                              outputs=["present_" + name], axis=2)
                      for name in ("key_0", "value_0")]
        zero, one = self.const(np.int64(0)), self.const(np.int64(1))
        before, all_keys = self.extent("past_key_0", 2), self.extent(key, 2)
        rows = self.op("Unsqueeze", self.op("Range", before, all_keys, one), self.ints(1))
        allowed = self.op("LessOrEqual", self.op("Range", zero, all_keys, one), rows)
        scores = self.op("MatMul", query,
                         self.op("Transpose", self.repeated(key), perm=[0, 1, 3, 2]))
        scores = self.op("Where", allowed, scores, self.const(np.float32(-1e9)))
        return self.merged(self.op("MatMul", self.op("Softmax", scores, axis=-1),
                                   self.repeated(value)))

    def fused(self, x):
        query, key, value = [self.split(x, heads) for heads in (HEADS, GROUPS, GROUPS)]
        return self.merged(self.op(
            "Attention", query, key, value, "", "past_key_1", "past_value_1",
            outputs=["mixed", "present_key_1", "present_value_1"], is_causal=1))

    def model(self):
        x = self.op("Add", "x", self.spelled_out("x"))
        self.op("Add", x, self.fused(x), outputs=["y"])
        # A reader of what there was that is no attention.
        self.op("ReduceSum", "past_value_0", self.ints(2), outputs=["seen"], keepdims=0)
        info = helper.make_tensor_value_info
        past = ["batch", GROUPS, "past", SIZE]
        inputs = [info("x", TensorProto.FLOAT, ["batch", "rows", WIDTH])]
        inputs += [info("past_" + name, TensorProto.FLOAT, past) for name in CACHES]
        outputs = [info("y", TensorProto.FLOAT, None), info("seen", TensorProto.FLOAT, None)]
        outputs += [info("present_" + name, TensorProto.FLOAT, None) for name in CACHES]
        graph = helper.make_graph(self.nodes, "decoder", inputs, outputs, self.constants)
        return helper.make_model(graph, ir_version=10,
                                 opset_imports=[helper.make_opsetid("", 23)])


# The structures of cameo/runtime.h.
class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("shape", ctypes.POINTER(ctypes.c_int64))]


class Info(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("type", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("least", ctypes.POINTER(ctypes.c_int64)), ("bytes", ctypes.c_uint64)]


class Cache(ctypes.Structure):
    _fields_ = [("input", ctypes.c_uint32), ("output", ctypes.c_uint32),
                ("dim", ctypes.c_int32)]


class Model(ctypes.Structure):
    _fields_ = [("abi", ctypes.c_uint32), ("inputs_count", ctypes.c_uint32),
                ("outputs_count", ctypes.c_uint32), ("kernels_count", ctypes.c_uint32),
                ("name", ctypes.c_char_p), ("target", ctypes.c_char_p),
                ("inputs", ctypes.POINTER(Info)), ("outputs", ctypes.POINTER(Info)),
                ("kernels", ctypes.c_void_p), ("arena_bytes", ctypes.c_uint64),
                ("alignment", ctypes.c_uint64), ("weight_bytes", ctypes.c_uint64),
                ("run", ctypes.c_void_p), ("caches", ctypes.POINTER(Cache)),
                ("caches_count", ctypes.c_uint32)]


class Context(ctypes.Structure):
    _fields_ = [("abi", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
                ("arena", ctypes.c_void_p), ("arena_bytes", ctypes.c_uint64),
                ("parallel_for", ctypes.c_void_p), ("parallel_data", ctypes.c_void_p),
                ("profiler", ctypes.c_void_p), ("profiler_data", ctypes.c_void_p),
                ("message", ctypes.c_char_p)]


def aligned(count):
    """Zeros that begin at a multiple of 64 bytes."""
    memory = np.zeros(count + 16, np.float32)
    start = -(memory.ctypes.data // 4) % 16
    return memory[start:start + count]


class Library:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        get = self.library.decoder_model
        get.restype = ctypes.POINTER(Model)
        self.model = get().contents
        self.run_function = self.library.decoder_run
        self.arena = aligned(self.model.arena_bytes // 4 + 1)
        self.context = Context(self.model.abi, 0, self.arena.ctypes.data,
                               self.model.arena_bytes)

    def names(self, infos, count):
        return [infos[i].name.decode() for i in range(count)]

    def output_shape(self, i):
        info = self.model.outputs[i]
        return list(info.shape[:info.rank])

    def run(self, inputs, shapes, outputs):
        """Status and shapes of a run on arrays by name."""
        given = self.names(self.model.inputs, self.model.inputs_count)
        wanted = self.names(self.model.outputs, self.model.outputs_count)
        ins, outs, kept, written = (Tensor * len(given))(), (Tensor * len(wanted))(), [], []
        for i, name in enumerate(given):
            kept.append((ctypes.c_int64 * 8)(*shapes[name]))
            ins[i] = Tensor(inputs[name].ctypes.data, kept[-1])
        for i, name in enumerate(wanted):
            written.append((ctypes.c_int64 * 8)(*self.output_shape(i)))
            outs[i] = Tensor(outputs[name].ctypes.data, written[-1])
        status = self.run_function(ctypes.byref(self.context), ins, outs)
        return status, {name: list(shape[:len(self.output_shape(i))])
                        for i, (name, shape) in enumerate(zip(wanted, written))}


class Decoder:
    """A library with its caches in dense arrays, in place, or in turn."""

    def __init__(self, library, how, batch):
        self.library, self.how, self.batch, self.length = library, how, batch, 0
        names = library.names(library.model.outputs, library.model.outputs_count)
        self.shapes = {name: library.output_shape(i) for i, name in enumerate(names)}
        self.caches = {name: self.fresh("present_" + name) for name in CACHES}

    def fresh(self, name):
        """A buffer of an output at its bound; NaN, so that nothing else is read."""
        return np.full(self.shapes[name], np.nan, np.float32)

    def part(self, name, length):
        """What there is of a cache, densely."""
        array = self.caches[name]
        if self.how == "dense":
            return array.reshape(-1)[:self.batch * GROUPS * length * SIZE].reshape(
                self.batch, GROUPS, length, SIZE).copy()
        return array[:self.batch, :, :length].copy()

    def step(self, x, length=None):
        past = self.length if length is None else length
        inputs = {"x": np.ascontiguousarray(x)}
        shapes = {"x": x.shape}
        outputs = {name: self.fresh(name) for name in ("y", "seen")}
        for name in CACHES:
            inputs["past_" + name] = self.caches[name]
            shapes["past_" + name] = (self.batch, GROUPS, past, SIZE)
            outputs["present_" + name] = (self.caches[name] if self.how == "in place"
                                          else self.fresh("present_" + name))
        before = {name: self.part(name, past) for name in CACHES}
        status, written = self.library.run(inputs, shapes, outputs)
        if status != OK:
            return status, None
        self.length = past + x.shape[1]
        for name in CACHES:
            self.caches[name] = outputs["present_" + name]
            expect(written["present_" + name] == [self.batch, GROUPS, self.length, SIZE],
                   "%s has shape %s" % (name, written["present_" + name]))
            now = self.part(name, self.length)[:, :, :past]
            expect(now.tobytes() == before[name].tobytes(), name + ": old rows changed")
        results = {name: self.part(name, self.length) for name in CACHES}
        for name in ("y", "seen"):
            count = int(np.prod(written[name]))
            results[name] = outputs[name].reshape(-1)[:count].reshape(written[name])
        return status, results


class Difference(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Difference(text)


def compare(want, have, exact, what):
    for name in want:
        same = (want[name].tobytes() == have[name].tobytes() if exact else
                np.allclose(want[name], have[name], rtol=1e-4, atol=1e-5))
        expect(want[name].shape == have[name].shape and same,
               "%s: %s differs" % (what, name))


def test(library, reference, batch, fixed):
    """A prompt and steps until the cache is full; the number of runs."""
    random = np.random.default_rng(batch)
    decoders = {how: Decoder(reference if how == "dense" else library, how, batch)
                for how in ("dense", "in place", "in turn")}
    # The last one fills it.
    lengths = [2] if fixed else [5, 1, 1, 5, 5, 5, 5, 5, 1, 3, 5]
    assert fixed or sum(lengths[:-1]) == MOST_PAST
    if fixed:
        for name in CACHES:
            rows = random.normal(0, 1, (batch, GROUPS, 4, SIZE)).astype(np.float32)
            for how, decoder in decoders.items():
                cache = decoder.caches[name]
                if how == "dense":
                    cache.reshape(-1)[:rows.size] = rows.reshape(-1)
                else:
                    cache[:batch, :, :4] = rows
                decoder.length = 4
    for number, rows in enumerate(lengths):
        x = random.normal(0, 1, (batch, rows, WIDTH)).astype(np.float32)
        found = {how: decoder.step(x)[1] for how, decoder in decoders.items()}
        expect(all(result is not None for result in found.values()), "a run fails")
        compare(found["dense"], found["in place"], False, "run %d" % number)
        compare(found["in place"], found["in turn"], True, "run %d in turn" % number)
    decoder = decoders["in place"]
    status, _ = decoder.step(x, 5 if fixed else MOST_PAST + 1)
    expect(status == ERROR_SHAPE, "one row too many has status %d" % status)
    return len(lengths)


def test_overlap(library):
    """Buffers that overlap and are not one are refused."""
    decoder = Decoder(library, "in turn", 1)
    shape = decoder.shapes["present_key_0"]
    memory = np.zeros(2 * int(np.prod(shape)), np.float32)
    decoder.caches["key_0"] = memory[4:][:int(np.prod(shape))].reshape(shape)
    decoder.fresh = lambda name: (memory[:int(np.prod(shape))] if name == "present_key_0"
                                  else np.zeros(decoder.shapes[name], np.float32))
    status, _ = decoder.step(np.zeros((1, 1, WIDTH), np.float32), 2)
    expect(status == ERROR_INVALID_VALUE, "overlapping buffers have status %d" % status)


def test_data(options, library, reference):
    """`cameo-run --test-data` brings dense data where the library has it."""
    decoder = Decoder(Library(reference), "dense", 2)
    random = np.random.default_rng(3)
    decoder.step(random.normal(0, 1, (2, 3, WIDTH)).astype(np.float32))
    x = random.normal(0, 1, (2, 2, WIDTH)).astype(np.float32)
    folder = os.path.join(options.folder, "data")
    os.makedirs(folder, exist_ok=True)
    arrays = [x] + [decoder.part(name, 3) for name in CACHES]
    for i, array in enumerate(arrays):
        np.save(os.path.join(folder, "input_%d.npy" % i), array)
    results = decoder.step(x)[1]
    for i, name in enumerate(["y", "seen"] + CACHES):
        np.save(os.path.join(folder, "output_%d.npy" % i), results[name])
    run([os.path.join(options.bin, "cameo-run"), library, "--test-data", folder])


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Difference("%s\nexit %d\n%s%s" % (" ".join(command), done.returncode,
                                                 done.stdout, done.stderr[:2000]))


def build(options, source, name, flags):
    library = os.path.join(options.folder, name + ".so")
    cameoc = [os.path.join(options.bin, "cameoc"), source, "--quiet", "--name=decoder"]
    if "--emit=cpp" not in flags:
        run([*cameoc, "-o", library, *flags])
        return library
    code = library[:-3] + ".cpp"
    run([*cameoc, "-o", code, *flags])
    run([options.cxx, "-std=c++17", "-O1", "-march=native", "-Wall", "-Wextra", "-Werror",
         "-I" + options.include, "-shared", "-fPIC", code, options.stub, "-o", library])
    return library


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--include", required=True)
    parser.add_argument("--stub", required=True)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    source = os.path.join(options.folder, "decoder.onnx")
    onnx.save(Graph().model(), source)
    kept = "--cache=past_*:present_*"
    kinds = {
        "open": ["--dim=batch=1..%d" % MOST_BATCH, "--dim=past=0..%d" % MOST_PAST,
                 "--dim=rows=1..%d" % MOST_ROWS],
        "fixed": ["--dim=batch=1", "--dim=past=4", "--dim=rows=2"]}
    variants = {"O3": [], "O0": ["-O0"], "threads": ["--threads=2"], "cpp": ["--emit=cpp"]}
    failures = 0
    for kind, dims in kinds.items():
        reference = build(options, source, kind + "-dense", [*dims, "-O0"])
        for variant, flags in variants.items():
            name = "%s-%s" % (kind, variant)
            try:
                path = build(options, source, name, [*dims, kept, *flags])
                library = Library(path)
                expect(library.model.caches_count == len(CACHES), "it has other caches")
                runs = sum(test(library, Library(reference), batch, kind == "fixed")
                           for batch in ([1] if kind == "fixed" else [1, 2]))
                if kind == "open":
                    test_overlap(library)
                    test_data(options, path, reference)
                print("%s: %d runs, ok" % (name, runs))
            except Difference as problem:
                print("%s: %s" % (name, problem))
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
