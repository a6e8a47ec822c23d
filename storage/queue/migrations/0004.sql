-- additive
-- Which topics of a session go to which of its lanes, as a text of the broker: a bridge has a second lane, for what must not
-- wait behind the rest. Empty for a session with one lane.

ALTER TABLE session ADD COLUMN placing TEXT NOT NULL DEFAULT '';
