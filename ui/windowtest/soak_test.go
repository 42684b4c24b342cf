package windowtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

// warm is after how many sales the window has all that it keeps: fonts, icons, and the
// toolkit's pictures of texts.
const warm = 1000

// What a window may hold more of after the last sale than after it was warm. Objects of
// Go are counted after a collection: the toolkit keeps the texts of the latest seconds.
// The C library keeps what was freed in pieces, so that its share wavers.
const (
	moreObjects    = 4 << 20 // bytes: 400 for each of 10,000 sales would be seen
	moreGoroutines = 4
	moreOwn        = 24 << 10 // kB: 2.5 kB for each of 10,000 sales would be seen
)

// TestSoak sells and watches what the window holds. POSAGENT_SOAK is how many sales. A
// test that runs out of time judges those that it came to.
func TestSoak(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("POSAGENT_SOAK"))
	if err != nil {
		t.Skip("POSAGENT_SOAK is no number of sales")
	}
	s := newShopOn(t, "-screen", "0", "640x480x24") // fewer pixels, more sales
	s.open()
	w := s.start()
	w.await(0, "idle")
	paid := s.follow()
	begun := time.Now()
	end, bounded := t.Deadline()
	var first, last load
	for i := 1; i <= n; i++ {
		s.sold(w, i, paid)
		late := bounded && time.Until(end) < patience
		if i%1000 != 0 && i != n && !late {
			continue
		}
		last = s.load(w)
		t.Logf("%5d sales, %4.0f s: %v", i, time.Since(begun).Seconds(), last)
		if i == warm {
			first = last
		}
		w.forget()
		if late {
			break
		}
	}
	if first == (load{}) {
		t.Fatalf("fewer than %d sales: nothing to compare", warm)
	}
	if last.heap > first.heap+moreObjects || last.goroutines > first.goroutines+moreGoroutines || last.own > first.own+moreOwn {
		t.Errorf("the window grew from %v\nto %v", first, last)
	}
}

// sold is one sale until the window shows that it is paid. Some larger amounts make the
// pretend gateway play a scenario.
func (s *shop) sold(w *window, i int, paid <-chan time.Time) {
	s.t.Helper()
	_, _, err := s.client.OpenSale(s.t.Context(), wire.NewSale{SaleID: fmt.Sprintf("SOAK-%05d", i), Amount: wire.Money{Currency: "HKD", Value: int64(1000 + i%5000)}})
	check(s.t, err)
	at := w.mark()
	s.scan()
	select {
	case <-paid:
	case <-time.After(patience):
		s.t.Fatalf("sale %d is not paid", i)
	}
	w.await(at, "paid")
}

// load is what the window holds.
type load struct {
	heap, taken, goroutines int // of Go: objects, what the system gave for them
	own, files              int // resident, of its own and mapped from files; kB
}

func (l load) String() string {
	return fmt.Sprintf("%.1f MB of objects, %.1f MB taken by Go, %d goroutines; resident %d MB of its own, %d MB of files",
		float64(l.heap)/1e6, float64(l.taken)/1e6, l.goroutines, l.own/1024, l.files/1024)
}

// load waits until the window tells its weight anew.
func (s *shop) load(w *window) load {
	s.t.Helper()
	line := w.line(w.mark(), "weighs ")
	var l load
	if _, err := fmt.Sscanf(line, "weighs heap=%d taken=%d goroutines=%d", &l.heap, &l.taken, &l.goroutines); err != nil {
		s.t.Fatalf("%q: %v", line, err)
	}
	for _, part := range strings.Split(s.memory(), ", ") {
		name, rest, _ := strings.Cut(part, ":")
		kB, err := strconv.Atoi(strings.Fields(rest)[0])
		check(s.t, err)
		switch name {
		case "RssAnon":
			l.own = kB
		case "RssFile":
			l.files = kB
		}
	}
	return l
}
