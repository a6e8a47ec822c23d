-- Settings that came later; each has the value that means what was before.

-- A paused bridge goes on queueing. Its pace is a JSON object as in the API, {} for no cap.
ALTER TABLE bridge ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bridge ADD COLUMN pace TEXT NOT NULL DEFAULT '{}';
