#!/usr/bin/env python3
"""The collector on real heaps against CPython's: one full collection of the same graph, with everything alive.

    cargo build --release --example replay && python3 benches/replay.py [--rounds N] [--check] [--replay FILE] [HEAP...]

HEAP is a file as `replay` reads them; without any, the one that it comes with is taken. CPython builds the graph of lists,
with an integer for each object that it had not tracked, and `gc.collect()` goes through it; `replay` says what it measures.
Each round runs both, in processes of their own. Times are in nanoseconds of the wall clock per tracked object, medians of the
rounds. With `--check` the exit code is 1 if the project's target is missed.
"""

import argparse
import array
import gc
import gzip
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 0.25  # times CPython's
COLLECTIONS = 30


def collect_in_cpython(path):
    """Builds the graph and prints the median time of a collection, per tracked object."""
    gc.disable()
    with gzip.open(path) as file:
        head = json.loads(file.readline())
        nodes, tracked = head["nodes"], head["tracked"]

        def words(number):
            data = array.array("I")
            data.frombytes(file.read(4 * number))
            if sys.byteorder == "big":
                data.byteswap()
            return data

        _types, external, _sizes = words(nodes), words(nodes), words(nodes)
        offsets, targets = words(nodes + 1), words(head["edges"])
    objects = [[] if node < tracked else node << 32 for node in range(nodes)]
    for node in range(tracked):
        objects[node].extend(objects[target] for target in targets[offsets[node] : offsets[node + 1]])
    _roots = [made for made, held in zip(objects, external) if held]
    del objects
    gc.collect()
    times = []
    for _ in range(COLLECTIONS):
        start = time.perf_counter_ns()
        gc.collect()
        times.append(time.perf_counter_ns() - start)
    print(statistics.median(times) / tracked)


def output(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="compare with the project's target")
    parser.add_argument("--replay", default=ROOT / "target" / "release" / "examples" / "replay", metavar="FILE")
    parser.add_argument("--cpython", metavar="HEAP", help=argparse.SUPPRESS)
    parser.add_argument("heaps", nargs="*", type=Path, metavar="HEAP")
    args = parser.parse_args()
    if args.cpython:
        return collect_in_cpython(args.cpython)
    if args.rounds < 1:
        parser.error("--rounds: at least one")
    if not Path(args.replay).is_file():
        parser.error(f"{args.replay}: not there; `cargo build --release --example replay` makes it")
    heaps = args.heaps or [ROOT / "examples" / "replay" / "stdlib.heap.gz"]

    samples = {}
    for _ in range(args.rounds):
        for heap in heaps:
            # First, as it says what is wrong with a file.
            ours = output([args.replay, heap, "--json"])["collect_ns_per_tracked"]
            theirs = output([sys.executable, __file__, "--cpython", heap])
            samples.setdefault(heap, []).append((theirs, ours))

    missed = False
    version = ".".join(map(str, sys.version_info[:2]))
    print(f"| heap | CPython {version} | tricycle | tricycle / CPython |")
    print("|---|---:|---:|---:|")
    for heap in heaps:
        theirs, ours = map(statistics.median, zip(*samples[heap]))
        print(f"| {heap.name.removesuffix('.heap.gz')} | {theirs:.0f} | {ours:.0f} | {ours / theirs:.2f} |")
        missed |= ours / theirs > LIMIT
    sys.exit(args.check and missed)


main()
