// Package config is config.db: everything that the user decides, the users themselves, and their logins. It changes
// rarely and is precious: every change is one transaction with synchronous=FULL.
//
// The newest revision lies in columns; every revision is kept as a document without secrets, to be looked at and rolled
// back to. Secrets lie in their columns only, in full: the file has mode 0600. Users, logins, uploaded certificates,
// the past of alarms and the counter of starts are not part of revisions: a rollback must not bring back a deleted user or a
// replaced key.
//
// After each change that matters the whole file is copied ("config.db.good-..."), and the newest copies are kept. When
// the file turns out to be damaged at the next start, the newest good copy takes its place and Recovered says so.
//
// It validates nothing: that is done before Save.
package config
