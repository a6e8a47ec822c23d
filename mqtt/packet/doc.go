// Package packet is the codec of MQTT 3.1, 3.1.1 and 5.0: one for all three, one file for each control packet.
package packet
