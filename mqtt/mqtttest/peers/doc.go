// Package peers holds the tests of Tidegate's MQTT against other implementations: the Paho clients for Go, and
// Debian's mosquitto with its command-line clients. It is a module of its own, because Tidegate itself depends on no MQTT
// library; nothing imports it.
//
// They show that nothing beyond the standard is needed to get along with the broker and the client.
//
// The command mochi is another broker with its storage hooks, to measure durable messages side by side.
//
// The tests need the packages mosquitto and mosquitto-clients, and fail without them.
package peers
