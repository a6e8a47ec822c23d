// Package serial reads devices that are no Modbus devices, over a serial port or a serial server: such that send by themselves
// (scales, barcode readers, sensors, microcontrollers; the telegrams of P1 meters), and such that are asked (meters by
// IEC 62056-21, SDI-12 sensors, scales in their own words).
//
//	bytes -> Splitter (frame.go), p1Cutter (telegram.go) -> lines, telegrams -> Extractor (parse.go, find.go) -> values
//	Asker (dialogue.go, meter.go, sensor.go): question -> answer -> Extractor
//
// Cutting and extracting is pure. Lines end with CR, LF or both; what is too long, damaged or began before we listened is dropped
// and counted, and the next one counts again. A Driver is a gateway.Streamer: it cannot be polled. An Asker is polled. Neither writes.
package serial
