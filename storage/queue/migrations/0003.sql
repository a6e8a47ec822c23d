-- additive
-- Who the client of a session is, for access rules: its user name, and the listener that it came through last. Both are
-- empty for a client without a name, and for sessions of this process.

ALTER TABLE session ADD COLUMN username TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN listener TEXT NOT NULL DEFAULT '';
