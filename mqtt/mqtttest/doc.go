// Package mqtttest helps to test what speaks MQTT: it generates packets. The module below it, peers, holds the tests
// against other implementations of MQTT, which this module must not depend on.
package mqtttest
