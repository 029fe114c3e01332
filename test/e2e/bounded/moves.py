"""Movement over open dimensions, and loops over them."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def split(n):
    """Along open dimensions and beside them."""
    x = n.input("x", "b", "s", 6)
    for part in n.op("Split", x, n.ints(2, 4), outputs=2, axis=2):
        n.output(part, 3)
    for part in n.op("Split", x, n.op("Concat", n.ints(1), n.op(
            "Sub", n.dim(x, 1), n.ints(1)), axis=0), outputs=2, axis=1):
        n.output(part, 3)
    for part in n.op("Split", x, outputs=3, axis=1, num_outputs=3):
        n.output(part, 3)
    n.opset = 18


def pads(n):
    """Modes that repeat elements; pads from shapes; pads that remove."""
    x = n.input("x", "b", 2, "t")
    for mode in ("reflect", "edge", "wrap"):
        n.output(n.op("Pad", x, n.ints(0, 0, 2, 0, 0, 1), mode=mode), 3)
        n.output(n.op("Pad", x, n.ints(0, 1, 1, 0, 0, -2), mode=mode), 3)
    n.output(n.op("Pad", x, n.ints(0, 1, -1, 0, 0, 3)), 3)
    rest = n.op("Sub", n.ints(20), n.dim(x, 2))
    computed = n.op("Concat", n.ints(0, 0, 0, 0, 0), rest, axis=0)
    n.output(n.op("Pad", x, computed, n.const(np.float32(2))), 3)
    y = n.op("Conv", n.op("Pad", x, n.ints(0, 0, 2, 0, 0, 2), mode="reflect"),
             n.weight(3, 2, 5), strides=[2])
    n.output(y, 3)
    n.opset = 19


def resize(n):
    """To sizes of other tensors and to fixed ones; aligned; by fractions."""
    x, like = n.input("x", "b", 2, "h", "w"), n.input("like", 1, 1, "i", "j")
    sizes = n.op("Concat", n.dim(x, 0), n.ints(2), n.dim(like, 2), n.dim(like, 3),
                 axis=0)
    fixed = n.op("Concat", n.dim(x, 0), n.ints(2, 5, 7), axis=0)
    for kind in (sizes, fixed):
        for mode in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            n.output(n.op("Resize", x, "", "", kind, mode="linear",
                          coordinate_transformation_mode=mode), 4)
        n.output(n.op("Resize", x, "", "", kind, mode="nearest"), 4)
        n.output(n.op("Resize", x, "", "", kind, mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="asymmetric"), 4)
        n.output(n.op("Resize", x, "", "", kind, mode="cubic"), 4)
    for scale in (1.5, 0.6, 2.0):
        scales = n.const(np.array([1, 1, scale, scale], np.float32))
        n.output(n.op("Resize", x, "", scales, mode="linear"), 4)
        n.output(n.op("Resize", x, "", scales, mode="linear",
                      coordinate_transformation_mode="align_corners"), 4)
        n.output(n.op("Resize", x, "", scales, mode="nearest", nearest_mode="floor",
                      coordinate_transformation_mode="asymmetric"), 4)


def scatters(n):
    """Updates beyond their extents go nowhere."""
    x = n.input("x", "b", "s", 3)
    u, i = n.input("u", "b", "m", 3), n.input("i", "b", "m", 3, low=-1, high=2)
    for reduction in ("add", "max"):
        n.output(n.op("ScatterElements", x, i, u, axis=1, reduction=reduction), 3)
    table = n.weight(4, 3)
    j, rows = n.input("j", "m", 1, low=-4, high=4), n.input("rows", "m", 3)
    n.output(n.op("ScatterND", table, j, rows, reduction="add"), 2)
    n.output(n.op("ScatterND", x, n.op("Concat", n.op("Mul", j, n.ints(0)), n.op(
        "Mul", j, n.ints(0)), axis=1), rows, reduction="mul"), 3)
    n.output(n.op("GatherElements", x, i, axis=1), 3)
    lengths = n.op("Expand", n.ints(2), n.dim(x, 0))
    n.output(n.op("ReverseSequence", x, lengths, batch_axis=0, time_axis=1), 3)
    n.opset = 18


def blocks(n):
    x = n.input("x", "b", 4, "h", "w")
    n.output(n.op("DepthToSpace", x, blocksize=2), 4)
    even = n.op("Concat", x, x, axis=2)
    n.output(n.op("SpaceToDepth", n.op("Concat", even, even, axis=3), blocksize=2), 4)


def make_graph(nodes, inputs, outputs):
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    return helper.make_graph(nodes, "body", [value(name) for name in inputs],
                             [value(name) for name in outputs])


def scan(n):
    """Over an open length, forwards and backwards, beside an open batch."""
    x, state = n.input("x", "b", "s", 3), n.input("state", "b", 3)
    body = make_graph([
        helper.make_node("Add", ["before", "element"], ["sum"]),
        helper.make_node("Tanh", ["sum"], ["after"]),
        helper.make_node("ReduceMax", ["after"], ["most"], axes=[0], keepdims=0),
    ], ["before", "element"], ["after", "most"])
    for direction in (0, 1):
        last, collected = n.op(
            "Scan", state, x, outputs=2, body=body, num_scan_inputs=1,
            scan_input_axes=[1], scan_input_directions=[direction],
            scan_output_directions=[direction])
        n.output(last, 2)
        n.output(collected, 2)


def make_loop(nodes, x, collects):
    """A body that adds the rows of `x` to a state and may collect its sums."""
    graph = make_graph([
        *nodes,
        helper.make_node("Gather", [x, "i"], ["row"], axis=0),
        helper.make_node("Mul", ["before", "row"], ["scaled"]),
        helper.make_node("Add", ["scaled", "row"], ["next"]),
        helper.make_node("ReduceSum", ["next"], ["total"], keepdims=0),
    ], [], [])
    graph.input.extend([
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("before", TensorProto.FLOAT, None)])
    graph.output.extend([
        helper.make_tensor_value_info("on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("next", TensorProto.FLOAT, None)])
    if collects:
        graph.output.append(helper.make_tensor_value_info("total", TensorProto.FLOAT, []))
    return graph


def loop(n):
    """As many iterations as an extent says; a condition; an outer open tensor."""
    x = n.input("x", "s", 3)
    trips = n.op("Squeeze", n.dim(x, 0), n.ints(0))
    same = [helper.make_node("Identity", ["go"], ["on"])]
    last, totals = n.op("Loop", trips, "", x, outputs=2,
                        body=make_loop(same, x, collects=True))
    n.output(last, 2)
    n.output(totals, 1)
    until = [helper.make_node("Less", ["i", n.const(np.int64(1))], ["on"])]
    n.output(n.op("Loop", trips, n.const(np.bool_(True)), x,
                  body=make_loop(until, x, collects=False)), 2)


def loop_until(n):
    """Values are collected until data says that it is enough."""
    x, start = n.input("x", "s", 3), n.input("start", 3)
    enough = n.const(np.float32(0.2))
    until = [helper.make_node("Gather", [x, "i"], ["here"], axis=0),
             helper.make_node("ReduceSum", ["here"], ["sum"], keepdims=0),
             helper.make_node("Less", ["sum", enough], ["on"])]
    trips = n.op("Squeeze", n.dim(x, 0), n.ints(0))
    last, totals = n.op("Loop", trips, n.const(np.bool_(True)), start, outputs=2,
                        body=make_loop(until, x, collects=True))
    n.output(last, 1)
    n.output(totals, 1)
    n.output(n.op("ReduceMax", totals, keepdims=0), 0)

    def reference(inputs):
        x, state, totals = inputs["x"], inputs["start"], []
        for row in x:
            state = state * row + row
            totals.append(state.sum())
            if not row.sum() < np.float32(0.2):
                break
        return [state, np.array(totals), np.max(totals)]

    n.reference = reference


def loop_growing(n):
    """A state with a row more in every iteration, as decoders keep what they have."""
    x, start = n.input("x", "s", 3), n.input("start", "p", 3)
    trips = n.op("Squeeze", n.dim(x, 0), n.ints(0))
    axes, empty = n.ints(0), n.const(np.zeros((0, 3), np.float32))
    limit = n.const(np.float32(2.5))

    def body(condition):
        graph = make_graph([
            *condition,
            helper.make_node("Gather", [x, "i"], ["row"], axis=0),
            helper.make_node("Unsqueeze", ["row", axes], ["wide"]),
            helper.make_node("Concat", ["before", "wide"], ["after"], axis=0),
            helper.make_node("ReduceSum", ["after"], ["total"], keepdims=0),
        ], [], [])
        value = helper.make_tensor_value_info
        graph.input.extend([value("i", TensorProto.INT64, []),
                            value("go", TensorProto.BOOL, []),
                            value("before", TensorProto.FLOAT, None)])
        graph.output.extend([value("on", TensorProto.BOOL, []),
                             value("after", TensorProto.FLOAT, None),
                             value("total", TensorProto.FLOAT, [])])
        return graph

    same = [helper.make_node("Identity", ["go"], ["on"])]
    until = [helper.make_node("ReduceSum", ["before"], ["sum"], keepdims=0),
             helper.make_node("Less", ["sum", limit], ["on"])]
    for first, condition, go in ((empty, same, ""), (start, same, ""),
                                 (start, until, n.const(np.bool_(True)))):
        rows, totals = n.op("Loop", trips, go, first, outputs=2, body=body(condition))
        n.output(rows, 2)
        n.output(totals, 1)
        n.output(n.op("ReduceMax", rows, axes=[0], keepdims=0), 1)

    def reference(inputs):
        x, results = inputs["x"], []
        for rows, stops in ((np.zeros((0, 3), np.float32), False),
                            (inputs["start"], False), (inputs["start"], True)):
            totals = []
            for row in x:
                goes_on = rows.sum() < np.float32(2.5)
                rows = np.concatenate([rows, row[None]])
                totals.append(rows.sum())
                if stops and not goes_on:
                    break
            results.extend([rows, np.array(totals), rows.max(0)])
        return results

    n.reference = reference


def computed(n):
    """Parts and numbers of results that data says, in dimensions of any kind."""
    x = n.input("x", "s", 4)
    a, b = n.input("a", 1, low=-6, high=7), n.input("b", 1, low=-6, high=7)
    part = n.op("Slice", x, a, b, n.ints(0))
    n.output(part, 2)
    n.output(n.op("ReduceSum", part, n.ints(0), keepdims=0), 1)
    rows = n.weight(5, 3)
    table = numpy_helper.to_array(n.constants[-1])
    n.output(n.op("Slice", rows, a, b, n.ints(0)), 2)
    n.output(n.op("Slice", x, a, b, n.ints(0), n.ints(-1)), 2)
    k = n.input("k", 1, low=1, high=4)
    values, places = n.op("TopK", x, k, outputs=2, axis=1)
    n.output(values, 2)
    n.output(n.op("Dropout", x, n.const(np.float32(0.4))), 2)

    def reference(inputs):
        x, a, b, k = (inputs[name] for name in ("x", "a", "b", "k"))
        a, b, k = int(a[0]), int(b[0]), int(k[0])

        def backwards(y):
            extent = len(y)
            start = min(max(a + extent if a < 0 else a, 0), extent - 1)
            end = min(max(b + extent if b < 0 else b, -1), extent - 1)
            return y[[i for i in range(start, end, -1)]]

        return [x[a:b], x[a:b].sum(0), table[a:b], backwards(x),
                -np.sort(-x, axis=1)[:, :k], x]

    n.reference = reference


# Options, sizes (the bound first) and graph.
CASES = {
    "split": (["--dim=b=1..2", "--dim=s=3..11"], [
        {"b": 2, "s": 11}, {"b": 1, "s": 6}, {"b": 2, "s": 3}], split),
    "pads": (["--dim=b=1..2", "--dim=t=5..20"], [
        {"b": 2, "t": 20}, {"b": 1, "t": 9}, {"b": 2, "t": 5}], pads),
    "resize": (["--dim=b=1..2", "--dim=h=1..9", "--dim=w=2..7", "--dim=i=1..12",
                "--dim=j=1..9"], [
        {"b": 2, "h": 9, "w": 7, "i": 12, "j": 9}, {"b": 1, "h": 4, "w": 5, "i": 7, "j": 3},
        {"b": 2, "h": 5, "w": 2, "i": 1, "j": 8}], resize),
    "scatters": (["--dim=b=1..2", "--dim=s=2..9", "--dim=m=1..5"], [
        {"b": 2, "s": 9, "m": 5}, {"b": 1, "s": 4, "m": 3}, {"b": 2, "s": 2, "m": 1}],
        scatters),
    "blocks": (["--dim=b=1..2", "--dim=h=1..5", "--dim=w=1..6"], [
        {"b": 2, "h": 5, "w": 6}, {"b": 1, "h": 2, "w": 3}], blocks),
    "scan": (["--dim=b=1..3", "--dim=s=1..40"], [
        {"b": 3, "s": 40}, {"b": 2, "s": 7}, {"b": 1, "s": 1}], scan),
    "computed": (["--dim=s=1..9"], [{"s": 9}, {"s": 5}, {"s": 4}, {"s": 1}, {"s": 7}],
                 computed),
    "loop": (["--dim=s=2..30"], [{"s": 30}, {"s": 5}, {"s": 2}], loop),
    "loop_growing": (["--dim=s=1..30", "--dim=p=1..5"], [
        {"s": 30, "p": 5}, {"s": 7, "p": 2}, {"s": 1, "p": 1}], loop_growing),
    "loop_until": (["--dim=s=1..30"], [{"s": 30}, {"s": 7}, {"s": 2}, {"s": 1}],
                   loop_until),
}
