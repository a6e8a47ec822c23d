#!/usr/bin/env bash
# Builds the Debian package for this architecture from build/tidegate: deb.sh VERSION.
set -eu
cd "$(dirname "$0")/.."
# A Debian version starts with a digit; a commit without a tag counts as older than every release.
version=${1#v}
case "$version" in [0-9]*.*) ;; *) version="0.0.0~git$version" ;; esac
export ARCH VERSION=$version SOURCE_DATE_EPOCH
ARCH=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
rm -f build/tidegate_*.deb
GOFLAGS=-mod=mod go tool -modfile=.tools/package/go.mod nfpm package --config systemd/package/nfpm.yaml --packager deb --target build/
deb=$(echo build/tidegate_*.deb)
# What a technician installs must be complete: the program, the unit, the start-up file, the user in dialout.
contents=$(dpkg-deb --contents "$deb")
for path in ./usr/bin/tidegate ./usr/lib/systemd/system/tidegate.service ./etc/tidegate/tidegate.yaml; do
	grep -q " $path\$" <<<"$contents" || { echo "$deb lacks $path" >&2; exit 1; }
done
dpkg-deb --field "$deb" Package Version Architecture
