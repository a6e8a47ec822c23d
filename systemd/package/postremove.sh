#!/bin/sh
set -e
case "$1" in
remove)
	if command -v deb-systemd-helper >/dev/null; then
		deb-systemd-helper mask tidegate.service >/dev/null || true
	fi
	;;
purge)
	if command -v deb-systemd-helper >/dev/null; then
		deb-systemd-helper purge tidegate.service >/dev/null || true
		deb-systemd-helper unmask tidegate.service >/dev/null || true
	fi
	rm -rf /var/lib/tidegate /etc/tidegate
	;;
esac
if [ -d /run/systemd/system ]; then
	systemctl --system daemon-reload >/dev/null || true
fi
