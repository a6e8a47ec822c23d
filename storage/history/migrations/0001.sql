-- The readings of the past, for charts. It may be thrown away: nothing else depends on it. The life of a row:
--
--   point          is made with the first reading of a point and goes when nothing of the point is left. The other
--                  tables name a point by its number.
--   recent         gets one row per reading that is not thinned, in the order of arrival, once per batch. So a batch
--                  touches a few pages at the end of the table, and not a page per point: that is what an SD card pays.
--   recent_minute  gets what a batch adds to a minute of a point: minimum, maximum, sum and number of ALL its readings,
--                  the thinned ones too.
--   raw            is where the rows of recent go, every ten minutes or 50,000 rows, sorted by point and time. A second
--                  reading with the same time takes the place of the first.
--   minute         is where recent_minute goes, added to what is there already.
--
-- raw goes after 7 days, minute after a year, both earlier when the file is over its bound of bytes: the oldest raw rows
-- first, and when raw takes less than a quarter of all, the oldest minutes.
--
-- Times are milliseconds since 1970 in UTC; those of minutes are whole minutes since 1970. value is a number, a text of
-- at most 128 bytes, or NULL. quality: 0 good, 1 uncertain, 2 bad (from here on the value is not known), plus 4 when
-- nothing is known of the time between the row before and this one, because the gateway was not running.
-- flags of minutes are a sum: 1 nothing is known of the time before it, 2 at its end the value was not known, 4 inside
-- it there was a time at which the value was not known.

CREATE TABLE meta (
  raw_rows INTEGER NOT NULL,       -- about: a replaced row counts twice
  minute_rows INTEGER NOT NULL,
  clock INTEGER NOT NULL,          -- the time that ages are counted from, see clock.go; 0 before the first reading
  doubt INTEGER NOT NULL           -- for how many milliseconds readings have been ahead of it
);
INSERT INTO meta (raw_rows, minute_rows, clock, doubt) VALUES (0, 0, 0, 0);

CREATE TABLE point (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  point TEXT NOT NULL,
  UNIQUE (device, point)
);

CREATE TABLE recent (
  id INTEGER PRIMARY KEY,
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  value,
  quality INTEGER NOT NULL
);

CREATE TABLE recent_minute (
  id INTEGER PRIMARY KEY,
  point INTEGER NOT NULL,
  time INTEGER NOT NULL,
  min REAL,
  max REAL,
  sum REAL,
  count INTEGER NOT NULL,
  flags INTEGER NOT NULL
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
