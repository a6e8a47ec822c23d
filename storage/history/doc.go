// Package history is history.db: the readings of the past, for charts. It may be thrown away.
//
//	pollers ──▶ Put ──▶ pending ──▶ every 10 s: recent ──▶ when it pays: raw     7 days
//	             │ never blocks      one commit, own file         └────▶ minute  1 year
//	             └─▶ minimum, maximum, sum, number of each minute       hour    1 year
//
// # How it is used
//
// New starts nothing; Run opens the file and writes until its context ends. Put takes readings beside gateway/live, Past
// answers what a chart wants to know, Status says how it is doing.
//
// # What it guarantees
//
//   - It delays nobody: Put only notes in memory, under a lock that is never held while the disk works. When the disk is
//     slow, the oldest readings that wait are dropped and counted. queue.db has another writer and another file.
//   - It is bounded: in memory by numbers of rows, on disk by age and by bytes (the oldest readings go first, in small
//     steps), and in what it writes by a budget of bytes per day: when all points together change faster than that pays
//     for, readings are thinned (at most one row per point and interval) and counted. Minimum, mean and maximum of a
//     minute always include all readings. A change between good and bad is never thinned.
//   - It answers fast: the rows of a point are neighbours, hours stand for long times, and SQLite puts the rows of a bucket
//     together, so that an answer costs about as much as it has buckets.
//   - A stretch in which the value was not known is a gap, never a line.
//   - A step of the clock deletes nothing: ages are counted by a clock that goes on at the pace of the real one and
//     believes a jump forward only after a day of running. In doubt rows stay; the bound of bytes holds all the same.
//   - A damaged file is set aside and a new one made, also while the gateway runs. When the file cannot be opened, the
//     gateway goes on without history, says so in Status, and tries again every minute.
//
// # What it does not do
//
// Nothing waits for it to be on disk: a kill costs the last batch (10 s) and the minimum, mean and maximum of the minute
// that is not over; a power cut that and what the system had not yet written of the log (synchronous=NORMAL), usually the
// last half minute. An orderly stop writes all. Numbers are kept as the charts draw them: whole numbers beyond 2^53 lose
// their last digits in answers. Ages are met within a sixty-fourth.
//
// The budget of bytes is for rows: with thousands of points, the minutes alone may cost more, and are written all the same.
//
// The tables and the life of a row are described in migrations/0002.sql.
package history
