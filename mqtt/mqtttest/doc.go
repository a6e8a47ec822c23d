// Package mqtttest helps to test what speaks MQTT: it generates packets, and plays conversations byte for byte, the server's
// side with our client or a client's with the broker. See Conversation for how they are written.
//
// Turmoil lets clients do anything to a broker, and holds what they get against a model.
//
// The folder clauses has the numbered statements of MQTT 3.1.1 and 5.0, a line each; a test holds that each is cited by a
// test, or explained. The file others.md lists what other brokers got wrong, with our test for each.
//
// The module below this package, peers, holds the tests against other implementations of MQTT, which this module must not
// depend on.
package mqtttest
