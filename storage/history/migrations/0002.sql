-- The readings of the past, for charts. It may be thrown away: nothing else depends on it. The life of a row:
--
--   point          is made with the first reading of a point and goes when nothing of the point is left. The other
--                  tables name a point by its number.
--   recent         gets one row per reading that is not thinned, every 10 s those of a batch, by point and time. A batch
--                  is appended: it touches a few pages, and not a page per point, which is what an SD card pays. The
--                  rows of one point are found by one look per batch.
--   recent_minute  gets the minutes that are over: minimum, maximum, sum and number of ALL readings of the point, the
--                  thinned ones too.
--   raw            is where the rows of recent go, by point and time, so that those of one point are neighbours. That
--                  touches a page per point, so it is done when there are many rows per point, or after two hours. A
--                  second reading with the same time takes the place of the first.
--   minute, hour   are where recent_minute goes at the same time, added to what is there already.
--
-- Sorting in goes from point to point in steps of their own. meta.sorted says how far it is: what is in recent and
-- recent_minute of points up to that number is in the other tables already. Both are emptied after the last point.
--
-- raw goes after 7 days, minute and hour after a year, all earlier when the file is over its bound of bytes: the oldest
-- raw rows first, when raw takes less than a quarter of all, the oldest minutes, and then the oldest hours.
--
-- Times are milliseconds since 1970 in UTC; those of minutes and hours are whole ones since 1970. value is a number, a
-- text of at most 128 bytes, or NULL. quality: 0 good, 1 uncertain, 2 bad (from here on the value is not known), plus 4
-- when nothing is known of the time between the row before and this one, because the gateway was not running.
-- flags of minutes and hours are a sum: 1 nothing is known of the time before it, 2 at its end the value was not known,
-- 4 inside it there was a time at which the value was not known.

ALTER TABLE meta ADD COLUMN hour_rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN sorted INTEGER NOT NULL DEFAULT 0; -- the last point whose rows are sorted in; 0 when none is

-- What schema 1 had not sorted in.
INSERT INTO raw (point, time, value, quality)
  SELECT point, time, value, quality FROM recent WHERE true ORDER BY point, time, id
  ON CONFLICT (point, time) DO UPDATE SET value = excluded.value, quality = excluded.quality | (quality & 4);
INSERT INTO minute (point, time, min, max, sum, count, flags)
  SELECT point, time, min, max, sum, count, flags FROM recent_minute WHERE true ORDER BY point, time, id
  ON CONFLICT (point, time) DO UPDATE SET
    min = coalesce(min(min, excluded.min), min, excluded.min),
    max = coalesce(max(max, excluded.max), max, excluded.max),
    sum = coalesce(sum + excluded.sum, sum, excluded.sum), count = count + excluded.count,
    flags = (flags & 1) | (excluded.flags & 2) | ((flags | excluded.flags) & 4) |
      CASE WHEN (flags & 2 AND excluded.count > 0) OR (excluded.flags & 1 AND count > 0) THEN 4 ELSE 0 END;
UPDATE meta SET raw_rows = raw_rows + (SELECT count(*) FROM recent),
  minute_rows = minute_rows + (SELECT count(*) FROM recent_minute);
DROP TABLE recent;
DROP TABLE recent_minute;

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

INSERT INTO hour (point, time, min, max, sum, count, flags)
  SELECT point, time / 60 - (time % 60 < 0), min, max, sum, count, flags FROM minute WHERE true ORDER BY point, time
  ON CONFLICT (point, time) DO UPDATE SET
    min = coalesce(min(min, excluded.min), min, excluded.min),
    max = coalesce(max(max, excluded.max), max, excluded.max),
    sum = coalesce(sum + excluded.sum, sum, excluded.sum), count = count + excluded.count,
    flags = (flags & 1) | (excluded.flags & 2) | ((flags | excluded.flags) & 4) |
      CASE WHEN (flags & 2 AND excluded.count > 0) OR (excluded.flags & 1 AND count > 0) THEN 4 ELSE 0 END;
UPDATE meta SET hour_rows = (SELECT count(*) FROM hour);
