-- additive
-- Time, bounds, and the audit of what was given up.
--
--   clock     one row: the queue's own time line and how to go on with it; see clock.go. expires and disconnected of all
--             tables are on that line. It begins with the wall time, so that rows of the first schema are right.
--   mark      which message identifiers were given at a time, for the age of what is queued; a few hundred rows.
--   given_up  what sessions lost: one row per episode, session, reason and topic; the oldest rows go. first and last are
--             wall time. Each row is written in the commit that removes the messages.
--
-- delivery.expires repeats the expiry of the message for the sweep; NULL for none, and in rows of the first schema, which
-- expire when they are fetched. Deliveries without expiry are not in the index.

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

ALTER TABLE delivery ADD COLUMN expires INTEGER;
CREATE INDEX delivery_expires ON delivery (session, expires) WHERE expires > 0;
