package offlinetest_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

var (
	modelRuns = flag.Int("model.runs", defaultRuns, "runs of the adversary model")
	modelSeed = flag.Int64("model.seed", -1, "replay this one run of the adversary model and tell its story")
)

// tally sums reports.
type tally struct {
	runs, violating, attention, refused, crashes, commits, messages int
	first                                                           offlinetest.Report
	byPromise                                                       map[string]int
	states                                                          map[offline.SaleState]int
}

func (a *tally) add(r offlinetest.Report) {
	a.runs++
	a.crashes += r.Crashes
	a.commits += r.Commits
	a.messages += r.Messages
	a.states[r.State]++
	if r.State == offline.SaleStateAttention {
		a.attention++
		if r.Refused {
			a.refused++
		}
	}
	if len(r.Violations) == 0 {
		return
	}
	if a.violating == 0 || r.Seed < a.first.Seed {
		a.first = r
	}
	a.violating++
	seen := map[string]bool{}
	for _, v := range r.Violations {
		if !seen[v.Promise] {
			a.byPromise[v.Promise]++
			seen[v.Promise] = true
		}
	}
}

// runModel plays runs on all processors; which seed runs where does not matter.
func runModel(m offlinetest.Model, runs int) *tally {
	total := &tally{byPromise: map[string]int{}, states: map[offline.SaleState]int{}}
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := next.Add(1) - 1; seed < int64(runs); seed = next.Add(1) - 1 {
				m := m
				m.Check = m.Check && seed%8 == 0
				r := m.Run(uint64(seed))
				mu.Lock()
				total.add(r)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return total
}

func model(rules func() offlinetest.Rules) offlinetest.Model {
	return offlinetest.Model{Policy: offline.DefaultPolicy(), Rules: rules, Check: true}
}

func TestTheModelsAdversaryBreaksNoPromise(t *testing.T) {
	m := model(offlinetest.RealRules)
	if *modelSeed >= 0 {
		m.Trace = func(line string) { fmt.Println(line) }
		r := m.Run(uint64(*modelSeed))
		fmt.Printf("seed %d: shown %s, %d violations\n", r.Seed, r.State, len(r.Violations))
		return
	}
	total := runModel(m, *modelRuns)
	t.Logf("%d runs, %d commits, %d messages, %d crashes: %d runs violate a promise; %d (%.1f%%) end in attention, %d of them because the gateway never confirms; shown at the end: %v",
		total.runs, total.commits, total.messages, total.crashes, total.violating,
		total.attention, 100*float64(total.attention)/float64(total.runs), total.refused, total.states)
	// Attention is always allowed, but a till that calls the supervisor for every
	// hiccup has proven nothing.
	if share := float64(total.attention-total.refused) / float64(total.runs); share > 0.02 {
		t.Errorf("%.1f%% of the runs end in attention although the gateway would have confirmed", 100*share)
	}
	for _, s := range []offline.SaleState{
		offline.SaleStatePaid, offline.SaleStateDeclined, offline.SaleStateCancelled, offline.SaleStateExpired, offline.SaleStateAttention,
	} {
		if total.states[s] == 0 && total.runs >= 10_000 { // some ends are rarer than one in a few hundred
			t.Errorf("no run ends %s: the adversary proves too little", s)
		}
	}
	if total.violating > 0 {
		t.Errorf("seed %d (replay with -run %s -model.seed=%d): %v; by promise: %v",
			total.first.Seed, t.Name(), total.first.Seed, total.first.Violations, total.byPromise)
	}
}

// Every mutant is caught by what it does to the customer's money, to the order
// of intent and message, or to the rule that only the first run pays; refused
// writes do not count.
func TestTheModelCatchesEveryMutant(t *testing.T) {
	if testing.Short() || defaultRuns < 10_000 {
		t.Skip("needs enough runs to meet rare cases")
	}
	runs := max(*modelRuns/5, 2000)
	for _, mutant := range offlinetest.Mutants() {
		t.Run(mutant.Name, func(t *testing.T) {
			m := model(mutant.Rules)
			m.Check = false
			total := runModel(m, runs)
			t.Logf("%d of %d runs violate a promise, first seed %d: %v", total.violating, runs, total.first.Seed, total.byPromise)
			harm := 0
			for _, promise := range []string{
				offlinetest.PromiseMoney, offlinetest.PromiseOnce, offlinetest.PromiseIntent, offlinetest.PromisePay,
			} {
				harm += total.byPromise[promise]
			}
			if harm == 0 {
				t.Errorf("the mutant survives %d runs", runs)
			}
		})
	}
}

func TestASeedIsReplayedExactly(t *testing.T) {
	for seed := range uint64(50) {
		var stories [2]strings.Builder
		for i := range stories {
			m := model(offlinetest.RealRules)
			m.Trace = func(line string) { stories[i].WriteString(line + "\n") }
			m.Run(seed)
		}
		if stories[0].String() != stories[1].String() {
			t.Fatalf("seed %d tells two stories:\n%s\n%s", seed, stories[0].String(), stories[1].String())
		}
	}
}
