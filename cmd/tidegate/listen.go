package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// off switches a listener off.
const off = "off"

func validateAddress(address string) error {
	if address == off {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not an address: use host:port, :port or off", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", address)
	}
	return nil
}

// listen opens a TCP listener; it returns nil for "off". A taken port is an error that names it, or, with anyPort, is
// replaced by a free one.
func listen(ctx context.Context, what, address string, anyPort bool) (net.Listener, error) {
	if address == off {
		return nil, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	if !isTaken(err) {
		return nil, fmt.Errorf("open %s on %s: %w", what, address, err)
	}
	if !anyPort {
		return nil, fmt.Errorf("open %s: %s is taken by another program: end it, or choose another address", what, address)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", what, err)
	}
	listener, err = config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, fmt.Errorf("open %s on a free port: %w", what, err)
	}
	return listener, nil
}

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// links are the addresses of a listener as a browser takes them: one for loopback, and one for each address of the
// machine when it listens on all of them.
func links(scheme string, listener net.Listener) []string {
	address, isTCP := listener.Addr().(*net.TCPAddr)
	if !isTCP {
		return nil
	}
	hosts := []string{address.IP.String()}
	if address.IP.IsUnspecified() {
		hosts = append([]string{"127.0.0.1"}, machineAddresses()...)
	}
	result := make([]string, 0, len(hosts))
	for _, host := range hosts {
		result = append(result, scheme+"://"+net.JoinHostPort(host, strconv.Itoa(address.Port))+"/")
	}
	return result
}

// machineAddresses are the addresses under which others reach this machine.
func machineAddresses() []string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var result []string
	for _, address := range addresses {
		ip, isNet := address.(*net.IPNet)
		if isNet && ip.IP.IsGlobalUnicast() {
			result = append(result, ip.IP.String())
		}
	}
	slices.Sort(result)
	return slices.Compact(result)
}

// listenUnix opens a socket that only the owner may use. A socket left behind by a killed program is replaced; one that
// somebody answers on is not.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	var dialer net.Dialer
	if conn, err := dialer.DialContext(ctx, "unix", path); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("open socket %s: %w", path, syscall.EADDRINUSE)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != os.ModeSocket {
		return nil, fmt.Errorf("open socket %s: there is a file or directory of that name: choose another path", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old socket: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect socket: %w", err), listener.Close())
	}
	return listener, nil
}
