package offlinetest_test

import (
	"testing"

	"posagent/offline/offlinetest"
	"posagent/queue/queuetest"
)

func subject(j *offlinetest.Journal) queuetest.Subject {
	return queuetest.Subject{
		Journal: j,
		Reopen:  func() queuetest.Subject { return subject(j.Reopen()) },
	}
}

func TestMemoryJournalKeepsTheContract(t *testing.T) {
	queuetest.RunJournal(t, func(*testing.T) queuetest.Subject { return subject(offlinetest.NewJournal()) })
}
