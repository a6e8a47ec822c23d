// Package sim is a plant without hardware: real Modbus slaves (TCP, RTU and ASCII, on lines and behind serial servers) and a serial scale, with signals that live and
// faults that can be switched on. The demo and the tests talk to it over real sockets and pseudo terminals, with the same
// drivers as to a real plant.
//
// A slave is opened, which binds its address, and run: Run serves until its context ends and closes everything. The
// signals follow the wall clock, so that two starts look like one plant that went on.
package sim
