// Package live has the latest reading of every point, for whoever wants to look: pollers put, the page watches. It also
// keeps the most recent log lines.
//
// Readings lie in one list in the order of their last change. A watch remembers the place up to which it has seen the
// list and takes what moved behind it: first the snapshot, then the newest value of each point that changed. So putting
// costs the same with any number of watchers, and a slow one gets fewer updates, never old ones, and delays nobody.
package live
