#!/usr/bin/env bash
# Builds the Debian package for this architecture from build/tidegate: deb.sh VERSION. It is the same to the byte for the
# same commit and program.
set -eu
cd "$(dirname "$0")/.."
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
# A Debian version starts with a digit; a commit without a tag counts as older than every release, and as newer than the
# commits before it, so that apt sees an upgrade.
VERSION=${1#v}
case "$VERSION" in [0-9]*.*) ;; *) VERSION="0.0.0~git$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$VERSION" ;; esac
ARCH=$(dpkg --print-architecture)
# The newest symbol of the C library that the program asks for: an older Debian then refuses it before it cannot start.
LIBC=$(objdump -T build/tidegate | grep -oE 'GLIBC_[0-9.]+' | sort -V | tail -n 1)
LIBC=${LIBC#GLIBC_}

# What a technician installs, complete: the program, the unit, the start-up file, the user in dialout.
root=build/package
rm -rf "$root" build/tidegate_*.deb
install -D -m 755 build/tidegate "$root/usr/bin/tidegate"
install -D -m 644 systemd/tidegate.service "$root/usr/lib/systemd/system/tidegate.service"
install -D -m 644 systemd/tidegate.sysusers "$root/usr/lib/sysusers.d/tidegate.conf"
install -D -m 644 systemd/package/tidegate.yaml "$root/etc/tidegate/tidegate.yaml"
install -D -m 644 README.md "$root/usr/share/doc/tidegate/README.md"
install -D -m 644 LICENSE "$root/usr/share/doc/tidegate/copyright"
find "$root" -type d -exec chmod 755 {} +
SIZE=$(du -sk --apparent-size "$root" | cut -f 1)

mkdir "$root/DEBIAN"
chmod 755 "$root/DEBIAN"
(cd "$root" && find etc usr -type f -printf '%p\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
install -m 755 -t "$root/DEBIAN" systemd/package/DEBIAN/{postinst,prerm,postrm}
install -m 644 -t "$root/DEBIAN" systemd/package/DEBIAN/conffiles
sed -e "s/\${VERSION}/$VERSION/; s/\${ARCH}/$ARCH/; s/\${LIBC}/$LIBC/; s/\${SIZE}/$SIZE/" systemd/package/DEBIAN/control >"$root/DEBIAN/control"
chmod 644 "$root/DEBIAN/md5sums" "$root/DEBIAN/control"
deb="build/tidegate_${VERSION}_$ARCH.deb"
# xz, the default, saves a quarter of the size and takes five times as long.
dpkg-deb --root-owner-group -Zgzip --build "$root" "$deb"
rm -rf "$root"
dpkg-deb --field "$deb" Package Version Architecture
