-- What the broker must remember. The life of a row:
--
--   message   is written with its first delivery, in the publisher's commit. refs is the number of its delivery rows;
--             the row goes with the last of them. A delivery that was acknowledged before its group was written is in
--             neither table (write elision, QoS 0 and 1 only).
--   delivery  one message for one session. It is written with its message, gets state 2 when PUBREC came (QoS 2), and
--             goes when it is settled. Its position gives the packet identifier.
--   lane      goes with its session. next is larger than the position of every row that the lane ever had; messages and
--             bytes count its rows, once per group.
--   session   is there from CONNECT to the end of its expiry. A removed one with a long queue loses its name at once and
--             its rows in steps, so that nobody waits for a million deletions.
--   inbound   a QoS 2 message taken over from a client (PUBREC) and not yet released (PUBREL).
--   retained  the last retained message of a topic, with a body of its own.
--   will      published when the session's client is lost; written at CONNECT, gone with DISCONNECT.
--
-- Times are milliseconds since 1970 in UTC, 0 for none. crc is CRC-32C (Castagnoli) over the fields as in messages.go:
-- SQLite does not notice a flipped bit. properties are encoded as in properties.go. flags are in messages.go.

CREATE TABLE meta (
  -- generation is made with the file: a new or restored one has another.
  generation TEXT NOT NULL
);
INSERT INTO meta (generation) VALUES (lower(hex(randomblob(16))));

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  client TEXT UNIQUE,              -- NULL: removed, its rows are going
  expiry INTEGER NOT NULL,         -- seconds, 4294967295 for ever
  disconnected INTEGER NOT NULL,
  fresh INTEGER NOT NULL
);

CREATE TABLE subscription (
  session INTEGER NOT NULL REFERENCES session (id),
  filter TEXT NOT NULL,
  qos INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  retain_handling INTEGER NOT NULL,
  identifier INTEGER NOT NULL,
  PRIMARY KEY (session, filter)
) WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  refs INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload BLOB NOT NULL,
  properties BLOB,
  qos INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  crc INTEGER NOT NULL
);

CREATE TABLE delivery (
  session INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  position INTEGER NOT NULL,
  message INTEGER NOT NULL,
  qos INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  subscriptions BLOB,              -- identifiers as unsigned varints, NULL for none
  state INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (session, lane, position)
) WITHOUT ROWID;

CREATE TABLE lane (
  session INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  next INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (session, lane)
) WITHOUT ROWID;

CREATE TABLE inbound (
  session INTEGER NOT NULL,
  packet INTEGER NOT NULL,
  PRIMARY KEY (session, packet)
) WITHOUT ROWID;

CREATE TABLE retained (
  topic TEXT PRIMARY KEY,
  payload BLOB NOT NULL,
  properties BLOB,
  qos INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  crc INTEGER NOT NULL
);

CREATE TABLE will (
  session INTEGER PRIMARY KEY REFERENCES session (id),
  delay INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload BLOB NOT NULL,
  properties BLOB,
  qos INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  crc INTEGER NOT NULL
);
