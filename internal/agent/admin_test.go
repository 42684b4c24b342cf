package agent

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/admin/client"
	"posagent/internal/audit"
	"posagent/internal/localapi/wire"
	"posagent/queue"
)

// ops is store IT at the admin socket of the rig.
func (r *rig) ops() *client.Client {
	r.t.Helper()
	c, err := client.New(client.Options{Socket: filepath.Join(r.dir, "s-admin.sock")})
	must(r.t, err)
	return c
}

func TestTheJournalIsCheckedAndCopiedWhileSalesRun(t *testing.T) {
	r := newRig(t)
	r.start()
	r.sell()
	ops := r.ops()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var copies []string
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			v, err := ops.Verify(t.Context())
			if err != nil || !v.OK {
				t.Errorf("verify: %+v, %v", v, err)
			}
			var out bytes.Buffer
			if _, err := ops.Backup(t.Context(), &out); err != nil {
				t.Errorf("backup: %v", err)
			}
			path := filepath.Join(r.dir, "copy.db")
			if n > 0 {
				path += ".later"
			}
			if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
				t.Error(err)
			}
			if !slices.Contains(copies, path) {
				copies = append(copies, path)
			}
		}
	})
	for range 25 {
		r.sell()
	}
	close(stop)
	wg.Wait()
	for _, path := range copies {
		if report, err := queue.Verify(t.Context(), path); err != nil || !report.OK() || report.Sales == 0 {
			t.Errorf("%s: %+v, %v", path, report, err)
		}
	}
	r.wantBooks()
}

func TestADrainedDaemonStaysDrainedOverARestartIfItWasToldTo(t *testing.T) {
	for _, keep := range []bool{true, false} {
		r := newRig(t)
		r.start()
		d, err := r.ops().Drain(t.Context(), patience, keep)
		if err != nil || !d.Drained || d.Kept != keep {
			t.Fatalf("%+v, %v", d, err)
		}
		r.stop()
		if !keep {
			r.start()
			r.sell()
			continue
		}
		// It is ready in all but selling: the rig's own start waits for a till that sells.
		opened := make(chan struct{})
		go func() {
			defer close(opened)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			for ctx.Err() == nil {
				if d, err := r.ops().Status(ctx); err == nil {
					if !d.Drain.Draining || d.Drain.By == "" || !d.Drain.Kept {
						t.Errorf("after the restart: %+v", d.Drain)
					}
					if _, err := r.ops().Resume(ctx); err != nil {
						t.Error(err)
					}
					return
				}
				select {
				case <-time.After(5 * time.Millisecond):
				case <-ctx.Done():
				}
			}
		}()
		r.start()
		<-opened
		r.sell()
		if _, err := os.Stat(filepath.Join(r.dir, "drained.json")); err == nil {
			t.Error("the note of the drain is still there")
		}
	}
}

func TestAnAdminListenerThatCannotBeOpenedDoesNotKeepTheTillFromSelling(t *testing.T) {
	r := newRig(t)
	r.dropIn("[admin]\nlisten = \"" + r.address + "\"\nsocket = \"50.toml\"\n") // the gateway's address, and this very file
	r.start()
	r.sell()
	if log := r.log.String(); strings.Count(log, "store IT is not answered") < 2 {
		t.Errorf("the log does not say so:\n%s", log)
	}
}

func TestStartAndStopStandInTheTrail(t *testing.T) {
	r := newRig(t)
	r.start()
	r.stop()
	r.start()
	list, err := r.agent.audit.List(0, 0)
	must(t, err)
	var got []string
	for _, e := range list {
		if e.Action == audit.Start || e.Action == audit.Stop {
			got = append(got, string(e.Action)+" "+string(e.Result)+" "+e.Detail["version"])
		}
	}
	if want := "start done test, stop done test, start done test"; strings.Join(got, ", ") != want {
		t.Errorf("got %v", got)
	}
}

// BenchmarkDrain is how long a till takes to come to rest once nobody stands at it:
// asked with nobody there, and from the moment that the last sale is paid.
func BenchmarkDrain(b *testing.B) {
	r := newRig(b)
	r.start()
	r.sell()
	ops := r.ops()
	for name, run := range map[string]func(b *testing.B) time.Duration{
		"nobody": func(b *testing.B) time.Duration {
			b.Helper()
			begun := time.Now()
			if d, err := ops.Drain(b.Context(), patience, false); err != nil || !d.Drained {
				b.Fatal(d, err)
			}
			return time.Since(begun)
		},
		"after a sale": func(b *testing.B) time.Duration {
			b.Helper()
			r.sales++
			id := "D-" + time.Now().Format("150405.000000000")
			_, _, err := r.client.OpenSale(b.Context(), wire.NewSale{SaleID: id, Amount: wire.Money{Currency: "HKD", Value: 100}})
			must(b, err)
			drained := make(chan time.Time, 1)
			go func() {
				d, err := ops.Drain(b.Context(), patience, false)
				if err != nil || !d.Drained {
					b.Error(d, err)
				}
				drained <- time.Now()
			}()
			r.await("the drain", func(s wire.Status) bool { return !s.Till.Ready })
			_, err = r.client.Cancel(b.Context(), id, "bench")
			must(b, err)
			ended := time.Now()
			return (<-drained).Sub(ended)
		},
	} {
		b.Run(name, func(b *testing.B) {
			var sum, most time.Duration
			for b.Loop() {
				d := run(b)
				sum += d
				most = max(most, d)
				b.StopTimer()
				if _, err := ops.Resume(b.Context()); err != nil {
					b.Fatal(err)
				}
				r.awaitReady()
				b.StartTimer()
			}
			b.ReportMetric(float64(sum.Microseconds())/1000/float64(b.N), "ms/drain")
			b.ReportMetric(float64(most.Microseconds())/1000, "ms/most")
		})
	}
}
