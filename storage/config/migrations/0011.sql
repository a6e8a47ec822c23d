-- alarm: alarms that came, and what became of them. began and ended are in milliseconds, ended is 0 while it holds; acknowledged
-- is when somebody said to have seen it, 0 for nobody yet. It is no part of revisions.
CREATE TABLE alarm (
  number INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  began INTEGER NOT NULL,
  severity TEXT NOT NULL,
  detail TEXT NOT NULL,
  ended INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL,
  acknowledged_by TEXT NOT NULL,
  UNIQUE (code, subject, began)
);
