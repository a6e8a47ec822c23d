// Package queue is queue.db: sessions, their subscriptions and queues, retained messages and wills. It implements the
// broker's Store.
//
// The broker hands over units (mqtt.Unit); Run commits them in groups, in their order, and tells each. A message body is
// stored once, whatever the number of sessions; a delivery is a small row. What was acknowledged before its group was
// built is never written. Counters per lane are rows that change once per group, so that a start reads no queue: the
// backlog stays on disk until Backlog asks for a page of it.
//
// The queue of a shared subscription is a session like any other, named like its filter ($share/...). A version of the
// program that knows no such queues leaves it alone: what waits there is there when a newer one is back.
//
// A body that does not match its checksum is never delivered: the delivery is dropped, counted and logged. A database
// that is new, or that took the place of a damaged one, has another generation.
//
// The tables and the life of a row are described in migrations/0001.sql.
package queue
