#!/bin/sh
# Fetches a real event log that bench/replay_log.py replays, into .testdeps/ (git-ignored), by npm's ordinary client:
# "Receipt phase of an environmental permit application process (WABO), CoSeLoG project", J. Buijs, 2014,
# https://doi.org/10.4121/uuid:a07386a5-7be3-4367-9535-70bc9e77dbe6, as the package pm4js (BSD-3-Clause) ships it.
# Does nothing when it is there.
set -eu
cd "$(dirname "$0")/.."
target=.testdeps/event-log
version=0.0.28
[ -f "$target/receipt.csv" ] && exit 0
rm -rf "$target"
mkdir -p "$target"
cd "$target"
npm pack --silent --ignore-scripts "pm4js@$version" >/dev/null
tar -xzf pm4js-"$version".tgz --strip-components=3 package/examples/input_data/receipt.csv
rm pm4js-"$version".tgz
echo "The event log is in $target"
