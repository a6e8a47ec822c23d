// Package peers tests bridges against brokers that are Go modules and that the program must not depend on: it is a module of
// its own. The cloud of these tests is nats-server with MQTT, and Debian's Mosquitto, each by its preset and over TLS.
package peers
