// Package storage opens SQLite files so that what is acknowledged is kept, and commits changes to them in groups.
//
// It knows nothing of messages or configuration: storage/queue and storage/config bring their own tables.
//
//	Commit ──▶ waiting ──▶ Writer.Run ──▶ BEGIN, members, COMMIT ──▶ done, in order
//	                          one goroutine, one connection          │
//	                                                 checkpointer ◀──┘ copies the log back, off the commit path
//
// # What it guarantees
//
//   - DB: write-ahead log, synchronous as the durability level says, asserted on every connection. A file that is
//     damaged or not ours is set aside, all parts together, and a new one (or the newest good snapshot) takes its place;
//     Recovered says so. A file of a newer version is refused and left alone.
//   - Writer: groups keep the order in which members came. A member that fails is taken out and the rest keeps its
//     order. A failed commit fails its whole group and what waits behind it, so that nobody overtakes those who come
//     again; the sync is never repeated on the same connection. When the COMMIT itself failed its members may be found on
//     disk later (ErrUncertain): whoever asked for them takes them out again in a member that is Owed.
//   - Space: new things are refused long before the disk is full. When somebody else fills it, the ballast is released,
//     and members that are Small go on. What was committed stays; with the room everything comes back by itself.
//
// # What it does not do
//
// It does not notice a flipped bit inside a row (SQLite has no checksums): storage/queue keeps its own. Nothing here may
// open the file of a live database behind SQLite's back: closing it again would drop SQLite's locks.
package storage
