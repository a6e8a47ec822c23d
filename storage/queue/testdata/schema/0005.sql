PRAGMA application_id = 1416057205;
PRAGMA user_version = 65541;
PRAGMA auto_vacuum = 2;
CREATE TABLE meta (
  -- generation is made with the file: a new or restored one has another.
  generation TEXT NOT NULL
);
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  client TEXT UNIQUE,              -- NULL: removed, its rows are going
  expiry INTEGER NOT NULL,         -- seconds, 4294967295 for ever
  disconnected INTEGER NOT NULL,
  fresh INTEGER NOT NULL
, username TEXT NOT NULL DEFAULT '', listener TEXT NOT NULL DEFAULT '', placing TEXT NOT NULL DEFAULT '');
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
  size INTEGER NOT NULL, expires INTEGER,
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
CREATE TABLE clock (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL,             -- the time line
  since_boot INTEGER NOT NULL,     -- milliseconds, also of sleep
  wall INTEGER NOT NULL,
  synchronised INTEGER NOT NULL,
  boot TEXT NOT NULL
);
CREATE TABLE mark (
  at INTEGER PRIMARY KEY,
  message INTEGER NOT NULL
);
CREATE TABLE given_up (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  reason TEXT NOT NULL,
  topic TEXT NOT NULL,             -- empty: others, or unknown
  messages INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
);
CREATE INDEX given_up_episode ON given_up (session, reason, topic);
CREATE INDEX delivery_expires ON delivery (session, expires) WHERE expires > 0;
CREATE TABLE parked (
  session INTEGER NOT NULL,
  position INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (session, position)
) WITHOUT ROWID;
INSERT INTO meta (generation) VALUES ('4341e49733ef9002e31ef0265c61de94');
INSERT INTO session (id, client, expiry, disconnected, fresh, username, listener, placing) VALUES (1, 'press-4', 3600, 1700000000123, 1, 'press', 'lan', 'which topic where');
INSERT INTO subscription (session, filter, qos, flags, retain_handling, identifier) VALUES (1, 'a/#', 2, 1, 2, 268435455);
INSERT INTO subscription (session, filter, qos, flags, retain_handling, identifier) VALUES (1, 'b/+', 1, 2, 0, 0);
INSERT INTO message (id, refs, topic, payload, properties, qos, flags, expires, crc) VALUES (12, 2, 'a/b', X'0001FF', X'010101020A746578742F706C61696E0301720402000905016E0601310500060005016E060132', 2, 1, 1700000000123, 3235916933);
INSERT INTO delivery (session, lane, position, message, qos, flags, subscriptions, state, size, expires) VALUES (1, 0, 40, 12, 2, 1, X'01FFFFFF7F', 2, 99, 1700000000123);
INSERT INTO delivery (session, lane, position, message, qos, flags, subscriptions, state, size, expires) VALUES (1, 1, 2, 12, 1, 0, NULL, 0, 99, 1700000000123);
INSERT INTO lane (session, lane, next, messages, bytes) VALUES (1, 0, 41, 1, 99);
INSERT INTO lane (session, lane, next, messages, bytes) VALUES (1, 1, 3, 1, 99);
INSERT INTO inbound (session, packet) VALUES (1, 7);
INSERT INTO inbound (session, packet) VALUES (1, 65535);
INSERT INTO retained (topic, payload, properties, qos, flags, expires, crc) VALUES ('a/b', X'0001FF', X'010101020A746578742F706C61696E0301720402000905016E0601310500060005016E060132', 2, 1, 1700000000123, 3235916933);
INSERT INTO will (session, delay, topic, payload, properties, qos, flags, expires, crc) VALUES (1, 5, 'state', X'676F6E65', NULL, 1, 1, 1700000000123, 1550143512);
INSERT INTO clock (id, at, since_boot, wall, synchronised, boot) VALUES (1, 1795772447641, 69, 1795772447642, 0, '');
INSERT INTO mark (at, message) VALUES (1700000000123, 12);
INSERT INTO given_up (id, session, reason, topic, messages, bytes, first, last) VALUES (1, 'press-4', 'queue-age', 'a/b', 3, 99, 1700000000123, 1700000000123);
