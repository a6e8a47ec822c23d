PRAGMA application_id = 1416054889;
PRAGMA user_version = 131074;
PRAGMA auto_vacuum = 2;
CREATE TABLE meta (
  raw_rows INTEGER NOT NULL,       -- about: a replaced row counts twice
  minute_rows INTEGER NOT NULL,
  clock INTEGER NOT NULL,          -- the time that ages are counted from, see clock.go; 0 before the first reading
  doubt INTEGER NOT NULL           -- for how many milliseconds readings have been ahead of it
, hour_rows INTEGER NOT NULL DEFAULT 0, sorted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE point (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  point TEXT NOT NULL,
  UNIQUE (device, point)
);
CREATE TABLE raw (
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  value,
  quality INTEGER NOT NULL,
  PRIMARY KEY (point, time)
) WITHOUT ROWID;
CREATE TABLE minute (
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  min REAL,
  max REAL,
  sum REAL,
  count INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  PRIMARY KEY (point, time)
) WITHOUT ROWID;
CREATE TABLE recent (
  batch INTEGER NOT NULL,          -- counts the batches since the tables were empty
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  value,
  quality INTEGER NOT NULL,
  PRIMARY KEY (batch, point, time)
) WITHOUT ROWID;
CREATE TABLE recent_minute (
  batch INTEGER NOT NULL,
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  min REAL,
  max REAL,
  sum REAL,
  count INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  PRIMARY KEY (batch, point, time)
) WITHOUT ROWID;
CREATE TABLE hour (
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  min REAL,
  max REAL,
  sum REAL,
  count INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  PRIMARY KEY (point, time)
) WITHOUT ROWID;
INSERT INTO meta (raw_rows, minute_rows, clock, doubt, hour_rows, sorted) VALUES (0, 0, 0, 0, 0, 0);
INSERT INTO point (id, device, point) VALUES (1, 'boiler', 'flow');
INSERT INTO recent (batch, point, time, value, quality) VALUES (1, 1, 1750000020000, 1.25, 4);
INSERT INTO recent (batch, point, time, value, quality) VALUES (1, 1, 1750000090000, NULL, 2);
INSERT INTO recent (batch, point, time, value, quality) VALUES (1, 1, 1750000220000, -3, 0);
INSERT INTO recent_minute (batch, point, time, min, max, sum, count, flags) VALUES (1, 1, 29166667, 1.25, 1.25, 1.25, 1, 1);
INSERT INTO recent_minute (batch, point, time, min, max, sum, count, flags) VALUES (1, 1, 29166668, NULL, NULL, NULL, 0, 2);
INSERT INTO recent_minute (batch, point, time, min, max, sum, count, flags) VALUES (1, 1, 29166670, -3.0, -3.0, -3.0, 1, 0);
