"""Runs WebAssembly with the package `wasmtime`.

    python3 ci/wasm.py exports MODULE           each function that is exported as `test_...`
    python3 ci/wasm.py tests LIST MODULE        a test program for WASI: each test that LIST names, on every heap
    python3 ci/wasm.py run MODULE [ARGUMENT...] a program for WASI, as a runner of cargo

Each test has an instance of its own, so a trap, which is what a panic is there, ends nothing else.
"""

import os
import sys
import tempfile

import wasmtime


def load(path):
    config = wasmtime.Config()
    config.cache = True
    engine = wasmtime.Engine(config)
    return engine, wasmtime.Module.from_file(engine, path)


def run_program(engine, module, arguments, output=None):
    """Runs a program to its end. Its exit code, or what trapped."""
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = arguments
    if output:
        wasi.stdout_file = wasi.stderr_file = output
    else:
        wasi.inherit_stdout()
        wasi.inherit_stderr()
        wasi.inherit_env()
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except wasmtime.ExitTrap as trap:
        return trap.code
    except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
        return str(trap)
    return 0


def run_captured(engine, module, arguments):
    """As `run_program`; also what it says."""
    with tempfile.TemporaryDirectory() as directory:
        output = os.path.join(directory, "output")
        result = run_program(engine, module, arguments, output)
        with open(output, errors="replace") as file:
            return result, file.read()


def report(results):
    """Prints each result, a name and what went wrong, and sums up. The exit code."""
    passed, failed = 0, 0
    for name, error in results:
        if error:
            print(f"{name} ... FAILED\n{error}")
            failed += 1
        else:
            passed += 1
    print(f"{passed} passed; {failed} failed")
    return 1 if failed or not passed else 0


def exports(path):
    engine, module = load(path)
    for name in [export.name for export in module.exports if export.name.startswith("test_")]:
        store = wasmtime.Store(engine)
        try:
            wasmtime.Instance(store, module, []).exports(store)[name](store)
            yield name, None
        except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
            yield name, trap


def tests(listed, path):
    engine, module = load(path)
    with open(listed) as file:
        wanted = {line.strip() for line in file if not line.startswith("#")}
    _, told = run_captured(engine, module, ["tests", "--list"])
    names = [line.removesuffix(": test") for line in told.splitlines() if line.endswith(": test")]
    # Without the name of the heap.
    missing = wanted - {name.partition("::")[2] for name in names}
    for name in sorted(missing):
        yield name, "there is no such test"
    for name in names:
        if name.partition("::")[2] in wanted:
            code, told = run_captured(engine, module, ["tests", "--exact", name])
            yield name, None if code == 0 and "1 passed" in told else f"{told}{code}"


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "exports":
        sys.exit(report(exports(*arguments)))
    if what == "tests":
        sys.exit(report(tests(*arguments)))
    result = run_program(*load(arguments[0]), arguments)
    sys.exit(result if isinstance(result, int) else f"{result}")
