// Package drivers is the list of the kinds of connections: one switch over the scheme of a connection's URL.
//
//	tcp                 Modbus TCP                                              drivers/modbus
//	rtu, rtu+tcp        Modbus RTU on a serial port, or through a serial server drivers/modbus
//	ascii, ascii+tcp    Modbus ASCII, likewise                                  drivers/modbus
//	line, line+tcp      a device that sends lines of text                       drivers/serial
//
// Open opens the wire of a connection, Validate judges what only drivers understand before anything changes.
package drivers
