package agent

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"posagent/internal/audit"
	"posagent/internal/config"
	"posagent/internal/localapi/wire"
)

// launch runs the daemon as a process that kills itself at a step.
func (r *rig) launch(step string) *exec.Cmd {
	r.t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+r.dir, childStep+"="+step)
	child.Stderr = r.log
	must(r.t, child.Start())
	r.awaitReady()
	return child
}

// Nothing of a reload is on disk but the trail's entry and the copy of what is in
// force: whenever the process dies, the next one reads the files, and the trail
// says what changed.
func TestAProcessKilledAtAnyStepOfAReloadSellsAfterwards(t *testing.T) {
	t.Parallel()
	good := "[terminal]\nstore_name = \"Harbour\"\n[policy]\nquery_limit = 7\n"
	for _, row := range []struct {
		step, change string
		limit        int
	}{
		{"begin", good, 7}, {"built", good, 7}, {"proven", good, 7}, {"held", good, 7}, {"recorded", good, 7},
		{"applied", good, 7}, {"tried", good, 7}, {"kept", good, 7},
		{"returned", "[policy]\nquery_limit = 7\n[[scanner]]\nname = \"counter\"\nport = \"none\"\n", 7},
	} {
		t.Run(row.step, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			child := r.launch(row.step)
			r.sell()
			r.dropIn(strings.ReplaceAll(row.change, "\"none\"", fmt.Sprintf("%q", filepath.Join(r.dir, "none"))))
			must(t, child.Process.Signal(syscall.SIGHUP))
			if err := child.Wait(); err == nil || child.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the daemon did not come to %q: %v", row.step, err)
			}
			if row.step == "returned" {
				// The scanner is still not there; codes come through the API meanwhile.
				r.startAnyway()
			} else {
				r.start()
			}
			if got := r.agent.engine.Policy().QueryLimit; got != row.limit {
				t.Errorf("the limit is %d", got)
			}
			r.sell()
			r.wantBooks()
			told := false
			for _, e := range r.trail() {
				told = told || e.Action == audit.Reload && strings.Contains(e.Detail["policy.query_limit"], "20 -> 7")
			}
			if !told {
				t.Errorf("nobody can tell who changed it: %+v", r.trail())
			}
			if kept, err := config.LoadKept(filepath.Join(r.dir, "journal.db")); err != nil || len(config.Diff(kept, r.agent.now().taken)) != 0 {
				t.Errorf("what is in force is not what is kept: %v", err)
			}
		})
	}
}

// startAnyway starts the daemon where its scanner is away.
func (r *rig) startAnyway() {
	r.t.Helper()
	r.scannerAway = true
	r.start()
	r.await("the till to sell by codes from the API", func(s wire.Status) bool { return s.Till.Ready })
}
