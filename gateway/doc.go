// Package gateway is the vocabulary of the product: what Tidegate is, without how. It has types, rules (Validate) and
// small interfaces; its sub-packages have the behaviour, and cmd/tidegate alone wires everything.
//
// # The words
//
// connection (one wire: a serial port or a TCP endpoint), device (one unit on a connection), point (one value of a
// device), scan class (a named poll interval), mapping (point -> topic, payload, QoS, retain), reading (value, quality,
// source time, poll id), message, session, queue, retained, bridge, route (one topic rule of a bridge), user, role,
// profile, revision (of the configuration), alarm. The same words in Go, JSON, SQL, TypeScript and on the page.
//
// # The flow
//
// Data flows one way, configuration another; nothing calls back upstream.
//
//	device - wire -> drivers/X -> gateway/poller -> mapping -> mqtt/broker -> storage/queue
//	                                  | reading     message        | session "$bridge/cloud"
//	                                  v                            v
//	                             gateway/live -> web (SSE)      bridge -> mqtt/client -> cloud
//	                                                              <- settle: PUBACK -'  then the row is deleted
//	browser -> web -> Apply -> Validate -> revision -> storage/config -> reconcile -> pollers, bridges
package gateway
