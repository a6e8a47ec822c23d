PRAGMA application_id = 1416053615;
PRAGMA user_version = 65537;
PRAGMA auto_vacuum = 2;
CREATE TABLE meta (
  run INTEGER NOT NULL,
  change INTEGER NOT NULL
);
CREATE TABLE revision (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  author TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE TABLE scan_class (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  interval INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  timeout INTEGER NOT NULL,
  disabled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE device (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  connection TEXT NOT NULL REFERENCES connection (id),
  unit INTEGER NOT NULL,
  scan_class TEXT NOT NULL REFERENCES scan_class (id),
  disabled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE point (
  device TEXT NOT NULL REFERENCES device (id),
  id TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  type TEXT NOT NULL,
  byte_order TEXT NOT NULL,
  length INTEGER NOT NULL,
  scale REAL NOT NULL,
  "offset" REAL NOT NULL,
  decimals INTEGER,                -- NULL: all digits
  unit TEXT NOT NULL,
  scan_class TEXT NOT NULL,        -- empty: the device's
  writable INTEGER NOT NULL,
  topic TEXT NOT NULL,
  payload TEXT NOT NULL,
  qos INTEGER,                     -- NULL: the default
  retain INTEGER NOT NULL,
  PRIMARY KEY (device, id)
) WITHOUT ROWID;
CREATE TABLE bridge (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  client_id TEXT NOT NULL,
  username TEXT NOT NULL,
  password TEXT NOT NULL,          -- in full
  version INTEGER NOT NULL,
  keep_alive INTEGER NOT NULL,
  window INTEGER NOT NULL,
  disabled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE route (
  bridge TEXT NOT NULL REFERENCES bridge (id),
  ordinal INTEGER NOT NULL,
  direction TEXT NOT NULL,
  filter TEXT NOT NULL,
  prefix TEXT NOT NULL,
  qos INTEGER NOT NULL,
  PRIMARY KEY (bridge, ordinal)
) WITHOUT ROWID;
CREATE TABLE user (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  hash TEXT NOT NULL               -- argon2id in its usual text form
) WITHOUT ROWID;
CREATE TABLE login (
  token_hash BLOB PRIMARY KEY,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  used INTEGER NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_user ON login (user);
INSERT INTO meta (run, change) VALUES (1, 4);
INSERT INTO revision (number, time, author, name, document) VALUES (1, 1795658929687, 'anna', 'press-hall', '{"revision":1,"name":"press-hall","scanClasses":[{"id":"slow","interval":"1m0s"},{"id":"fast","interval":"100ms"}],"connections":[{"id":"z","name":"Serial line","url":"rtu:///dev/ttyUSB0?baud=9600\u0026parity=E","timeout":"1s"},{"id":"a","name":"","url":"tcp://10.0.0.5:502","timeout":"0s","disabled":true}],"devices":[{"id":"meter","name":"Zähler","connection":"z","unit":17,"scanClass":"fast","points":[{"id":"power","name":"Power","address":"holding:100","type":"float32","byteOrder":"CDAB","scale":0.1,"offset":-40,"decimals":0,"unit":"kW","scanClass":"slow","writable":true,"mapping":{"topic":"{gateway}/p","payload":"plain","qos":0,"retain":true}},{"id":"label","name":"","address":"holding:7","type":"string","length":12,"scale":2,"mapping":{}}]},{"id":"empty","name":"","connection":"a","unit":0,"scanClass":"slow","points":[],"disabled":true}],"bridges":[{"id":"cloud","name":"Cloud","url":"mqtts://broker:8883","clientId":"me","username":"u","password":"********","version":5,"keepAlive":"30s","window":20,"routes":[{"direction":"out","filter":"#","prefix":"site","qos":1},{"direction":"in","filter":"cmd/+","qos":2}]},{"id":"spare","name":"","url":"mqtt://x:1883","routes":[],"disabled":true}]}');
INSERT INTO revision (number, time, author, name, document) VALUES (2, 1795658929699, 'anna', 'press-hall', '{"revision":2,"name":"press-hall","scanClasses":[{"id":"slow","interval":"1m0s"},{"id":"fast","interval":"100ms"}],"connections":[{"id":"z","name":"Serial line","url":"rtu:///dev/ttyUSB0?baud=9600\u0026parity=E","timeout":"1s"},{"id":"a","name":"","url":"tcp://10.0.0.5:502","timeout":"0s","disabled":true}],"devices":[{"id":"meter","name":"Zähler","connection":"z","unit":17,"scanClass":"fast","points":[{"id":"power","name":"Power","address":"holding:100","type":"float32","byteOrder":"CDAB","scale":0.1,"offset":-40,"decimals":0,"unit":"kW","scanClass":"slow","writable":true,"mapping":{"topic":"{gateway}/p","payload":"plain","qos":0,"retain":true}},{"id":"label","name":"","address":"holding:7","type":"string","length":12,"scale":2,"mapping":{}}]},{"id":"empty","name":"","connection":"a","unit":0,"scanClass":"slow","points":[],"disabled":true}],"bridges":[{"id":"cloud","name":"Cloud","url":"mqtts://broker:8883","clientId":"me","username":"u","password":"********","version":5,"keepAlive":"30s","window":20,"routes":[{"direction":"out","filter":"#","prefix":"site","qos":1},{"direction":"in","filter":"cmd/+","qos":2}]},{"id":"spare","name":"","url":"mqtt://x:1883","routes":[],"disabled":true}]}');
INSERT INTO scan_class (id, ordinal, interval) VALUES ('fast', 1, 100000000);
INSERT INTO scan_class (id, ordinal, interval) VALUES ('slow', 0, 60000000000);
INSERT INTO connection (id, ordinal, name, url, timeout, disabled) VALUES ('a', 1, '', 'tcp://10.0.0.5:502', 0, 1);
INSERT INTO connection (id, ordinal, name, url, timeout, disabled) VALUES ('z', 0, 'Serial line', 'rtu:///dev/ttyUSB0?baud=9600&parity=E', 1000000000, 0);
INSERT INTO device (id, ordinal, name, connection, unit, scan_class, disabled) VALUES ('empty', 1, '', 'a', 0, 'slow', 1);
INSERT INTO device (id, ordinal, name, connection, unit, scan_class, disabled) VALUES ('meter', 0, 'Zähler', 'z', 17, 'fast', 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain) VALUES ('meter', 'label', 1, '', 'holding:7', 'string', '', 12, 2.0, 0.0, NULL, '', '', 0, '', '', NULL, 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain) VALUES ('meter', 'power', 0, 'Power', 'holding:100', 'float32', 'CDAB', 0, 0.1, -40.0, 0, 'kW', 'slow', 1, '{gateway}/p', 'plain', 0, 1);
INSERT INTO bridge (id, ordinal, name, url, client_id, username, password, version, keep_alive, window, disabled) VALUES ('cloud', 0, 'Cloud', 'mqtts://broker:8883', 'me', 'u', 's3cret', 5, 30000000000, 20, 0);
INSERT INTO bridge (id, ordinal, name, url, client_id, username, password, version, keep_alive, window, disabled) VALUES ('spare', 1, '', 'mqtt://x:1883', '', '', '', 0, 0, 0, 1);
INSERT INTO route (bridge, ordinal, direction, filter, prefix, qos) VALUES ('cloud', 0, 'out', '#', 'site', 1);
INSERT INTO route (bridge, ordinal, direction, filter, prefix, qos) VALUES ('cloud', 1, 'in', 'cmd/+', '', 2);
INSERT INTO user (name, role, hash) VALUES ('anna', 'administrator', 'h1');
INSERT INTO login (token_hash, user, used, expires) VALUES (X'0102FF0000000000000000000000000000000000000000000000000000000000', 'anna', 1700000000123, 4000000000456);
