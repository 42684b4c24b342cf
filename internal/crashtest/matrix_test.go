package crashtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"posagent/offline"
	"posagent/offline/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// summary counts what a matrix has tried.
type summary struct {
	mu                           sync.Mutex
	rows, points                 int
	runs, died, unclear, violate int
	states                       map[offline.SaleState]int
}

func (s *summary) add(e ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.died += e.died
	s.states[e.state]++
	if e.unclear {
		s.unclear++
	}
	if len(e.faults) > 0 {
		s.violate++
	}
}

// row counts a row of the matrix with all its points.
func (s *summary) row(whole ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows++
	s.points += len(whole.points)
}

func (s *summary) String() string {
	return fmt.Sprintf("%d rows (scenario and plot) with %d points; %d runs, %d deaths: %d runs break a promise; %d end with a person; shown at the end: %v",
		s.rows, s.points, s.runs, s.died, s.violate, s.unclear, s.states)
}

// check fails the test with the story of a run that broke a rule.
func check(t *testing.T, e ending, where string) {
	t.Helper()
	if len(e.faults) > 0 {
		t.Errorf("%s: shown %q:\n\t%s\n%s", where, e.state, strings.Join(e.faults, "\n\t"), e.log)
	}
}

// Without a crash each scenario ends as the catalogue says.
func TestEachScenarioEndsAsTheCatalogueSays(t *testing.T) {
	keys := keysFor(t)
	for _, sc := range sandbox.Catalogue() {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			e := run(t, keys, offline.DefaultPolicy(), inMemory, sc, plots()[0])
			check(t, e, "no crash")
			ends, _, _ := strings.Cut(sc.Ends, ",")
			if !strings.Contains(ends, string(e.state)) {
				t.Errorf("ends %s, the catalogue says %s", e.state, sc.Ends)
			}
		})
	}
}

// The crash matrix: every scenario, every plot, every point, with the journal's
// twin in memory.
func TestNoCrashBreaksAPromise(t *testing.T) {
	keys := keysFor(t)
	total := &summary{states: map[offline.SaleState]int{}}
	t.Run("matrix", func(t *testing.T) {
		for _, sc := range sandbox.Catalogue() {
			for _, pl := range plots() {
				if !worthIt(sc, pl) {
					continue
				}
				t.Run(sc.Name+"/"+pl.name, func(t *testing.T) {
					t.Parallel()
					matrix(t, keys, total, sc, pl)
				})
			}
		}
	})
	t.Log(total)
}

// worthIt leaves out what differs in nothing from another row: what is wrong with
// one answer does not change what cancels and refunds do later.
func worthIt(sc sandbox.Scenario, pl plot) bool {
	broken := sc.Amount > 10200 && sc.Amount < 10400
	refusal := sc.Amount > 10500 && sc.Amount < 10700
	refund := sc.Amount > 10800
	switch {
	case pl.name == plots()[0].name:
		return true
	case pl.name == plots()[3].name:
		return refund || !broken && !refusal
	}
	return !broken && !refusal && !refund
}

func matrix(t *testing.T, keys keys, total *summary, sc sandbox.Scenario, pl plot) {
	t.Helper()
	whole := run(t, keys, shortPolicy(), inMemory, sc, pl)
	total.add(whole)
	total.row(whole)
	check(t, whole, "no crash")
	r := rand.New(rand.NewPCG(uint64(sc.Amount), uint64(len(pl.name))))
	for i, p := range whole.points {
		if (i+int(sc.Amount))%stride != 0 {
			continue
		}
		deaths := []point{p}
		if i%4 == 0 { // the second process dies as well, somewhere
			deaths = append(deaths, point{p.kind, 1 + r.IntN(6)})
		}
		e := run(t, keys, shortPolicy(), inMemory, sc, pl, deaths...)
		total.add(e)
		check(t, e, fmt.Sprintf("dies %v", deaths))
		if t.Failed() {
			return // one story is enough
		}
	}
}

// A sample of the matrix on the real journal's file.
func TestNoCrashBreaksAPromiseOnTheRealJournal(t *testing.T) {
	const stride = 7 * stride
	keys := keysFor(t)
	total := &summary{states: map[offline.SaleState]int{}}
	t.Run("matrix", func(t *testing.T) {
		for n, sc := range sandbox.Catalogue() {
			t.Run(sc.Name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				pl := plots()[0]
				if sc.Amount > 10800 {
					pl = plots()[3]
				}
				whole := run(t, keys, shortPolicy(), onDisk(dir), sc, pl)
				total.add(whole)
				total.row(whole)
				check(t, whole, "no crash")
				for i := n % stride; i < len(whole.points); i += stride {
					e := run(t, keys, shortPolicy(), onDisk(dir), sc, pl, whole.points[i])
					total.add(e)
					check(t, e, fmt.Sprintf("dies %v", whole.points[i]))
				}
			})
		}
	})
	t.Log(total)
}
