package windowtest

import (
	"context"
	"fmt"
	"image/color"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/ui"
	"posagent/ui/model"
)

// TestFigures measures what docs/performance.md tells of the window. It judges
// nothing: a machine that does other work would fail it.
func TestFigures(t *testing.T) {
	if os.Getenv("POSAGENT_FIGURES") == "" {
		t.Skip("POSAGENT_FIGURES is not set")
	}
	s := newShop(t)
	s.open()
	begun := time.Now()
	w := s.start()
	band := ui.DarkPalette()
	first := s.awaitGround(band.Ground).Sub(begun)
	w.await(0, "idle")
	t.Logf("exec to first painted frame: %v", first.Round(time.Millisecond))

	pause(5 * time.Second)
	t.Logf("resident after start: %s", s.memory())
	idle := s.processor()
	pause(20 * time.Second)
	t.Logf("processor while idle: %.2f %% of a core", float64(s.processor()-idle)/20)

	var keys, events []time.Duration
	for range 40 {
		at := w.mark()
		begun := time.Now()
		s.display.do("key F10")
		// The chosen row of the list of languages lies here.
		keys = append(keys, s.display.awaitPixel(900, 210, band.Picked.Back).Sub(begun))
		w.await(at, "language")
		pause(150 * time.Millisecond)
		at = w.mark()
		s.display.do("key Escape")
		w.await(at, "idle")
		pause(150 * time.Millisecond)
	}
	t.Logf("key to painted: %s", quantiles(keys))

	heard := s.follow()
	for n := range 40 {
		id := fmt.Sprintf("FIG-%02d", n)
		_, _, err := s.client.OpenSale(t.Context(), wire.NewSale{SaleID: id, Amount: wire.Money{Currency: "HKD", Value: 1000}})
		check(t, err)
		s.bandIs(model.RoleScan)
		pause(120 * time.Millisecond)
		s.scan()
		told := <-heard
		events = append(events, s.display.awaitPixel(bandX, bandY, band.Role(model.RolePaid).Back).Sub(told))
	}
	t.Logf("event at the API to painted: %s", quantiles(events))
	t.Logf("resident at the end: %s", s.memory())
}

// awaitGround waits for the first colour that the window paints.
func (s *shop) awaitGround(c color.NRGBA) time.Time {
	return s.display.awaitPixel(3, 60, c)
}

// follow tells when the API told that a sale is paid.
func (s *shop) follow() <-chan time.Time {
	heard := make(chan time.Time, 64)
	ctx, stop := context.WithCancel(s.day.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen := map[string]bool{}
		for e := range s.client.Events(ctx) {
			if e.Sale != nil && e.Sale.State == wire.Paid && !seen[e.Sale.SaleID] {
				seen[e.Sale.SaleID] = true
				heard <- time.Now()
			}
		}
	}()
	s.day.Cleanup(func() { stop(); <-done })
	return heard
}

func quantiles(d []time.Duration) string {
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p90 %v, p99 %v of %d", at(0.5), at(0.9), at(0.99), len(d))
}

func (s *shop) memory() string {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.window.cmd.Process.Pid))
	check(s.t, err)
	var out []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "RssAnon") || strings.HasPrefix(line, "RssFile") {
			out = append(out, strings.Join(strings.Fields(line), " "))
		}
	}
	return strings.Join(out, ", ")
}

// processor is the time that the window has used, in hundredths of a second.
func (s *shop) processor() int {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.window.cmd.Process.Pid))
	check(s.t, err)
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	check(s.t, err)
	system, err := strconv.Atoi(fields[12])
	check(s.t, err)
	return user + system
}
