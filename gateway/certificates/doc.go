// Package certificates is what the gateway shows when somebody speaks TLS to it: the leaf of the device's own authority, and
// certificates that people have uploaded. MQTT listeners and the page share them.
//
// A handshake takes an uploaded certificate that is for the name which the client asks for (SNI), or for the address that
// it connects to when it asks for none; otherwise the own leaf. Of several it takes one that is valid now, and of these the
// one that ends last. Of a clock that is wrong that is not more than a preference: an expired certificate is still shown,
// so that clients say what is wrong, and an alarm has said so before.
//
// Everything is replaced while the gateway runs: who is connected stays so, each new handshake takes what is in force. The
// own leaf is made anew when names or addresses of the machine change and 45 days before it ends. Keys never come out.
package certificates
