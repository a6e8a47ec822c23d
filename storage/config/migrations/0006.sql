-- Settings that came later; each has the value that means what was before.

-- A paused bridge goes on queueing. Its pace is a JSON object as in the API, {} for no cap.
ALTER TABLE bridge ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bridge ADD COLUMN pace TEXT NOT NULL DEFAULT '{}';

-- login.address  where a login was made from; empty for those of before
ALTER TABLE login ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- token: the keys of machines to the API. hash is of the secret, which only the machine knows; expires and used are 0 for
-- never. They are no part of revisions, like users.
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
-- What a bridge may queue, as in the API, {} for the bounds of the broker; the priority of a route is 0 to 9.
ALTER TABLE bridge ADD COLUMN storage TEXT NOT NULL DEFAULT '{}';
ALTER TABLE route ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
-- Modbus/TCP Security: whom a connection trusts and who we are, as PEM.
ALTER TABLE connection ADD COLUMN ca TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN key TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN server_name TEXT NOT NULL DEFAULT '';

-- How a connection is shared with other masters: a JSON object as in the API, {} for not at all.
ALTER TABLE connection ADD COLUMN proxy TEXT NOT NULL DEFAULT '{}';
-- How and when a bridge connects, as in the API, {} for always and directly.
ALTER TABLE bridge ADD COLUMN link TEXT NOT NULL DEFAULT '{}';
-- What becomes of the retain flag on a route; empty keeps it.
ALTER TABLE route ADD COLUMN retain TEXT NOT NULL DEFAULT '';
-- How a route puts messages together, as in the API, {} for each alone.
ALTER TABLE route ADD COLUMN batch TEXT NOT NULL DEFAULT '{}';
-- Certificates that people have uploaded. They are no part of revisions: a rollback must not bring one back that was
-- replaced. chain and key are PEM, the key in full; listeners is a JSON list, empty for all that speak TLS.
CREATE TABLE certificate (
  id TEXT PRIMARY KEY,
  chain TEXT NOT NULL,
  key TEXT NOT NULL,
  listeners TEXT NOT NULL,
  changed INTEGER NOT NULL,
  author TEXT NOT NULL
) WITHOUT ROWID;

-- Whether clients of the listeners of the start-up file need a name: 0 no, as ever.
ALTER TABLE revision ADD COLUMN login_tcp INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN login_socket INTEGER NOT NULL DEFAULT 0;


-- audit: who changed what, the newest 10,000. action is the name of the operation in the API, or of the command; subject is
-- what it was about. revision is that of the configuration that the change made, 0 for none. fields is a JSON list of
-- {field, before, after} for what is no part of revisions. It is no part of revisions either.
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
-- How the bytes of a point become its value, beyond type and byte order; see gateway.Decoding.
ALTER TABLE point ADD COLUMN encoding TEXT NOT NULL DEFAULT '';
ALTER TABLE point ADD COLUMN bits TEXT NOT NULL DEFAULT '';
ALTER TABLE point ADD COLUMN inverted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN invalid TEXT NOT NULL DEFAULT '';
ALTER TABLE point ADD COLUMN scale_from TEXT NOT NULL DEFAULT '';

-- What makes sense, texts for numbers, how a computed point is made, and which readings become messages; see gateway.Point.
ALTER TABLE point ADD COLUMN limit_min REAL;
ALTER TABLE point ADD COLUMN limit_max REAL;
ALTER TABLE point ADD COLUMN limit_bad INTEGER NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN enum TEXT NOT NULL DEFAULT '';
ALTER TABLE point ADD COLUMN expression TEXT NOT NULL DEFAULT '';
ALTER TABLE point ADD COLUMN on_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN deadband REAL NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN deadband_percent REAL NOT NULL DEFAULT 0;
ALTER TABLE point ADD COLUMN longest_silence INTEGER NOT NULL DEFAULT 0;

-- Habits of devices and network connections that differ from the standard; see gateway.DeviceQuirks and ConnectionQuirks.
ALTER TABLE device ADD COLUMN max_registers INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN max_bits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN one_per_point INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN pause INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN read_function INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN address_base INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN pause_after_connect INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN close_after_poll INTEGER NOT NULL DEFAULT 0;
-- After how many intervals without a reading a point is no longer known; 0 for the default.
ALTER TABLE connection ADD COLUMN stale_after INTEGER NOT NULL DEFAULT 0;

-- The name of a preset, of a kind of cloud; '' for any broker.
ALTER TABLE bridge ADD COLUMN preset TEXT NOT NULL DEFAULT '';

-- How the password of each connection is made, a JSON object as in the API but for its key; {} for a fixed password.
ALTER TABLE bridge ADD COLUMN token TEXT NOT NULL DEFAULT '{}';
ALTER TABLE bridge ADD COLUMN token_key TEXT NOT NULL DEFAULT '';
-- A key that was made here and whose certificate is requested, as PEM; '' for none.
ALTER TABLE bridge ADD COLUMN new_key TEXT NOT NULL DEFAULT '';
-- Public keys that the other broker may have, with spaces between them.
ALTER TABLE bridge ADD COLUMN pins TEXT NOT NULL DEFAULT '';

-- profile: the versions of profiles that devices refer to, and those that people have uploaded; document is gateway.Profile
-- in JSON. A device with a profile has no rows in point but differences, a JSON list of gateway.PointDifference.
CREATE TABLE profile (
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (id, version)
) WITHOUT ROWID;
ALTER TABLE device ADD COLUMN profile TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN differences TEXT NOT NULL DEFAULT '[]';
