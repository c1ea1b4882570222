"""Runs WebAssembly with the package `wasmtime`.

    python3 ci/wasm.py MODULE [ARGUMENT...]     a program for WASI, as a runner of cargo
    python3 ci/wasm.py --exports MODULE         each function that is exported as `test_...`; a trap is a failure
"""

import sys

import wasmtime


def run_program(module, arguments):
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [module, *arguments]
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.inherit_env()
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, module))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as exit:
        return exit.code
    return 0


def run_exports(path):
    engine = wasmtime.Engine()
    module = wasmtime.Module.from_file(engine, path)
    names = [export.name for export in module.exports if export.name.startswith("test_")]
    failed = 0
    for name in names:
        store = wasmtime.Store(engine)
        try:
            wasmtime.Instance(store, module, []).exports(store)[name](store)
            print(f"{name} ... ok")
        except (wasmtime.Trap, wasmtime.WasmtimeError) as trap:
            print(f"{name} ... FAILED\n{trap}")
            failed += 1
    print(f"{len(names) - failed} passed; {failed} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    if sys.argv[1] == "--exports":
        sys.exit(run_exports(sys.argv[2]))
    sys.exit(run_program(sys.argv[1], sys.argv[2:]))
