package agent

import (
	"fmt"
	"testing"
	"time"

	"posagent/internal/audit"
)

// How long a reload takes, and how much of it the till is held: a sale that comes
// in between waits for that.
func BenchmarkReload(b *testing.B) {
	for name, change := range map[string]func(r *rig, i int){
		"nothing changed": func(*rig, int) {},
		"policy":          func(r *rig, i int) { r.dropIn(fmt.Sprintf("[policy]\nquery_limit = %d\n", 5+i%2)) },
		"gateway":         func(r *rig, i int) { r.dropIn(fmt.Sprintf("[terminal]\nstore_name = \"Shop %d\"\n", i)) },
		"scanner": func(r *rig, i int) {
			r.dropIn(fmt.Sprintf("[[scanner]]\nname = \"counter\"\nmax_length = %d\n", 100+i%2))
		},
	} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b)
			r.start()
			var held time.Duration
			var since time.Time
			r.onStep(func(name string) {
				switch name {
				case "held":
					since = time.Now()
				case "kept":
					held += time.Since(since)
				}
			})
			i := 0
			for b.Loop() {
				i++
				change(r, i)
				if rep, err := r.agent.Reload(b.Context(), Ask{By: audit.Self(), Trigger: "admin"}); err != nil || !rep.OK() {
					b.Fatalf("%+v, %v", rep, err)
				}
			}
			b.ReportMetric(float64(held.Microseconds())/1000/float64(b.N), "ms-held/op")
		})
	}
}
