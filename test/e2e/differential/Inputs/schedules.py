#!/usr/bin/env python3
"""Schedules that are dumped and forced, for graphs of graphs.py: what was dumped
gives the same loops; what is forced gives others, and what they compute is what the
reference computes, through both back ends.

    schedules.py FOLDER [--only=GRAPH] [--cxx=COMPILER] [--include=FOLDER]
"""

import os
import re
import sys

import differential
import graphs
from compare import difference

NAMES = ["convolutions", "winograd", "fast_products", "fast_winograd", "products",
         "reductions"]


def emit(source, kind, *flags):
    done = differential.run(["cameoc", source, "--quiet", "--emit=" + kind, "-o", "-",
                             *flags])
    return done.stdout


def smallest_tiles(schedules):
    """Every nest with tiles of one step, in no particular order."""
    def ones(match):
        return "tile = [%s]" % ", ".join("1" for _ in match[1].split(","))
    text = re.sub(r"tile = \[([^\]]*)\]", ones, schedules)
    return re.sub(r" (ahead = \d+|order = \[[^\]]*\]|(run|depth) = \d+ by \d+)", "", text)


def depth_runs(schedules):
    """Every nest whose outermost reduction has an even number of steps: two runs of
    them. Beyond 16 they may be channels of an image in blocks, which are not cut."""
    def halves(match):
        loops, order = ([int(i) for i in match[part].split(",")]
                        for part in ("loops", "order"))
        reductions = [(dim, extent) for dim, extent in enumerate(loops)
                      if dim not in order and dim != int(match["vector"])]
        dim, extent = reductions[0]
        if extent % 2 or (extent > 16 and len(loops) > 3):
            return match[0]
        return "%s depth = %d by %d" % (match[0], dim, extent // 2)
    text = re.sub(r" ((run|depth) = \d+ by \d+|ahead = \d+)", "", schedules)
    return re.sub(r"<loops = \[(?P<loops>[^\]]*)\] vector = (?P<vector>\d+)[^<>]*?"
                  r"order = \[(?P<order>[^\]]*)\]", halves, text)


def dictionary(entries):
    return "{\n%s\n}\n" % ",\n".join('"%s" = #cameo.schedule<%s>' % entry
                                     for entry in entries)


def small_groups(schedules):
    """One row of Winograd tiles at a time, with the nests that follow."""
    keys = re.findall(r'^  "(.*)" = .*algorithm = "(?:fast_)?winograd.*" group = (\d+) ', schedules,
                      re.M)
    return dictionary((key, "group = 1") for key, group in keys if group != "1")


def direct(schedules):
    """All convolutions by their definition."""
    keys = re.findall(r'^  "(.*)" = .*algorithm = "(?!direct)', schedules, re.M)
    return dictionary((key, 'algorithm = "direct"') for key in keys)


def test(options, graph):
    folder, source = differential.write_graph(options, graph)
    flags = graph.flags
    schedules, loops = emit(source, "schedule", *flags), emit(source, "loops", *flags)
    reference = differential.results(options, graph, source, ("O0", ["-O0"], []),
                                     folder)
    failures = []
    ways = [("replayed", schedules), ("smallest", smallest_tiles(schedules)),
            ("groups", small_groups(schedules)), ("direct", direct(schedules))]
    if graph.name in ("convolutions", "products"):
        ways.append(("depth", depth_runs(schedules)))
    for name, text in ways:
        path = os.path.join(folder, name + ".schedule")
        with open(path, "w") as file:
            file.write(text)
        override = "--schedule-override=" + path
        forced = emit(source, "loops", override, *flags)
        changes = '"' in text and name != "replayed"
        if (forced != loops) != changes:
            failures.append("%s: the loops %s" % (
                name, "are the same" if changes else "differ"))
        if not changes:
            continue
        for variant in [("forced", ["-O3", override], []),
                        ("forced-cpp", ["-O3", override, "--emit=cpp"], [])]:
            found = differential.results(options, graph, source, variant, folder)
            for (case, _), wanted, actual in zip(graph.outputs, reference, found):
                wrong = difference(wanted, actual, graph.tolerance)
                if wrong:
                    failures.append("%s, %s: '%s': %s" % (name, variant[0], case,
                                                         wrong))
    for failure in failures:
        print("%s, %s" % (graph.name, failure))
    print("%s: %d failures" % (graph.name, len(failures)))
    return len(failures)


def main():
    parser = differential.make_parser()
    parser.add_argument("--only")
    options = parser.parse_args()
    options.baseline = "native"  # No variant is for another machine.
    chosen = [graph for graph in graphs.all_graphs() if graph.name in NAMES and
              options.only in (None, graph.name)]
    return 1 if sum(test(options, graph) for graph in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
