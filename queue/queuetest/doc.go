// Package queuetest helps tests that need a journal: Open gives one that is
// verified after the test, RunJournal is the suite that every implementation of
// offline.Journal must pass, Script writes plausible sales, and Fill makes large
// journals.
package queuetest
