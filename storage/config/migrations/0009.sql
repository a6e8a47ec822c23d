-- The time zone of the site, a name such as Europe/Berlin; empty: that of the machine.
ALTER TABLE revision ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
-- How much of the past is kept, as in the API, {} for the defaults.
ALTER TABLE revision ADD COLUMN history TEXT NOT NULL DEFAULT '{}';
