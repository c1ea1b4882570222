#!/usr/bin/env bash
# What a change does to the public API: compares it with that of another revision, and says what breaks users. (The derive has no
# API that could be compared; tests/ui and tests/derive are about it.)
#
#   ci/semver.sh REVISION                          a tag, a branch or a commit of this repository
#   ci/semver.sh REVISION --release-type minor     as for a release that is at least that
source "$(dirname "$0")/lib.sh"
need_cargo semver-checks

[[ $# -gt 0 ]] || { echo "usage: ci/semver.sh REVISION [ARGUMENTS of cargo semver-checks]" >&2; exit 2; }
revision=$(git rev-parse --verify "$1^{commit}")
cargo semver-checks --package tricycle --baseline-rev "$revision" --all-features "${@:2}"
