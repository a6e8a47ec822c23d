// Package pending makes changes that undo themselves unless they are kept in time.
//
//	Try -> the way back is stored -> the change is made -> Keep within 60 s, or it is undone
//
// It is for what can lock its author out: whoever cannot reach the page any more cannot keep the change either. The time is
// measured by a clock that nobody sets. The way back lies in the store from before the change is made, so that a restart
// undoes it too: the store does that before anybody reads what it has, see storage/config. It does not know what a change
// is: Former looks, and Restore goes back.
package pending
