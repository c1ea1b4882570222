#!/usr/bin/env bash
# The models of src/raw/models: what threads do to each other, in every interleaving within a bound.
#
#   ci/loom.sh [FILTER]           under loom
#   ci/loom.sh small [FILTER]     under loom, with limits that the models come to (`cfg(gc_small_limits)`)
#   ci/loom.sh real [FILTER]      on real threads
#   ci/loom.sh mutants [MARK...]  weakens one ordering at a time, as docs/INTERNALS.md ("Orderings") lists them, and
#                                 expects the model named there to fail
#   ci/loom.sh marks              every ordering in the source has a mark, and every mark is in the table
source "$(dirname "$0")/lib.sh"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/loom

run() {
    cargo test --release --quiet --manifest-path "$1/tests/loom/Cargo.toml" -- "${@:2}"
}

# mutant MARK CHANGE MODEL: applies CHANGE to the line with the mark, in a copy, and runs the model.
mutant() {
    local mark=$1 change=$2 model=$3 copy=$CARGO_TARGET_DIR/mutant file script log status=0
    rm -rf "$copy" && mkdir -p "$copy/src" "$copy/tests"
    cp -r src/raw "$copy/src/" && cp -r tests/loom "$copy/tests/"
    file=$(grep -rlF "// [$mark]" "$copy/src" "$copy/tests" || true)
    if [[ $change == removed ]]; then
        script="/\[$mark\]/d"
    else
        script="/\[$mark\]/s/Ordering::[A-Za-z]*/Ordering::$change/"
    fi
    [[ -n $file ]] && sed -i "$script" $file
    if [[ -z $file ]] || diff -rq src/raw "$copy/src/raw" >/dev/null; then
        echo "$mark: there is nothing to change" && return 1
    fi
    log=$copy/log
    # However long it takes to compile: only the model is timed.
    local test=(cargo test --release --quiet --manifest-path "$copy/tests/loom/Cargo.toml")
    export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/mutants
    "${test[@]}" --no-run >"$log" 2>&1 || { echo "$mark $change: does not compile ($log)" && return 1; }
    timeout 300 "${test[@]}" -- --exact "raw::models::$model" >"$log" 2>&1 || status=$?
    if grep -q "1 failed" "$log" || { [[ $status != 0 ]] && grep -q "running 1 test" "$log"; }; then
        echo "$mark $change: $model fails, as it should"
    else
        echo "$mark $change: $model does NOT fail (exit code $status, $log)" && return 1
    fi
}

# marks: what is wrong with them.
marks() {
    local unmarked
    unmarked=$(grep -rnE 'Ordering::(Acquire|Release|AcqRel|SeqCst)|fence\(Ordering' src --include='*.rs' | grep -vE '\[O[0-9]+\]|^src/(testing|raw/models|raw/base/sync.rs)|/tests.rs:' || true)
    [[ -z $unmarked ]] || { echo "orderings without a mark:" && echo "$unmarked" && return 1; }
    # `O1` is the example in sync.rs.
    diff <(grep -rhoE '\[O[0-9]+\]' src | tr -d '[]' | grep -vx O1 | sort -u) <(grep -oE '^\| `O[0-9]+` \|' docs/INTERNALS.md | tr -d '|` ' | sort -u) \
        || { echo "the marks in src (<) are not those of docs/INTERNALS.md (>)" && return 1; }
}

case ${1:-} in
    marks) marks ;;
    small) RUSTFLAGS="--cfg loom --cfg gc_small_limits" CARGO_TARGET_DIR=$CARGO_TARGET_DIR/small run . "${@:2}" ;;
    real) run . "${@:2}" ;;
    mutants)
        export RUSTFLAGS="--cfg loom"
        failed=0
        marks || failed=1
        # | `O1` | place | ordering | partner | weakened to | model |
        while IFS='|' read -r _ mark _ _ _ change model _; do
            mark=$(tr -d ' `' <<<"$mark") change=$(tr -d ' `' <<<"$change") model=$(tr -d ' `' <<<"$model")
            [[ $# -eq 1 || " ${*:2} " == *" $mark "* ]] || continue
            [[ $change != – ]] || continue
            (mutant "$mark" "$change" "$model") || failed=1
        done < <(grep -E '^\| `O[0-9]+` \|' docs/INTERNALS.md)
        exit "$failed" ;;
    *) marks && RUSTFLAGS="--cfg loom" run . "$@" ;;
esac
