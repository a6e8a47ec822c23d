// Package supervisor keeps what runs equal to what is configured.
//
//	Apply -> Validate -> Check -> revision -> Save -> reconcile: stop what changed, then start what changed
//
// Everything that can be wrong with a configuration is refused before it is saved; after that nothing can fail, since an
// unreachable device or cloud is a status. Runners are compared by the values that matter to them: equal ones keep
// running. Bridges start before connections and end after them, so that every reading finds the sessions that wait for
// it.
package supervisor
