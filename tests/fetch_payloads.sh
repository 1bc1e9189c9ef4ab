#!/bin/sh
# Fetches the real GitHub webhook payloads that tests/runs/intake/test_github_payloads.py sends, into
# .testdeps/ (git-ignored), by npm's ordinary client. Does nothing when they are there.
set -eu
cd "$(dirname "$0")/.."
target=.testdeps/webhooks-examples
version=7.6.1
[ -f "$target/package.json" ] && grep -q "\"version\": \"$version\"" "$target/package.json" && exit 0
rm -rf "$target"
mkdir -p "$target"
cd "$target"
npm pack --silent --ignore-scripts "@octokit/webhooks-examples@$version" >/dev/null
tar -xzf octokit-webhooks-examples-"$version".tgz --strip-components=1
rm octokit-webhooks-examples-"$version".tgz
echo "GitHub payloads are in $target"
