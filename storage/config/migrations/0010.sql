-- any_unit takes answers whatever unit they name; count makes a point a list of values; blanks fill texts up with blanks.
ALTER TABLE device ADD COLUMN any_unit INTEGER NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN blanks INTEGER NOT NULL DEFAULT 0;
