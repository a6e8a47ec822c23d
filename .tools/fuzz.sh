#!/usr/bin/env bash
# Runs each fuzz target for the given time, one after the other. It runs in the folder of each, because those against
# other implementations are in a module of their own.
set -eu
cd "$(dirname "$0")/.."
grep -rlE '^func Fuzz' --include=*_test.go . | sort | while read -r file; do
	for target in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' "$file"); do
		echo "== $(dirname "$file") $target"
		(cd "$(dirname "$file")" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" .)
	done
done
