// Package access answers who may log in, and to which topics: one answer for web and broker.
//
// People prove themselves with a password, kept as an argon2id hash, and get a random token that stands for the login
// until it ends: 30 minutes without use, 12 hours at most, at once at a log-out, with a new password and with the removal
// of the user. The first administrator is made with a one-time token that only someone at the machine can read; there is
// no default password. At most 10 attempts per minute and address are evaluated, and at most two at the same time; the
// right password from elsewhere still works.
//
// MQTT clients are let in without a password from this machine alone. A password of the page never opens MQTT.
package access
