#!/usr/bin/env python3
"""minipy against CPython: medians of whole processes, interleaved, and peak memory.

    cargo build --release -p minipy && python3 benches/minipy.py [--rounds N] [--check] [--minipy FILE] [PROGRAM...]

Times are in milliseconds of the wall clock, memory is the largest resident set in MiB, as the kernel counts it. With
`--check` the exit code is 1 if one of the project's targets is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "examples" / "minipy" / "programs"

# At most so many times CPython's time, on `local`.
LIMITS = {
    "gc_collect": 0.5,
    "gc_traversal": 0.5,
    "gcbench": 1.0,
    "binary_trees": 1.0,
    "richards": 2.5,
    "deltablue": 2.5,
}
BIASED_LIMIT = 1.3  # times `local`, one thread
POOL_LIMIT = 1.7  # two threads against one, `biased`
MEMORY_LIMIT = 1.0  # times CPython's, gcbench


def run(command):
    """Runs a process. Its milliseconds and MiB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit code {process.returncode}")
    return elapsed * 1e3, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="compare with the project's targets")
    parser.add_argument("--minipy", default=ROOT / "target" / "release" / "minipy", metavar="FILE")
    parser.add_argument("programs", nargs="*", choices=[*LIMITS, "cpu_pool", []], default=[], metavar="PROGRAM")
    args = parser.parse_args()
    if not Path(args.minipy).is_file():
        parser.error(f"{args.minipy}: not there; `cargo build --release -p minipy` makes it")
    wanted = args.programs or [*LIMITS, "cpu_pool"]

    def minipy(heap, name, *rest):
        return [args.minipy, "--heap", heap, PROGRAMS / f"{name}.py", *rest]

    samples = {}
    for _ in range(args.rounds):
        for name in wanted:
            if name == "cpu_pool":
                for threads in ("1", "2"):
                    command = minipy("biased", "threads/cpu_pool", threads, "40")
                    samples.setdefault((name, threads), []).append(run(command))
                continue
            samples.setdefault((name, "python"), []).append(run([sys.executable, PROGRAMS / f"{name}.py"]))
            for heap in ("local", "biased"):
                samples.setdefault((name, heap), []).append(run(minipy(heap, name)))

    def median(name, which, index=0):
        return statistics.median(sample[index] for sample in samples[name, which])

    missed = []

    def ratio(title, value, limit, met):
        if not met:
            missed.append(f"{title}: {value:.2f}, not {limit}")
        return f"{value:.2f}"

    version = ".".join(map(str, sys.version_info[:2]))
    print(f"| program | CPython {version} | local | biased | local / CPython | biased / local | memory, local / CPython |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in wanted:
        if name == "cpu_pool":
            continue
        python, local, biased = (median(name, which) for which in ("python", "local", "biased"))
        to_python, to_local = local / python, biased / local
        memory = median(name, "local", 1) / median(name, "python", 1)
        print(
            f"| {name} | {python:.0f} | {local:.0f} | {biased:.0f}"
            f" | {ratio(name, to_python, LIMITS[name], to_python <= LIMITS[name])}"
            f" | {ratio(f'{name}, biased', to_local, BIASED_LIMIT, to_local <= BIASED_LIMIT)}"
            f" | {ratio(f'{name}, memory', memory, MEMORY_LIMIT, name != 'gcbench' or memory <= MEMORY_LIMIT)} |"
        )
    if "cpu_pool" in wanted:
        times = median("cpu_pool", "1") / median("cpu_pool", "2")
        print(f"\ncpu_pool on biased, two threads: {ratio('cpu_pool', times, POOL_LIMIT, times >= POOL_LIMIT)} times as fast as one.")
    if args.check:
        for line in missed:
            print(f"missed: {line}", file=sys.stderr)
        sys.exit(bool(missed))


main()
