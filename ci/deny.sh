#!/usr/bin/env bash
# The dependencies: known vulnerabilities, licences, sources, versions. deny.toml says what is accepted. Needs the network, for
# the advisory database.
#
#   ci/deny.sh                     everything
#   ci/deny.sh licenses sources    some of it: advisories, bans, licenses, sources
source "$(dirname "$0")/lib.sh"
need_cargo deny

cargo deny --workspace check "$@"
