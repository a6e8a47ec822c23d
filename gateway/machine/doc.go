// Package machine is what the kernel says about the machine below the gateway: /proc, /sys and the network interfaces. What
// it does not say is left out, as on a machine without sensors or in a container; nothing here is an error.
package machine
