#!/bin/sh
set -e
if [ "$1" = configure ]; then
	if ! getent passwd tidegate >/dev/null; then
		adduser --quiet --system --group --home /var/lib/tidegate --no-create-home tidegate
	fi
	if ! id -nG tidegate | grep -qw dialout; then
		adduser --quiet tidegate dialout || true
	fi
	if command -v deb-systemd-helper >/dev/null; then
		deb-systemd-helper unmask tidegate.service >/dev/null || true
		deb-systemd-helper enable tidegate.service >/dev/null || true
	fi
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		deb-systemd-invoke restart tidegate.service >/dev/null || true
		# The link with the set-up token; the service needs a moment to make it.
		for _ in 1 2 3 4 5; do
			tidegate setup 2>/dev/null && break
			sleep 1
		done
	else
		echo "tidegate is installed; after the next start 'tidegate setup' prints the link to set it up"
	fi
fi
