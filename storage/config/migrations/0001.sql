-- What the user decided. The life of a row:
--
--   scan_class ... route  are the newest revision: all of them are written anew by each save, in the order of the user
--                         (ordinal). Durations are nanoseconds.
--   revision              one row per save with the whole configuration as JSON; secrets in it are redacted. The oldest
--                         go when there are more than 1,000.
--   user, login           people and their sessions on the page; a login goes with its user, with log-out, or when it
--                         is over. token_hash is a hash: the token itself is known to the browser alone.
--   meta                  one row: run counts starts; change counts what is worth a copy of the file.
--
-- Times are milliseconds since 1970 in UTC.

CREATE TABLE meta (
  run INTEGER NOT NULL,
  change INTEGER NOT NULL
);
INSERT INTO meta (run, change) VALUES (0, 0);

CREATE TABLE revision (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  author TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL
);

CREATE TABLE scan_class (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  interval INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  timeout INTEGER NOT NULL,
  disabled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  connection TEXT NOT NULL REFERENCES connection (id),
  unit INTEGER NOT NULL,
  scan_class TEXT NOT NULL REFERENCES scan_class (id),
  disabled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE point (
  device TEXT NOT NULL REFERENCES device (id),
  id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  type TEXT NOT NULL,
  byte_order TEXT NOT NULL,
  length INTEGER NOT NULL,
  scale REAL NOT NULL,
  "offset" REAL NOT NULL,
  decimals INTEGER,                -- NULL: all digits
  unit TEXT NOT NULL,
  scan_class TEXT NOT NULL,        -- empty: the device's
  writable INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload TEXT NOT NULL,
  qos INTEGER,                     -- NULL: the default
  retain INTEGER NOT NULL,
  PRIMARY KEY (device, id)
) WITHOUT ROWID;

CREATE TABLE bridge (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  client_id TEXT NOT NULL,
  username TEXT NOT NULL,
  password TEXT NOT NULL,          -- in full
  version INTEGER NOT NULL,
  keep_alive INTEGER NOT NULL,
  window INTEGER NOT NULL,
  disabled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE route (
  bridge TEXT NOT NULL REFERENCES bridge (id),
  ordinal INTEGER NOT NULL,
  direction TEXT NOT NULL,
  filter TEXT NOT NULL,
  prefix TEXT NOT NULL,
  qos INTEGER NOT NULL,
  PRIMARY KEY (bridge, ordinal)
) WITHOUT ROWID;

CREATE TABLE user (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  hash TEXT NOT NULL               -- argon2id in its usual text form
) WITHOUT ROWID;

CREATE TABLE login (
  token_hash BLOB PRIMARY KEY,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  used INTEGER NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_user ON login (user);
