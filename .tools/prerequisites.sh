#!/usr/bin/env bash
# Installs the Debian packages that the tests use as real peers. It starts no service of theirs and leaves alone what is
# there; without the rights to install it says what to install.
set -eu
packages=(build-essential git mosquitto mosquitto-clients haproxy microsocks tinyproxy-bin socat mbpoll python3-paho-mqtt python3-pymodbus python3-serial-asyncio libmodbus-dev chromium-headless-shell iproute2 nftables procps
	e2fsprogs mount)

missing=()
for package in "${packages[@]}"; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "apt-get install --no-install-recommends ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
	if ! sudo -n true 2>/dev/null; then
		echo "make: the tests need the packages above: install them as root, then run make test again" >&2
		exit 1
	fi
	as_root=(sudo -n)
fi

# 101 = "not allowed": the maintainer scripts then start nothing. A policy that is there already is kept.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
	"${as_root[@]}" chmod 755 "$policy"
	trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
