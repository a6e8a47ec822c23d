#!/usr/bin/env bash
# Runs each fuzz target for the given time, one after the other.
set -eu
cd "$(dirname "$0")/.."
grep -rlE '^func Fuzz' --include=*_test.go . | grep -v mqtttest/peers | sort | while read -r file; do
	for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' "$file"); do
		echo "== $(dirname "$file") $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$(dirname "$file")"
	done
done
