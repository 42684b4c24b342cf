package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// manager plays the service manager: it owns the socket that NOTIFY_SOCKET names.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newManager(t *testing.T, watchdog time.Duration) *manager {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // t.TempDir's path may be longer than a socket's may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "")
	t.Setenv("WATCHDOG_PID", "")
	if watchdog > 0 {
		t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdog.Microseconds(), 10))
		t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	}
	return &manager{t: t, conn: conn}
}

// next is the next message, whole.
func (m *manager) next() string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		m.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := m.conn.Read(buf)
	if err != nil {
		m.t.Fatalf("the service manager hears nothing: %v", err)
	}
	return string(buf[:n])
}

func (m *manager) want(message string) {
	m.t.Helper()
	if got := m.next(); got != message {
		m.t.Fatalf("the service manager hears %q, not %q", got, message)
	}
}

// fakeDaemon stands as it is told to. Each call of Alive takes one answer.
type fakeDaemon struct {
	alive chan error

	mu      sync.Mutex
	text    string // begins with "ready to sell" while the till sells
	version uint64
	changed chan struct{}
}

func newDaemon(first string) *fakeDaemon {
	return &fakeDaemon{alive: make(chan error), text: first, version: 1, changed: make(chan struct{})}
}

// turn is a turn of the till, after which it stands so.
func (d *fakeDaemon) turn(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text, d.version = text, d.version+1
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *fakeDaemon) Alive(ctx context.Context) error {
	select {
	case err := <-d.alive:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *fakeDaemon) Standing(ctx context.Context, after uint64) (string, bool, uint64, error) {
	for {
		d.mu.Lock()
		text, version, changed := d.text, d.version, d.changed
		d.mu.Unlock()
		if version > after {
			return text, strings.HasPrefix(text, "ready to sell"), version, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", false, 0, ctx.Err()
		}
	}
}

// start runs Run; the returned func stops it and waits.
func start(t *testing.T, opt Options) (stop func()) {
	t.Helper()
	opt.Log = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, opt) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

const stopping = "STOPPING=1\nSTATUS=stopping: what is in flight is finished, or left to the next start"

func TestReadyIsSaidOnlyOnceTheLocalAPIHasAnswered(t *testing.T) {
	m := newManager(t, 0)
	answers := make(chan error)
	stop := start(t, Options{Daemon: newDaemon("ready to sell"), Answers: func(ctx context.Context) error {
		select {
		case err := <-answers:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}})
	answers <- errors.New("nobody listens")
	m.want("STATUS=waiting for the local API to answer: nobody listens")
	answers <- errors.New("nobody listens") // the same again is no news
	answers <- errors.New("not an answer")
	m.want("STATUS=waiting for the local API to answer: not an answer")
	answers <- nil
	m.want("READY=1\nSTATUS=ready to sell")
	stop()
	m.want(stopping)
}

func TestADaemonThatIsStoppedBeforeItWasReadyNeverSaysThatItIs(t *testing.T) {
	m := newManager(t, 0)
	asked := make(chan struct{})
	stop := start(t, Options{Daemon: newDaemon("ready to sell"), Answers: func(ctx context.Context) error {
		close(asked)
		<-ctx.Done()
		return ctx.Err()
	}})
	<-asked
	stop()
	m.want(stopping)
}

func TestReadyIsHeldBackUntilTheTillSells(t *testing.T) {
	m := newManager(t, 0)
	d := newDaemon("cannot sell: journal does not open")
	stop := start(t, Options{Daemon: d})
	m.want("EXTEND_TIMEOUT_USEC=120000000\nSTATUS=waiting: cannot sell: journal does not open")
	d.turn("cannot sell: journal does not open") // no news
	d.turn("cannot sell: the disk is full")
	m.want("STATUS=waiting: cannot sell: the disk is full")
	d.turn("ready to sell")
	m.want("READY=1\nSTATUS=ready to sell")
	stop()
	m.want(stopping)
}

func TestTheStartsTimeOutIsPutOffOnlyWhileAWaitingDaemonMoves(t *testing.T) {
	m := newManager(t, 0)
	d := newDaemon("cannot sell: no key")
	start(t, Options{Daemon: d, Patience: 300 * time.Millisecond})
	const extend = "EXTEND_TIMEOUT_USEC=300000"
	m.want(extend + "\nSTATUS=waiting: cannot sell: no key")
	for got := m.next(); !strings.HasPrefix(got, "STATUS=does not respond: "); got = m.next() {
		t.Fatalf("a daemon that does not move has its time-out put off: %q", got)
	}
	for range 3 {
		go func() {
			select {
			case d.alive <- nil:
			case <-t.Context().Done():
			}
		}()
		for got := m.next(); got != extend; got = m.next() {
			if !strings.HasPrefix(got, "STATUS=") {
				t.Fatalf("the service manager hears %q, not %q", got, extend)
			}
		}
	}
	d.turn("ready to sell")
	for got := m.next(); got != "READY=1\nSTATUS=ready to sell"; got = m.next() {
		if !strings.HasPrefix(got, "STATUS=") {
			t.Fatalf("the service manager hears %q", got)
		}
	}
}

func TestADaemonThatIsStoppedWhileItWaitsNeverSaysThatItIsReady(t *testing.T) {
	m := newManager(t, 0)
	stop := start(t, Options{Daemon: newDaemon("cannot sell: no key")})
	m.want("EXTEND_TIMEOUT_USEC=120000000\nSTATUS=waiting: cannot sell: no key")
	stop()
	m.want(stopping)
}

func TestWhatIsLostAfterReadyIsAStatusLineAndNothingElse(t *testing.T) {
	m := newManager(t, 0)
	d := newDaemon("ready to sell, but: Scanner not ready (counter)")
	start(t, Options{Daemon: d})
	m.want("READY=1\nSTATUS=ready to sell, but: Scanner not ready (counter)")
	d.turn("cannot sell: the disk is full")
	m.want("STATUS=cannot sell: the disk is full")
	d.turn("ready to sell")
	m.want("STATUS=ready to sell")
}

func TestTheWatchdogIsPingedOnlyWhileTheDaemonMoves(t *testing.T) {
	m := newManager(t, 300*time.Millisecond)
	d := newDaemon("ready to sell")
	start(t, Options{Daemon: d})
	m.want("READY=1\nSTATUS=ready to sell")
	answer := func(err error) {
		select {
		case d.alive <- err:
		case <-t.Context().Done():
		}
	}
	// Whoever does not answer within an interval is not alive: what was said before
	// an answer came is about that, and never a ping.
	heard := func(want string) {
		t.Helper()
		for {
			got := m.next()
			if got == want {
				return
			}
			if !strings.HasPrefix(got, "STATUS=does not respond: ") {
				t.Fatalf("the service manager hears %q, not %q", got, want)
			}
		}
	}
	go answer(errors.New("the till has taken no turn"))
	heard("STATUS=does not respond: the till has taken no turn")
	go answer(nil)
	heard("STATUS=ready to sell")
	m.want("WATCHDOG=1")
}

func TestThePingsComeThreeTimesWithinTheWatchdogsLimit(t *testing.T) {
	for _, row := range []struct {
		name, usec, pid string
		want            time.Duration
		fails           bool
	}{
		{"watched", "60000000", "", 20 * time.Second, false},
		{"not watched", "", "", 0, false},
		{"another process is watched", "60000000", "1", 0, false},
		{"nonsense", "soon", "", 0, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("WATCHDOG_USEC", row.usec)
			t.Setenv("WATCHDOG_PID", row.pid)
			if row.pid == "" && row.usec != "" {
				t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
			}
			got, err := pingEvery()
			if got != row.want || (err != nil) != row.fails {
				t.Errorf("got %s, %v; want %s", got, err, row.want)
			}
		})
	}
}

func TestAStatusLineIsOneShortLineWhateverItIsMadeFrom(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"a line break begins no other message", "scanner: read failed\nREADY=1", "STATUS=scanner: read failed READY=1"},
		{"what is long is cut between characters", strings.Repeat("付", 200), "STATUS=" + strings.Repeat("付", 133) + "…"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := status(row.text); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestWithoutAServiceManagerNothingIsAskedOrSaid(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	stop := start(t, Options{Answers: func(context.Context) error {
		t.Error("the local API was asked for nobody")
		return nil
	}})
	Opening(slog.New(slog.DiscardHandler), "opening")
	stop()
}
