-- learned: what drivers have found out about devices. It is no part of revisions: a rollback does not make a device another
-- one. subject is what it was learned about, and what else is there is gateway.Learned in JSON.
CREATE TABLE learned (
  device TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  learned TEXT NOT NULL
) WITHOUT ROWID;
