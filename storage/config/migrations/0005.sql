-- listener.trusted_proxies  addresses and networks whose PROXY header is believed, a JSON list
ALTER TABLE listener ADD COLUMN trusted_proxies TEXT NOT NULL DEFAULT '[]';
