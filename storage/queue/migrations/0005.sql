-- additive
-- Why a delivery was parked: its receiver refused it for good. A row goes with its delivery, which is in lane 2. parked is
-- wall time.

CREATE TABLE parked (
  session INTEGER NOT NULL,
  position INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (session, position)
) WITHOUT ROWID;
