-- MQTT users, and what accounts may do on MQTT.
--
--   user.role     is empty for an MQTT user: a device or program, which never opens the page. Programs that know only the
--                 first schema would take it for a person, so this schema does more than add.
--   user.scram    keys for SCRAM-SHA-256 in the form of RFC 5803, empty for people
--   user.mqtt     1: the account opens MQTT
--   user.preset   name of a set of rules; empty: the rows of rule count
--   rule          topics an account may use on MQTT, in order; it goes with its account
--   meta.name_key makes the salts of names that do not exist, the same at each start

ALTER TABLE user ADD COLUMN scram TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN mqtt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user ADD COLUMN preset TEXT NOT NULL DEFAULT '';

CREATE TABLE rule (
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  action TEXT NOT NULL,
  effect TEXT NOT NULL,
  filter TEXT NOT NULL,
  PRIMARY KEY (user, ordinal)
) WITHOUT ROWID;

ALTER TABLE meta ADD COLUMN name_key BLOB;
UPDATE meta SET name_key = randomblob(32);
