PRAGMA application_id = 1416053615;
PRAGMA user_version = 720907;
PRAGMA auto_vacuum = 2;
CREATE TABLE meta (
  run INTEGER NOT NULL,
  change INTEGER NOT NULL
, name_key BLOB);
CREATE TABLE revision (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  author TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL
, login_tcp INTEGER NOT NULL DEFAULT 0, login_socket INTEGER NOT NULL DEFAULT 0, time_zone TEXT NOT NULL DEFAULT '', history TEXT NOT NULL DEFAULT '{}');
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
, ca TEXT NOT NULL DEFAULT '', certificate TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '', server_name TEXT NOT NULL DEFAULT '', proxy TEXT NOT NULL DEFAULT '{}', pause_after_connect INTEGER NOT NULL DEFAULT 0, close_after_poll INTEGER NOT NULL DEFAULT 0, stale_after INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE device (
  id TEXT PRIMARY KEY,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  connection TEXT NOT NULL REFERENCES connection (id),
  unit INTEGER NOT NULL,
  scan_class TEXT NOT NULL REFERENCES scan_class (id),
  disabled INTEGER NOT NULL
, max_registers INTEGER NOT NULL DEFAULT 0, max_bits INTEGER NOT NULL DEFAULT 0, one_per_point INTEGER NOT NULL DEFAULT 0, pause INTEGER NOT NULL DEFAULT 0, read_function INTEGER NOT NULL DEFAULT 0, address_base INTEGER NOT NULL DEFAULT 0, profile TEXT NOT NULL DEFAULT '', profile_version INTEGER NOT NULL DEFAULT 0, differences TEXT NOT NULL DEFAULT '[]', any_unit INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
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
  retain INTEGER NOT NULL, encoding TEXT NOT NULL DEFAULT '', bits TEXT NOT NULL DEFAULT '', inverted INTEGER NOT NULL DEFAULT 0, invalid TEXT NOT NULL DEFAULT '', scale_from TEXT NOT NULL DEFAULT '', limit_min REAL, limit_max REAL, limit_bad INTEGER NOT NULL DEFAULT 0, enum TEXT NOT NULL DEFAULT '', expression TEXT NOT NULL DEFAULT '', on_change INTEGER NOT NULL DEFAULT 0, deadband REAL NOT NULL DEFAULT 0, deadband_percent REAL NOT NULL DEFAULT 0, longest_silence INTEGER NOT NULL DEFAULT 0, count INTEGER NOT NULL DEFAULT 0, blanks INTEGER NOT NULL DEFAULT 0,
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
, ca TEXT NOT NULL DEFAULT '', certificate TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '', server_name TEXT NOT NULL DEFAULT '', alpn TEXT NOT NULL DEFAULT '', proxy TEXT NOT NULL DEFAULT '', proxy_username TEXT NOT NULL DEFAULT '', proxy_password TEXT NOT NULL DEFAULT '', paused INTEGER NOT NULL DEFAULT 0, pace TEXT NOT NULL DEFAULT '{}', storage TEXT NOT NULL DEFAULT '{}', link TEXT NOT NULL DEFAULT '{}', preset TEXT NOT NULL DEFAULT '', token TEXT NOT NULL DEFAULT '{}', token_key TEXT NOT NULL DEFAULT '', new_key TEXT NOT NULL DEFAULT '', pins TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE route (
  bridge TEXT NOT NULL REFERENCES bridge (id),
  ordinal INTEGER NOT NULL,
  direction TEXT NOT NULL,
  filter TEXT NOT NULL,
  prefix TEXT NOT NULL,
  qos INTEGER NOT NULL, exclude TEXT NOT NULL DEFAULT '[]', topic TEXT NOT NULL DEFAULT '', priority INTEGER NOT NULL DEFAULT 0, retain TEXT NOT NULL DEFAULT '', batch TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (bridge, ordinal)
) WITHOUT ROWID;
CREATE TABLE user (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  hash TEXT NOT NULL               -- argon2id in its usual text form
, scram TEXT NOT NULL DEFAULT '', disabled INTEGER NOT NULL DEFAULT 0, mqtt INTEGER NOT NULL DEFAULT 0, preset TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE login (
  token_hash BLOB PRIMARY KEY,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  used INTEGER NOT NULL,
  expires INTEGER NOT NULL
, address TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX login_user ON login (user);
CREATE TABLE listener (
    id                  TEXT PRIMARY KEY,
    ordinal             INTEGER NOT NULL,
    kind                TEXT NOT NULL,
    address             TEXT NOT NULL,
    anonymous           INTEGER NOT NULL,
    client_certificates TEXT NOT NULL,
    client_ca           TEXT NOT NULL,
    certificate_user    INTEGER NOT NULL,
    proxy_protocol      INTEGER NOT NULL,
    disabled            INTEGER NOT NULL
, trusted_proxies TEXT NOT NULL DEFAULT '[]') STRICT;
CREATE TABLE rule (
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  action TEXT NOT NULL,
  effect TEXT NOT NULL,
  filter TEXT NOT NULL,
  PRIMARY KEY (user, ordinal)
) WITHOUT ROWID;
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  author TEXT NOT NULL,
  hash BLOB NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE certificate (
  id TEXT PRIMARY KEY,
  chain TEXT NOT NULL,
  key TEXT NOT NULL,
  listeners TEXT NOT NULL,
  changed INTEGER NOT NULL,
  author TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  author TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  revision INTEGER NOT NULL,
  fields TEXT NOT NULL
);
CREATE TABLE profile (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE TABLE learned (
  device TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  learned TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE pending (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  author TEXT NOT NULL,
  former TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE alarm (
  number INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  began INTEGER NOT NULL,
  severity TEXT NOT NULL,
  detail TEXT NOT NULL,
  ended INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL,
  acknowledged_by TEXT NOT NULL,
  UNIQUE (code, subject, began)
);
INSERT INTO meta (run, change, name_key) VALUES (1, 6, X'732EE84834C0F7E22FA8C961FF4BF835342B45D27CD12348F56669948248E12D');
INSERT INTO revision (number, time, author, name, document, login_tcp, login_socket, time_zone, history) VALUES (1, 1795806960004, 'anna', 'press-hall', '{"revision":1,"name":"press-hall","timeZone":"Europe/Berlin","scanClasses":[{"id":"slow","interval":"1m0s"},{"id":"fast","interval":"100ms"}],"connections":[{"id":"z","name":"Serial line","url":"rtu:///dev/ttyUSB0?baud=9600\u0026parity=E","proxy":{"address":":1502","writable":true,"units":"1-10,17","from":"10.0.0.0/24","share":30},"timeout":"1s","staleAfter":5},{"id":"a","name":"","url":"tcp://10.0.0.5:502","tls":{"ca":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificate":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","key":"********","serverName":"plc.example"},"timeout":"0s","quirks":{"pauseAfterConnect":"3ns","closeAfterPoll":true},"disabled":true}],"devices":[{"id":"meter","name":"Zähler","connection":"z","unit":17,"scanClass":"fast","points":[{"id":"power","name":"Power","address":"holding:100","type":"float32","byteOrder":"CDAB","decoding":{"invalid":"-1,0","scaleFrom":"holding:102"},"scale":0.1,"offset":-40,"decimals":0,"unit":"kW","scanClass":"slow","writable":true,"limits":{"min":-1.5,"max":0,"bad":true},"publish":{"onChange":true,"deadband":0.5,"deadbandPercent":2,"longestSilence":"1h0m0s"},"mapping":{"topic":"{gateway}/p","payload":"plain","qos":0,"retain":true}},{"id":"alarm","name":"","address":"holding:9","type":"bool","decoding":{"bits":"3-0","inverted":true},"mapping":{}},{"id":"count","name":"","address":"holding:10","type":"uint32","decoding":{"encoding":"bcd"},"enum":"0=none; *=some","mapping":{}},{"id":"half","name":"","address":"","type":"float64","expression":"power / 2","mapping":{}},{"id":"label","name":"","address":"holding:7","type":"string","length":12,"decoding":{"blanks":true},"scale":2,"mapping":{}},{"id":"phases","name":"","address":"holding:20","type":"uint16","count":3,"mapping":{}}]},{"id":"empty","name":"","connection":"a","unit":0,"scanClass":"slow","points":[],"quirks":{"maxRegisters":30,"maxBits":16,"onePerPoint":true,"pause":"5ns","readFunction":3,"addressBase":1,"anyUnit":true},"disabled":true}],"bridges":[{"id":"cloud","name":"Cloud","preset":"mosquitto","url":"mqtts://broker:8883","clientId":"me","username":"u","password":"********","version":5,"keepAlive":"30s","window":20,"tls":{"ca":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificate":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","key":"********","newKey":"********","serverName":"broker.example","alpn":"mqtt","pins":"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"proxy":{"url":"socks5://proxy:1080","username":"p","password":"********"},"routes":[{"direction":"out","filter":"#","exclude":["a/#","b"],"prefix":"site","qos":1,"priority":7,"retain":"never","batch":{"messages":50,"delay":"1s","format":"lines"}},{"direction":"in","filter":"cmd/+","topic":"orders/{1}","qos":2}],"paused":true,"pace":{"messagesPerSecond":50,"bytesPerSecond":64000},"storage":{"maxBytes":5000000,"maxAge":"72h0m0s","freeDisk":1073741824,"overflow":"thin-out","qos0":true,"thinOut":"1m0s"},"link":{"backup":"mqtts://backup:8883","returnAfter":"1m0s","interface":"wwan0","retryMax":"1m0s","ackTimeout":"20s","probeTopic":"probe/me","probeEvery":"30s","start":"schedule","idleAfter":"1m0s","hours":[{"from":"22:00","to":"05:30","days":["mon","fri"]}]}},{"id":"spare","name":"","url":"mqtt://x:1883","token":{"kind":"sas","key":"********","policy":"device","resource":"x/devices/spare","lifetime":"1h0m0s"},"routes":[],"disabled":true}],"listeners":[{"id":"lan","kind":"tls","address":":8883","clientCertificates":"required","clientCA":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificateUser":true},{"id":"behind","kind":"tcp","address":"127.0.0.1:1885","anonymous":true,"proxyProtocol":true,"trustedProxies":["192.0.2.7","2001:db8::/32"],"disabled":true}],"localLogin":{"tcp":true,"socket":false},"history":{"rawDays":14,"maxBytes":1073741824}}', 1, 0, 'Europe/Berlin', '{"rawDays":14,"maxBytes":1073741824}');
INSERT INTO revision (number, time, author, name, document, login_tcp, login_socket, time_zone, history) VALUES (2, 1795806960017, 'anna', 'press-hall', '{"revision":2,"name":"press-hall","timeZone":"Europe/Berlin","scanClasses":[{"id":"slow","interval":"1m0s"},{"id":"fast","interval":"100ms"}],"connections":[{"id":"z","name":"Serial line","url":"rtu:///dev/ttyUSB0?baud=9600\u0026parity=E","proxy":{"address":":1502","writable":true,"units":"1-10,17","from":"10.0.0.0/24","share":30},"timeout":"1s","staleAfter":5},{"id":"a","name":"","url":"tcp://10.0.0.5:502","tls":{"ca":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificate":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","key":"********","serverName":"plc.example"},"timeout":"0s","quirks":{"pauseAfterConnect":"3ns","closeAfterPoll":true},"disabled":true}],"devices":[{"id":"meter","name":"Zähler","connection":"z","unit":17,"scanClass":"fast","points":[{"id":"power","name":"Power","address":"holding:100","type":"float32","byteOrder":"CDAB","decoding":{"invalid":"-1,0","scaleFrom":"holding:102"},"scale":0.1,"offset":-40,"decimals":0,"unit":"kW","scanClass":"slow","writable":true,"limits":{"min":-1.5,"max":0,"bad":true},"publish":{"onChange":true,"deadband":0.5,"deadbandPercent":2,"longestSilence":"1h0m0s"},"mapping":{"topic":"{gateway}/p","payload":"plain","qos":0,"retain":true}},{"id":"alarm","name":"","address":"holding:9","type":"bool","decoding":{"bits":"3-0","inverted":true},"mapping":{}},{"id":"count","name":"","address":"holding:10","type":"uint32","decoding":{"encoding":"bcd"},"enum":"0=none; *=some","mapping":{}},{"id":"half","name":"","address":"","type":"float64","expression":"power / 2","mapping":{}},{"id":"label","name":"","address":"holding:7","type":"string","length":12,"decoding":{"blanks":true},"scale":2,"mapping":{}},{"id":"phases","name":"","address":"holding:20","type":"uint16","count":3,"mapping":{}}]},{"id":"empty","name":"","connection":"a","unit":0,"scanClass":"slow","points":[],"quirks":{"maxRegisters":30,"maxBits":16,"onePerPoint":true,"pause":"5ns","readFunction":3,"addressBase":1,"anyUnit":true},"disabled":true}],"bridges":[{"id":"cloud","name":"Cloud","preset":"mosquitto","url":"mqtts://broker:8883","clientId":"me","username":"u","password":"********","version":5,"keepAlive":"30s","window":20,"tls":{"ca":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificate":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","key":"********","newKey":"********","serverName":"broker.example","alpn":"mqtt","pins":"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"proxy":{"url":"socks5://proxy:1080","username":"p","password":"********"},"routes":[{"direction":"out","filter":"#","exclude":["a/#","b"],"prefix":"site","qos":1,"priority":7,"retain":"never","batch":{"messages":50,"delay":"1s","format":"lines"}},{"direction":"in","filter":"cmd/+","topic":"orders/{1}","qos":2}],"paused":true,"pace":{"messagesPerSecond":50,"bytesPerSecond":64000},"storage":{"maxBytes":5000000,"maxAge":"72h0m0s","freeDisk":1073741824,"overflow":"thin-out","qos0":true,"thinOut":"1m0s"},"link":{"backup":"mqtts://backup:8883","returnAfter":"1m0s","interface":"wwan0","retryMax":"1m0s","ackTimeout":"20s","probeTopic":"probe/me","probeEvery":"30s","start":"schedule","idleAfter":"1m0s","hours":[{"from":"22:00","to":"05:30","days":["mon","fri"]}]}},{"id":"spare","name":"","url":"mqtt://x:1883","token":{"kind":"sas","key":"********","policy":"device","resource":"x/devices/spare","lifetime":"1h0m0s"},"routes":[],"disabled":true}],"listeners":[{"id":"lan","kind":"tls","address":":8883","clientCertificates":"required","clientCA":"-----BEGIN CERTIFICATE-----\nMIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw\nEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy\nMzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH\nA0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/\npF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt\nsUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB\nAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF\n4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=\n-----END CERTIFICATE-----\n","certificateUser":true},{"id":"behind","kind":"tcp","address":"127.0.0.1:1885","anonymous":true,"proxyProtocol":true,"trustedProxies":["192.0.2.7","2001:db8::/32"],"disabled":true}],"localLogin":{"tcp":true,"socket":false},"history":{"rawDays":14,"maxBytes":1073741824}}', 1, 0, 'Europe/Berlin', '{"rawDays":14,"maxBytes":1073741824}');
INSERT INTO scan_class (id, ordinal, interval) VALUES ('fast', 1, 100000000);
INSERT INTO scan_class (id, ordinal, interval) VALUES ('slow', 0, 60000000000);
INSERT INTO connection (id, ordinal, name, url, timeout, disabled, ca, certificate, key, server_name, proxy, pause_after_connect, close_after_poll, stale_after) VALUES ('a', 1, '', 'tcp://10.0.0.5:502', 0, 1, '-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy
MzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/
pF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt
sUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF
4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=
-----END CERTIFICATE-----
', '-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy
MzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/
pF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt
sUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF
4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=
-----END CERTIFICATE-----
', '-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnRAWYwgwTeE8yChD
T2DLJDdk6F6UQ0Dxxl8G1cvlc16hRANCAAS1ngaWf0Jtw7rkdVqq0idRhquSnhrr
DS1w3rNQDSA00sdaclma7Dq+pYN2v6Re7J9TV8pVr+dnKUjlHZ1ZHFLC
-----END PRIVATE KEY-----
', 'plc.example', '{}', 3, 1, 0);
INSERT INTO connection (id, ordinal, name, url, timeout, disabled, ca, certificate, key, server_name, proxy, pause_after_connect, close_after_poll, stale_after) VALUES ('z', 0, 'Serial line', 'rtu:///dev/ttyUSB0?baud=9600&parity=E', 1000000000, 0, '', '', '', '', '{"address":":1502","writable":true,"units":"1-10,17","from":"10.0.0.0/24","share":30}', 0, 0, 5);
INSERT INTO device (id, ordinal, name, connection, unit, scan_class, disabled, max_registers, max_bits, one_per_point, pause, read_function, address_base, profile, profile_version, differences, any_unit) VALUES ('empty', 1, '', 'a', 0, 'slow', 1, 30, 16, 1, 5, 3, 1, '', 0, 'null', 1);
INSERT INTO device (id, ordinal, name, connection, unit, scan_class, disabled, max_registers, max_bits, one_per_point, pause, read_function, address_base, profile, profile_version, differences, any_unit) VALUES ('meter', 0, 'Zähler', 'z', 17, 'fast', 0, 0, 0, 0, 0, 0, 0, '', 0, 'null', 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'alarm', 1, '', 'holding:9', 'bool', '', 0, 0.0, 0.0, NULL, '', '', 0, '', '', NULL, 0, '', '3-0', 1, '', '', NULL, NULL, 0, '', '', 0, 0.0, 0.0, 0, 0, 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'count', 2, '', 'holding:10', 'uint32', '', 0, 0.0, 0.0, NULL, '', '', 0, '', '', NULL, 0, 'bcd', '', 0, '', '', NULL, NULL, 0, '0=none; *=some', '', 0, 0.0, 0.0, 0, 0, 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'half', 3, '', '', 'float64', '', 0, 0.0, 0.0, NULL, '', '', 0, '', '', NULL, 0, '', '', 0, '', '', NULL, NULL, 0, '', 'power / 2', 0, 0.0, 0.0, 0, 0, 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'label', 4, '', 'holding:7', 'string', '', 12, 2.0, 0.0, NULL, '', '', 0, '', '', NULL, 0, '', '', 0, '', '', NULL, NULL, 0, '', '', 0, 0.0, 0.0, 0, 0, 1);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'phases', 5, '', 'holding:20', 'uint16', '', 0, 0.0, 0.0, NULL, '', '', 0, '', '', NULL, 0, '', '', 0, '', '', NULL, NULL, 0, '', '', 0, 0.0, 0.0, 0, 3, 0);
INSERT INTO point (device, id, ordinal, name, address, type, byte_order, length, scale, offset, decimals, unit, scan_class, writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks) VALUES ('meter', 'power', 0, 'Power', 'holding:100', 'float32', 'CDAB', 0, 0.1, -40.0, 0, 'kW', 'slow', 1, '{gateway}/p', 'plain', 0, 1, '', '', 0, '-1,0', 'holding:102', -1.5, 0.0, 1, '', '', 1, 0.5, 2.0, 3600000000000, 0, 0);
INSERT INTO bridge (id, ordinal, name, url, client_id, username, password, version, keep_alive, window, disabled, ca, certificate, key, server_name, alpn, proxy, proxy_username, proxy_password, paused, pace, storage, link, preset, token, token_key, new_key, pins) VALUES ('cloud', 0, 'Cloud', 'mqtts://broker:8883', 'me', 'u', 's3cret', 5, 30000000000, 20, 0, '-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy
MzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/
pF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt
sUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF
4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=
-----END CERTIFICATE-----
', '-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy
MzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/
pF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt
sUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF
4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=
-----END CERTIFICATE-----
', '-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnRAWYwgwTeE8yChD
T2DLJDdk6F6UQ0Dxxl8G1cvlc16hRANCAAS1ngaWf0Jtw7rkdVqq0idRhquSnhrr
DS1w3rNQDSA00sdaclma7Dq+pYN2v6Re7J9TV8pVr+dnKUjlHZ1ZHFLC
-----END PRIVATE KEY-----
', 'broker.example', 'mqtt', 'socks5://proxy:1080', 'p', 's3cret too', 1, '{"messagesPerSecond":50,"bytesPerSecond":64000}', '{"maxBytes":5000000,"maxAge":"72h0m0s","freeDisk":1073741824,"overflow":"thin-out","qos0":true,"thinOut":"1m0s"}', '{"backup":"mqtts://backup:8883","returnAfter":"1m0s","interface":"wwan0","retryMax":"1m0s","ackTimeout":"20s","probeTopic":"probe/me","probeEvery":"30s","start":"schedule","idleAfter":"1m0s","hours":[{"from":"22:00","to":"05:30","days":["mon","fri"]}]}', 'mosquitto', '{}', '', 'a new key', 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
INSERT INTO bridge (id, ordinal, name, url, client_id, username, password, version, keep_alive, window, disabled, ca, certificate, key, server_name, alpn, proxy, proxy_username, proxy_password, paused, pace, storage, link, preset, token, token_key, new_key, pins) VALUES ('spare', 1, '', 'mqtt://x:1883', '', '', '', 0, 0, 0, 1, '', '', '', '', '', '', '', '', 0, '{}', '{}', '{}', '', '{"kind":"sas","policy":"device","resource":"x/devices/spare","lifetime":"1h0m0s"}', 'a2V5', '', '');
INSERT INTO route (bridge, ordinal, direction, filter, prefix, qos, exclude, topic, priority, retain, batch) VALUES ('cloud', 0, 'out', '#', 'site', 1, '["a/#","b"]', '', 7, 'never', '{"messages":50,"delay":"1s","format":"lines"}');
INSERT INTO route (bridge, ordinal, direction, filter, prefix, qos, exclude, topic, priority, retain, batch) VALUES ('cloud', 1, 'in', 'cmd/+', '', 2, '[]', 'orders/{1}', 0, '', '{}');
INSERT INTO user (name, role, hash, scram, disabled, mqtt, preset) VALUES ('anna', 'administrator', 'h1', '', 0, 0, '');
INSERT INTO user (name, role, hash, scram, disabled, mqtt, preset) VALUES ('pump', '', 'h2', 'keys', 1, 1, '');
INSERT INTO login (token_hash, user, used, expires, address) VALUES (X'0102FF0000000000000000000000000000000000000000000000000000000000', 'anna', 1700000000123, 4000000000456, '10.0.0.7');
INSERT INTO listener (id, ordinal, kind, address, anonymous, client_certificates, client_ca, certificate_user, proxy_protocol, disabled, trusted_proxies) VALUES ('lan', 0, 'tls', ':8883', 0, 'required', '-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUDOMNf+S0tLUHq6+eSiIjSm6jEnwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjExMjYxMjMxNTJaGA8yMTI2MTEwMjEy
MzE1MlowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLWeBpZ/Qm3DuuR1WqrSJ1GGq5KeGusNLXDes1ANIDTSx1pyWZrsOr6lg3a/
pF7sn1NXylWv52cpSOUdnVkcUsKjUzBRMB0GA1UdDgQWBBTEBQnTT8tLnFg0nGYt
sUxiAhSe2jAfBgNVHSMEGDAWgBTEBQnTT8tLnFg0nGYtsUxiAhSe2jAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCfOMBAN+LGQ0ESq0qrkQEDq1xF
4MIdsdTlijNi3ZPySgIgbkKS3cFQI4jUI6pkS3jEoAABZNszHV5+m4PCGvjHKhA=
-----END CERTIFICATE-----
', 1, 0, 0, '[]');
INSERT INTO listener (id, ordinal, kind, address, anonymous, client_certificates, client_ca, certificate_user, proxy_protocol, disabled, trusted_proxies) VALUES ('behind', 1, 'tcp', '127.0.0.1:1885', 1, '', '', 0, 1, 1, '["192.0.2.7","2001:db8::/32"]');
INSERT INTO rule (user, ordinal, action, effect, filter) VALUES ('pump', 0, 'subscribe', 'deny', 'z/%c');
INSERT INTO rule (user, ordinal, action, effect, filter) VALUES ('pump', 1, 'both', 'allow', 'a/#');
INSERT INTO token (id, name, scope, author, hash, created, expires, used) VALUES ('0304', 'grafana', 'read', 'anna', X'0304FF0000000000000000000000000000000000000000000000000000000000', 1700000000123, 4000000000456, 1700000000123);
INSERT INTO certificate (id, chain, key, listeners, changed, author) VALUES ('plant', 'certificates', 'its key', '["lan","page"]', 1700000000123, 'anna');
INSERT INTO audit (number, time, author, address, action, subject, revision, fields) VALUES (1, 1795806960028, 'anna', '10.0.0.7', 'addUser', 'bob', 3, '[{"field":"role","before":"","after":"viewer"}]');
INSERT INTO learned (device, subject, learned) VALUES ('meter', 'rtu:///dev/ttyUSB0', '{"since":"2023-11-14T22:13:20.123Z","tables":[{"table":"holding","holes":[{"from":5,"to":9}],"cuts":[40]}]}');
INSERT INTO alarm (number, code, subject, began, severity, detail, ended, acknowledged, acknowledged_by) VALUES (1, 'bridge_parked', 'cloud', 1700000000123, 'warning', '7 messages are kept', 0, 1700000000123, 'anna');
