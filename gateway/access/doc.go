// Package access answers who may log in, and to which topics: one answer for web and broker.
//
// People prove themselves with a password, kept as an argon2id hash, and get a random token that stands for the login
// until it ends: 30 minutes without use, 12 hours at most, at once at a log-out, with a new password and with the removal
// of the user. The first administrator is made with a one-time token that only someone at the machine can read; there is
// no default password. At most 10 attempts per minute and address are evaluated, and at most two at the same time; the
// right password from elsewhere still works.
//
// MQTT users are devices and programs. They have accounts in the same space of names, and never open the page; a person's
// password opens MQTT only with a right of its own. A client may also prove itself by a certificate, where its listener
// goes by that, or by SCRAM-SHA-256, and needs no name where its listener lets such clients in: at first on this machine
// alone. Right passwords are remembered in memory, so that hundreds of clients can come back at once.
//
// What a client may publish and subscribe follows from rules or a preset; see gateway.MQTTRights and judge. It is answered
// from memory. A change is on disk first, then in force for new logins and messages, then for those who are connected, by
// Options.Changed; then the method that made it returns.
package access
