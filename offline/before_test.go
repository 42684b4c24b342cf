package offline_test

import (
	"fmt"
	"testing"

	"posagent/offline"
)

// wantBefore checks that the states from which a write came can be told from the
// sale after it.
func wantBefore(t testing.TB, before, after offline.Sale, w offline.Write, boot offline.BootID) {
	t.Helper()
	if replaces(before, w) {
		return
	}
	if want, got := statesOf(before.SeenBy(boot)), statesOf(after.SeenBy(boot).Before(w)); got != want {
		t.Errorf("before %+v the states were\n%s, told as\n%s", w, want, got)
	}
}

// replaces tells whether the write brings a second end or parking, of which only
// the newest is kept.
func replaces(before offline.Sale, w offline.Write) bool {
	second := func(f offline.Fact, parked, resolved *offline.Mark, end *offline.End) bool {
		return f.Kind == offline.FactParked && parked != nil || f.Kind == offline.FactResolved && resolved != nil || f.Kind == offline.FactEnded && end != nil
	}
	for _, pw := range w.Payments {
		if p := before.Payment(pw.ID); p != nil {
			for _, f := range pw.Facts {
				if second(f, p.Parked, p.Resolved, p.End) {
					return true
				}
			}
		}
	}
	for _, rw := range w.Refunds {
		if r := before.Refund(rw.ID); r != nil {
			for _, f := range rw.Facts {
				if second(f, r.Parked, r.Resolved, r.End) {
					return true
				}
			}
		}
	}
	return false
}

// statesOf lists the states of a sale and all that belongs to it.
func statesOf(s offline.Sale) string {
	text := ""
	if s.ID != "" {
		text = string(s.State())
	}
	for i := range s.Payments {
		text += fmt.Sprintf(" %s:%s:%d", s.Payments[i].ID, offline.DeriveState(s.Payments[i]), s.Payments[i].Facts)
	}
	for i := range s.Refunds {
		text += fmt.Sprintf(" %s:%s:%d", s.Refunds[i].ID, s.Refunds[i].State(), s.Refunds[i].Facts)
	}
	return text
}
