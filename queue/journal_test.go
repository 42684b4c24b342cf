package queue_test

import (
	"testing"

	"go.uber.org/goleak"

	"posagent/queue"
	"posagent/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subject(t *testing.T, j *queue.Journal) queuetest.Subject {
	return queuetest.Subject{
		Journal: j,
		Reopen:  func() queuetest.Subject { return subject(t, queuetest.Reopen(t, j)) },
		Tidy:    j.Tidy,
	}
}

func TestJournalKeepsTheContract(t *testing.T) {
	queuetest.RunJournal(t, func(t *testing.T) queuetest.Subject { return subject(t, queuetest.Open(t)) })
}
