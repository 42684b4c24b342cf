package alipay

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"posagent/offline"
)

// counter is a gateway on bare connections: it counts how often each message
// came in, whole or in part, and does with the connection what the test wants.
type counter struct {
	mu   sync.Mutex
	seen map[string]int
}

// hear reads one request and returns its head, or false at the end.
func (c *counter) hear(in *bufio.Reader) (heard, bool) {
	var req heard
	r, err := http.ReadRequest(in)
	if err != nil {
		return req, false
	}
	var env struct{ Request heard }
	if json.NewDecoder(r.Body).Decode(&env) != nil {
		return req, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string]int{}
	}
	c.seen[env.Request.Head.ReqMsgID]++
	return env.Request, true
}

func (c *counter) times(id offline.ReqMsgID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[string(id)]
}

// say answers with a signed success and leaves the connection open.
func say(t *testing.T, conn net.Conn, req heard) {
	t.Helper()
	response := fmt.Sprintf(`{"head":{"function":%q,"reqMsgId":%q},"body":%s}`, req.Head.Function, req.Head.ReqMsgID, result("S", "SUCCESS"))
	text := signed(t, RSA2, response)
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
}

// cutOff ends a connection the hard way: with a reset, as a router does.
func cutOff(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

func payment(t *testing.T, i int) offline.Request {
	t.Helper()
	req := request(t, offline.OpPay)
	req.ReqMsgID = offline.ReqMsgID(fmt.Sprintf("message-%d", i))
	return req
}

// TestAMessageOnADeadKeptAliveConnectionIsNeverSentAgain: the second message
// goes out on the connection of the first, which the server then cuts. net/http
// would send a request again that it deems repeatable.
func TestAMessageOnADeadKeptAliveConnectionIsNeverSentAgain(t *testing.T) {
	var heardThem counter
	l := listener(t, func(conn *net.TCPConn) {
		in := bufio.NewReader(conn)
		if req, ok := heardThem.hear(in); ok {
			say(t, conn, req)
			heardThem.hear(in)
		}
		cutOff(conn)
	})
	c := newClient(t, func(cfg *Config) { cfg.BaseURL = "http://" + l.Addr().String() })
	for i := range 20 {
		got, want := send(t, c, payment(t, i)), offline.Success
		if i%2 == 1 {
			want = offline.NoAnswer // it was heard, so it may have been charged
		}
		if n := heardThem.times(payment(t, i).ReqMsgID); got.Kind != want || n != 1 {
			t.Errorf("message %d: %+v, heard %d times", i, got, n)
		}
	}
}

// TestAClosingServerIsNeverToldTwiceAndNotSentIsTrue: the server closes right
// after each answer, while the next message may be on its way.
func TestAClosingServerIsNeverToldTwiceAndNotSentIsTrue(t *testing.T) {
	for name, end := range map[string]func(*net.TCPConn){"closed": func(c *net.TCPConn) { _ = c.Close() }, "reset": cutOff} {
		t.Run(name, func(t *testing.T) {
			var heardThem counter
			l := listener(t, func(conn *net.TCPConn) {
				if req, ok := heardThem.hear(bufio.NewReader(conn)); ok {
					say(t, conn, req)
				}
				end(conn)
			})
			c := newClient(t, func(cfg *Config) { cfg.BaseURL = "http://" + l.Addr().String() })
			kinds := map[offline.OutcomeKind]int{}
			for i := range 100 {
				got := send(t, c, payment(t, i))
				kinds[got.Kind]++
				n := heardThem.times(payment(t, i).ReqMsgID)
				bad := n > 1 || got.Kind == offline.NotSent && n != 0 || got.Kind == offline.Success && n != 1
				if bad {
					t.Errorf("message %d: %+v, heard %d times", i, got, n)
				}
			}
			if kinds[offline.Success] == 0 {
				t.Errorf("no message came through: %v", kinds)
			}
		})
	}
}

// TestAResetAfterTheFirstByteIsNoAnswer: the server took a byte of the message,
// so it cannot be said to have missed it.
func TestAResetAfterTheFirstByteIsNoAnswer(t *testing.T) {
	l := listener(t, func(conn *net.TCPConn) {
		_, _ = io.ReadFull(conn, make([]byte, 1))
		cutOff(conn)
	})
	c := newClient(t, func(cfg *Config) { cfg.BaseURL = "http://" + l.Addr().String() })
	if got := send(t, c, payment(t, 0)); got.Kind != offline.NoAnswer {
		t.Errorf("%+v", got)
	}
}

// TestNotSentIsTrueWheneverTheContextEnds cancels at many moments between
// dialling and answer; a message called not sent must never reach the server.
func TestNotSentIsTrueWheneverTheContextEnds(t *testing.T) {
	for _, withTLS := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %v", withTLS), func(t *testing.T) {
			g := newGateway(t, withTLS, nil)
			c := g.client(nil)
			kinds := map[offline.OutcomeKind][]offline.ReqMsgID{}
			for i := range 150 {
				req := payment(t, i)
				call, err := c.Prepare(req)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				timer := time.AfterFunc(time.Duration(i*7)*time.Microsecond, cancel)
				got := call.Send(ctx)
				timer.Stop()
				cancel()
				kinds[got.Kind] = append(kinds[got.Kind], req.ReqMsgID)
			}
			g.Close() // waits for every handler
			for kind, ids := range kinds {
				for _, id := range ids {
					if n := g.times(id); n > 1 || kind == offline.NotSent && n != 0 || kind == offline.Success && n != 1 {
						t.Errorf("%s: %s, heard %d times", id, kind, n)
					}
				}
			}
			t.Logf("%d not sent, %d no answer, %d success",
				len(kinds[offline.NotSent]), len(kinds[offline.NoAnswer]), len(kinds[offline.Success]))
		})
	}
}

