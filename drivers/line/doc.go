// Package line is one wire: a serial port or a TCP connection, as a stream of bytes with deadlines.
//
// Parse reads the URL of a connection, Address.Open opens the wire, Ports lists the serial ports of the machine without
// touching them. A wire knows nothing of protocols: drivers/modbus and drivers/serial find their frames in its bytes.
//
// A serial port is opened and configured with go.bug.st/serial, but read and written through a second, non-blocking
// descriptor that was opened just before. Deadlines work in both directions, Close ends a call in progress, and no byte
// can reach a descriptor that somebody else has got meanwhile. An exclusive flock on that descriptor keeps the port to
// one user: another connection of this process, under whatever name of the device, and every other program that asks.
package line
