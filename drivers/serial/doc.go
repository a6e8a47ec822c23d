// Package serial reads devices that send lines of text by themselves: scales, barcode readers, sensors, microcontrollers,
// over a serial port or a serial server.
//
//	bytes -> Splitter (frame.go) -> lines -> Extractor (parse.go) -> values
//
// Both steps are pure. Lines end with CR, LF or both; what is too long or began before we listened is dropped, and the next
// line counts again. The driver is a gateway.Streamer: it cannot be polled and does not write.
package serial
