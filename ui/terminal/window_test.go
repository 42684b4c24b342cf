package terminal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// rig is a window on a simulated terminal.
type rig struct {
	t      *testing.T
	sim    tcell.SimulationScreen
	window *Window
	events chan model.Event
	stop   context.CancelFunc
	done   chan error
}

// watched tells when a picture was sent.
type watched struct {
	tcell.SimulationScreen
	mu    sync.Mutex
	fini  bool
	text  string
	shown chan struct{}
}

func (w *watched) Show() { w.SimulationScreen.Show(); w.look() }
func (w *watched) Sync() { w.SimulationScreen.Sync(); w.look() }
func (w *watched) Fini() {
	w.mu.Lock()
	w.fini = true
	w.mu.Unlock()
	w.SimulationScreen.Fini()
}

// look keeps what the terminal shows, while nobody draws.
func (w *watched) look() {
	cells, columns, height := w.GetContents()
	var b strings.Builder
	for y := range height {
		for x := 0; x < columns; x++ {
			c := cells[y*columns+x]
			b.WriteString(string(c.Runes))
			if width(string(c.Runes)) == 2 {
				x++
			}
		}
		b.WriteByte('\n')
	}
	w.mu.Lock()
	w.text = b.String()
	w.mu.Unlock()
	select {
	case w.shown <- struct{}{}:
	default:
	}
}

func (w *watched) now() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text
}

// patience bounds every wait; nothing is expected to take that long.
const patience = 20 * time.Second

func start(t *testing.T, do func(model.Event)) (*rig, *watched) {
	t.Helper()
	screen := &watched{SimulationScreen: tcell.NewSimulationScreen(""), shown: make(chan struct{}, 1)}
	r := &rig{t: t, sim: screen, events: make(chan model.Event, 64), done: make(chan error, 1)}
	if do == nil {
		do = func(e model.Event) { r.events <- e }
	}
	r.window = New(screen, Options{Do: do})
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- r.window.Run(ctx) }()
	return r, screen
}

func (r *rig) end() error {
	r.t.Helper()
	r.stop()
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		r.t.Fatal("the window does not end")
		return nil
	}
}

func (r *rig) event() model.Event {
	r.t.Helper()
	select {
	case e := <-r.events:
		return e
	case <-time.After(patience):
		r.t.Fatal("nothing was handed in")
		return nil
	}
}

// see waits until the terminal shows a text.
func (r *rig) see(screen *watched, text string) string {
	r.t.Helper()
	deadline := time.After(patience)
	for {
		now := screen.now()
		if strings.Contains(now, text) {
			return now
		}
		select {
		case <-screen.shown:
		case <-deadline:
			r.t.Fatalf("%q is not shown:\n%s", text, now)
		}
	}
}

