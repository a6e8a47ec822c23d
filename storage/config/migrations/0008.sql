-- pending: changes that undo themselves unless somebody keeps them, and at the next start. former is what was in force of the
-- subject before, a JSON object with an account or a certificate in full, {} for nothing. It is no part of revisions.
CREATE TABLE pending (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  author TEXT NOT NULL,
  former TEXT NOT NULL
) WITHOUT ROWID;
