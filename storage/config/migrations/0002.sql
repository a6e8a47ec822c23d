-- Bridges over TLS of one's own, through proxies, and routes with templates. Texts are PEM; key and passwords are in full.
-- exclude is a JSON array of filters.
ALTER TABLE bridge ADD COLUMN ca TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN server_name TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN alpn TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN proxy TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN proxy_username TEXT NOT NULL DEFAULT '';
ALTER TABLE bridge ADD COLUMN proxy_password TEXT NOT NULL DEFAULT '';
ALTER TABLE route ADD COLUMN exclude TEXT NOT NULL DEFAULT '[]';
ALTER TABLE route ADD COLUMN topic TEXT NOT NULL DEFAULT '';
