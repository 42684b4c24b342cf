package crashtest

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
	"posagent/offline/alipay"
	"posagent/offline/offlinetest"
	"posagent/offline/sandbox"
	"posagent/queue"
)

// stage is where one run plays: a gateway with its books, a journal that
// survives processes, and the processes that come and go.
type stage struct {
	t       testing.TB
	keys    keys
	policy  offline.Policy
	wrap    func(offline.Gateway) offline.Gateway // optional: spoils the agent
	slow    time.Duration                         // optional: how long the very first commit takes
	gateway *sandbox.Gateway
	link    *sandbox.Link
	journal offline.Journal
	reopen  func() offline.Journal // what a crash leaves
	current atomic.Pointer[process]
	faults  faults
	log     logBuffer
}

// shortPolicy is a policy within the published limits whose runs are short, so
// that every point of every scenario can be tried.
func shortPolicy() offline.Policy {
	p := offline.DefaultPolicy()
	p.QueryLimit, p.WatchQueries, p.CancelRetries, p.RefundRetries = 5, 4, 3, 3
	return p
}

// ending is what a run came to.
type ending struct {
	state   offline.SaleState
	points  []point // of the first process, where it lived
	died    int     // how many processes died
	faults  []string
	log     string
	unclear bool // a person must look
}

// run plays a plot for one scenario: the processes die at the given points, one
// after the other, and the last one lives.
func run(t *testing.T, keys keys, policy offline.Policy, on func(*stage), sc sandbox.Scenario, pl plot, deaths ...point) ending {
	t.Helper()
	var out ending
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(pl.from)
		st := &stage{t: t, keys: keys, policy: policy}
		gw, err := sandbox.New(sandbox.Options{
			ClientID: "C-1", MerchantID: "M-1", MerchantPublicKey: &keys.Terminal.RSA().PublicKey,
			AlipayPrivateKey: keys.alipay, Rand: &stream{name: "gateway"}, OnCall: st.onCall,
		})
		if err != nil {
			t.Fatal(err)
		}
		st.gateway, st.link = gw, sandbox.Transport(gw)
		on(st)
		pl.script(gw, sc)
		for i, dies := range append(deaths, never) {
			p := start(offline.BootID("boot-"+string(rune('1'+i))), dies, st)
			pl.act(p, sc)
			p.rest()
			p.end()
			if !p.isDead() {
				out.points = p.points()
				break
			}
			out.died++
			st.journal = st.reopen()
			time.Sleep(pl.down)
		}
		st.link.Wait()
		gw.Flush()
		out.state, out.unclear = st.judge()
		if err := gw.Close(); err != nil {
			st.faults.add("closing the gateway: %v", err)
		}
		st.close()
		out.faults, out.log = st.faults.list, st.log.String()
	})
	return out
}

// onCall is the moment when the books have changed and the answer has not left.
func (st *stage) onCall(sandbox.Call) { st.current.Load().reach(afterSend) }

func (st *stage) clientConfig(w http.RoundTripper) alipay.Config {
	return alipay.Config{
		BaseURL: "http://127.0.0.1/api/alipay/intl/acquiring/", ClientID: "C-1", MerchantID: "M-1",
		PrivateKey: st.keys.terminal, AlipayPublicKey: &st.keys.Alipay.RSA().PublicKey,
		Store:      alipay.Store{StoreID: "S01", StoreName: "Sunrise Mart", MCC: "5411"},
		TerminalID: "T03", Transport: w,
	}
}

// inMemory gives a stage the twin of the journal.
func inMemory(st *stage) {
	j := offlinetest.NewJournal()
	st.journal = j
	st.reopen = func() offline.Journal {
		j = j.Reopen()
		return j
	}
}

// onDisk gives a stage the real journal. A crash leaves a copy of the file as it
// was when the process died: nothing is written to it later.
func onDisk(dir string) func(*stage) {
	return func(st *stage) {
		n := 0
		path := func() string { return filepath.Join(dir, "journal-"+string(rune('a'+n))+".db") }
		for ; n < 26; n++ {
			if err := os.Remove(path()); err != nil && !errors.Is(err, os.ErrNotExist) {
				st.t.Fatal(err)
			}
		}
		n = 0
		open := func() *queue.Journal {
			j, err := queue.Open(path(), queue.Options{Terminal: "T03"})
			if err != nil {
				st.t.Fatal(err)
			}
			return j
		}
		j := open()
		st.journal = j
		st.reopen = func() offline.Journal {
			old := path()
			n++
			if err := copyFile(old, path()); err != nil {
				st.t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				st.faults.add("closing the dead process's journal: %v", err)
			}
			j = open()
			return j
		}
	}
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	dst, err := os.Create(to)
	if err != nil {
		return errors.Join(err, src.Close())
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, src.Close(), dst.Close())
}

func (st *stage) close() {
	if c, ok := st.journal.(io.Closer); ok {
		if err := c.Close(); err != nil {
			st.faults.add("closing the journal: %v", err)
		}
	}
}
