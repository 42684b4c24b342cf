package queuetest

import (
	"testing"

	"posagent/offline"
)

// Subject is one journal under test.
type Subject struct {
	offline.Journal
	// Reopen ends the run that has the journal and starts the next one.
	Reopen func() Subject
	// Tidy files settled sales, where the journal does such a thing.
	Tidy func() error
}

func (s Subject) tidy(t *testing.T) {
	t.Helper()
	if s.Tidy == nil {
		return
	}
	if err := s.Tidy(); err != nil {
		t.Fatal(err)
	}
}

// RunJournal holds an implementation of offline.Journal to the contract. Each
// test gets an empty journal.
func RunJournal(t *testing.T, open func(t *testing.T) Subject) {
	groups := []struct {
		name  string
		tests []namedTest
	}{
		{"guard", guardTests()},
		{"code", codeTests()},
		{"read", readTests()},
		{"list", listTests()},
		{"many", manyTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, test := range g.tests {
				t.Run(test.name, func(t *testing.T) {
					j := open(t)
					test.run(t, j, NewScript(j))
				})
			}
		})
	}
}

// namedTest is one sentence of the contract.
type namedTest struct {
	name string
	run  func(t *testing.T, j Subject, s *Script)
}
