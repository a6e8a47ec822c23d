#!/usr/bin/env bash
# Says clearly what is missing to build: need.sh go | compiler | node.
set -eu
missing() { echo "make: $1" >&2; exit 1; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

case "$1" in
go)
	command -v go >/dev/null || missing "Go 1.26 or newer is needed: see https://go.dev/dl/"
	version=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
	at_least 1.26 "$version" || missing "Go 1.26 or newer is needed, this is $version: see https://go.dev/dl/"
	;;
compiler)
	command -v "${CC:-gcc}" >/dev/null || missing "a C compiler is needed for SQLite: apt-get install build-essential"
	;;
node)
	hint="apt-get install nodejs npm (Debian 13 and newer), or see https://nodejs.org/"
	command -v node >/dev/null && command -v npm >/dev/null ||
		missing "Node 20.19 or newer with npm is needed to build the page: $hint"
	version=$(node --version | tr -d v)
	at_least 20.19 "$version" || missing "Node 20.19 or newer is needed to build the page, this is $version: $hint"
	;;
esac