// sink is a connection that counts the bytes that reach it.
type sink struct {
	net.Conn
	bytes int
}

func (s *sink) Write(p []byte) (int, error) { s.bytes += len(p); return len(p), nil }
func (s *sink) Close() error                { return nil }

func TestGateTellsWhetherAMessageCanHaveLeft(t *testing.T) {
	write := func(g *gate) error { _, err := g.Write([]byte("x")); return err }
	t.Run("a handshake is no message", func(t *testing.T) {
		g := &gate{Conn: &sink{}}
		if write(g) != nil || g.seal() {
			t.Error("counted before it was armed")
		}
	})
	t.Run("a write is counted", func(t *testing.T) {
		g := &gate{Conn: &sink{}}
		g.arm()
		if write(g) != nil || !g.seal() {
			t.Error("not counted")
		}
	})
	t.Run("each message counts for itself", func(t *testing.T) {
		g := &gate{Conn: &sink{}}
		g.arm()
		_ = write(g)
		g.arm()
		if g.seal() {
			t.Error("the message before was counted")
		}
	})
	t.Run("nothing leaves once it is sealed", func(t *testing.T) {
		out := &sink{}
		g := &gate{Conn: out}
		g.arm()
		g.seal()
		if err := write(g); !errors.Is(err, net.ErrClosed) || out.bytes != 0 || g.seal() {
			t.Errorf("%v, %d bytes", err, out.bytes)
		}
	})
	t.Run("a write on a closed connection does not count", func(t *testing.T) {
		out := &sink{}
		g := &gate{Conn: out}
		g.arm()
		_ = g.Close()
		if err := write(g); !errors.Is(err, net.ErrClosed) || out.bytes != 0 || g.seal() {
			t.Errorf("%v, %d bytes", err, out.bytes)
		}
	})
}

