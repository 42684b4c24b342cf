// Package audit says what the till's audit trail is: who did what to the daemon,
// when, by which way, and what came of it. Sales have a trail of their own in
// the journal's facts; here stands what is done to the till itself.
//
// An entry is written once and never changed. Entries are numbered from 1
// without gaps, so that a missing one shows. They are kept durably in the
// journal's file; where there is none, they go to the log as warnings.
package audit