func TestAWindowDrawsTheNewestScreenAndHandsBackKeysAndClicks(t *testing.T) {
	r, screen := start(t, nil)
	if got := r.event(); got != (model.Room{Rows: roomFor(25)}) {
		t.Errorf("first is %v", got)
	}
	all := screens(t, "ja")
	r.window.Show(all[model.KindWaiting])
	r.see(screen, all[model.KindWaiting].Band.Title)
	r.window.Show(all[model.KindPaid])
	text := r.see(screen, all[model.KindPaid].Band.Title)
	if strings.Contains(text, all[model.KindWaiting].Band.Title) {
		t.Errorf("the screen before shines through:\n%s", text)
	}
	r.sim.InjectKey(tcell.KeyEnter, 0, tcell.ModNone)
	if k, ok := r.event().(model.KeyPressed); !ok || k.Key != model.KeyEnter {
		t.Errorf("the key is %v", k)
	}
	button, _ := all[model.KindPaid].Button("details")
	x, y := find(t, text, button.Label)
	r.sim.InjectMouse(x, y, tcell.ButtonPrimary, tcell.ModNone)
	if got := r.event(); got != (model.Pressed{ID: "details"}) {
		t.Errorf("the click is %v", got)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if !screen.fini {
		t.Error("the terminal was not given back")
	}
}

// find is the cell at which a text begins.
func find(t *testing.T, screen, text string) (x, y int) {
	t.Helper()
	for y, row := range strings.Split(screen, "\n") {
		if before, _, ok := strings.Cut(row, text); ok {
			return width(before), y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, screen)
	return 0, 0
}

func TestAWindowFollowsTheSizeOfItsTerminal(t *testing.T) {
	r, screen := start(t, nil)
	r.event()
	s := idle(t, "en").m.Screen()
	r.window.Show(s)
	r.see(screen, s.Band.Title)
	r.sim.SetSize(140, 50)
	post(t, screen, tcell.NewEventResize(140, 50)) // as the system's signal does
	if got := r.event(); got != (model.Room{Rows: roomFor(50)}) {
		t.Errorf("the new size is told as %v", got)
	}
	r.see(screen, s.RecentHead)
	r.sim.SetSize(80, 24)
	post(t, screen, tcell.NewEventResize(80, 24))
	if got := r.event(); got != (model.Room{Rows: roomFor(24)}) {
		t.Errorf("the new size is told as %v", got)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func post(t *testing.T, screen tcell.Screen, ev tcell.Event) {
	t.Helper()
	if err := screen.PostEvent(ev); err != nil {
		t.Fatal(err)
	}
}

func TestATerminalThatIsGoneEndsTheWindow(t *testing.T) {
	r, screen := start(t, nil)
	r.event()
	post(t, screen, tcell.NewEventError(errors.New("input/output error")))
	select {
	case err := <-r.done:
		if !errors.Is(err, ErrGone) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the window goes on without its terminal")
	}
	r.stop()
}

func TestAFailureInsideGivesTheTerminalBack(t *testing.T) {
	r, screen := start(t, func(e model.Event) {
		if k, ok := e.(model.KeyPressed); ok && k.Rune == '!' {
			panic("broken")
		}
	})
	r.window.Show(idle(t, "en").m.Screen())
	r.see(screen, "Ready")
	r.sim.InjectKey(tcell.KeyRune, '!', tcell.ModNone)
	select {
	case err := <-r.done:
		if err == nil || !strings.Contains(err.Error(), "broken") || !strings.Contains(err.Error(), "window_test.go") {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the window goes on")
	}
	screen.mu.Lock()
	defer screen.mu.Unlock()
	if !screen.fini {
		t.Error("the terminal was not given back")
	}
	r.stop()
}

func TestKeysThatNobodyTakesAnyMoreDoNotHoldUpTheEnd(t *testing.T) {
	r, screen := start(t, nil)
	r.event()
	s := idle(t, "en").m.Screen()
	r.window.Show(s)
	r.see(screen, s.Band.Title)
	var typist sync.WaitGroup
	ended := make(chan struct{})
	typist.Go(func() { // a flood that goes on while the window ends
		for {
			select {
			case <-ended:
				return
			case <-r.events:
			default:
				_ = screen.PostEvent(tcell.NewEventKey(tcell.KeyRune, 'x', tcell.ModNone))
			}
		}
	})
	err := r.end()
	close(ended)
	typist.Wait()
	if err != nil {
		t.Error(err)
	}
}

func TestTextIsCopiedToTheClipboardOfTheTerminal(t *testing.T) {
	r, screen := start(t, nil)
	r.event()
	r.window.Copy("sale: R1")
	r.window.Show(idle(t, "en").m.Screen())
	r.see(screen, "Ready")
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if got := string(r.sim.GetClipboardData()); got != "sale: R1" {
		t.Errorf("the clipboard has %q", got)
	}
}

func TestAnUnknownTerminalIsNamedWithARemedy(t *testing.T) {
	t.Setenv("TERM", "no-such-terminal")
	_, err := Open(func(string) string { return "no-such-terminal" })
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "no-such-terminal") || !strings.Contains(err.Error(), "Set TERM") {
		t.Errorf("the error is %v", err)
	}
}

func TestAConsoleIsOfferedOnlyWhatItsFontHas(t *testing.T) {
	for _, row := range []struct {
		plain bool
		lang  string
		want  bool
	}{{true, "en", true}, {true, "th", false}, {false, "th", true}} {
		if got := (Terminal{Plain: row.plain}).Draws(row.lang); got != row.want {
			t.Errorf("plain %v draws %s: %v", row.plain, row.lang, got)
		}
	}
}