func TestWarmOpensOneConnectionAndSendsNothing(t *testing.T) {
	g := newGateway(t, true, nil)
	c := g.client(nil)
	for range 3 {
		if err := c.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.seen); n != 0 || g.connections() != 1 {
		t.Errorf("%d messages, %d connections", n, g.connections())
	}
	if got := send(t, c, payment(t, 0)); got.Kind != offline.Success || g.connections() != 1 {
		t.Errorf("%+v on %d connections", got, g.connections())
	}
}

func TestWarmSaysWhyItCannot(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.BaseURL = "http://" + refusedAddress(t) })
	if err := c.Warm(t.Context()); err == nil {
		t.Error("connected to nobody")
	}
}

func TestAConnectionThatWasIdleTooLongGetsNoMessage(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(nil)
	if got := send(t, c, payment(t, 0)); got.Kind != offline.Success {
		t.Fatalf("%+v", got)
	}
	// As after a night asleep: the clock went on, the timer did not.
	c.pool.idle[0].idleSince = time.Now().Round(0).Add(-c.cfg.IdleTimeout)
	if got := send(t, c, payment(t, 1)); got.Kind != offline.Success || g.connections() != 2 {
		t.Errorf("%+v on %d connections", got, g.connections())
	}
	c.pool.idle[0].idleSince = time.Now().Round(0).Add(time.Hour) // set back
	if got := send(t, c, payment(t, 2)); got.Kind != offline.Success || g.connections() != 3 {
		t.Errorf("%+v on %d connections", got, g.connections())
	}
}

func TestAConnectionFromBeforeASleepGetsNoMessage(t *testing.T) {
	g := newGateway(t, false, nil)
	slept := 9 * time.Hour
	c := g.client(func(cfg *Config) { cfg.Asleep = func() time.Duration { return slept } })
	for i, row := range []struct {
		sleep       time.Duration
		connections int
	}{{0, 1}, {0, 1}, {20 * time.Second, 2}, {shortSleep - 1, 2}, {shortSleep, 3}} {
		slept += row.sleep
		if got := send(t, c, payment(t, i)); got.Kind != offline.Success || g.connections() != row.connections {
			t.Errorf("after a sleep of %s: %+v on connection %d, want %d", row.sleep, got, g.connections(), row.connections)
		}
	}
}

// whenNoticed waits until the client has seen that its idle connection is closed.
func whenNoticed(t *testing.T, c *Client) {
	t.Helper()
	for c.pool.idle[0].Err() == nil {
		if t.Context().Err() != nil {
			t.Fatal("the end of the connection was never noticed")
		}
		runtime.Gosched()
	}
}

func TestAConnectionThatTheGatewayClosedGetsNoMessage(t *testing.T) {
	g := newGateway(t, true, nil)
	c := g.client(nil)
	for i := range 5 {
		if got := send(t, c, payment(t, i)); got.Kind != offline.Success {
			t.Fatalf("message %d: %+v", i, got)
		}
		g.CloseClientConnections()
		whenNoticed(t, c)
	}
	if n := g.connections(); n != 5 {
		t.Errorf("%d connections", n)
	}
}

func TestAnIdleConnectionIsClosedInTime(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(func(cfg *Config) { cfg.IdleTimeout = time.Millisecond })
	if got := send(t, c, payment(t, 0)); got.Kind != offline.Success {
		t.Fatalf("%+v", got)
	}
	whenNoticed(t, c)
	if got := send(t, c, payment(t, 1)); got.Kind != offline.Success || g.connections() != 2 {
		t.Errorf("%+v on %d connections", got, g.connections())
	}
}

func TestIdleConnectionsAreBoundedAndEnd(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(nil)
	var links []*link
	for range maxIdle + 2 {
		l, err := c.pool.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
	}
	for _, l := range links {
		c.pool.put(l)
	}
	if n := len(c.pool.idle); n != maxIdle {
		t.Errorf("%d are kept", n)
	}
	for _, l := range links[maxIdle:] {
		if l.Err() == nil {
			t.Error("one that was not kept is still open")
		}
	}
}
