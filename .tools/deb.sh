#!/usr/bin/env bash
# Builds the Debian package for this architecture from build/tidegate: deb.sh VERSION.
set -eu
cd "$(dirname "$0")/.."
export ARCH VERSION SOURCE_DATE_EPOCH LIBC
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
# A Debian version starts with a digit; a commit without a tag counts as older than every release, and as newer than the
# commits before it, so that apt sees an upgrade.
VERSION=${1#v}
case "$VERSION" in [0-9]*.*) ;; *) VERSION="0.0.0~git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$VERSION" ;; esac
ARCH=$(dpkg --print-architecture)
# The newest symbol of the C library that the program asks for: an older Debian then refuses it before it cannot start.
LIBC=$(objdump -T build/tidegate | grep -oE 'GLIBC_[0-9.]+' | sort -V | tail -n 1)
LIBC=${LIBC#GLIBC_}
rm -f build/tidegate_*.deb
GOFLAGS="-mod=mod -trimpath" go tool -modfile=.tools/package/go.mod nfpm package --config systemd/package/nfpm.yaml --packager deb --target build/
deb=$(echo build/tidegate_*.deb)
# What a technician installs must be complete: the program, the unit, the start-up file, the user in dialout.
contents=$(dpkg-deb --contents "$deb")
for path in ./usr/bin/tidegate ./usr/lib/systemd/system/tidegate.service ./etc/tidegate/tidegate.yaml; do
	grep -q " $path\$" <<<"$contents" || { echo "$deb lacks $path" >&2; exit 1; }
done
dpkg-deb --field "$deb" Package Version Architecture
