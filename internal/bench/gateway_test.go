//go:build linux

package bench_test

import (
	"bufio"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"posagent/offline/alipay"
)

// gateway answers that every payment succeeded. It knows when the
// first byte of a message came and when it wrote the answer, and does the least
// that it can in between.
type gateway struct {
	tb       testing.TB
	listener net.Listener
	merchant *rsa.PrivateKey
	own      *rsa.PrivateKey
	pays     chan exchange // one for each pay; the receiver is awaited

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
}

// exchange is one pay as the gateway saw it.
type exchange struct {
	first time.Time   // the network had the first byte, as the kernel says
	read  time.Time   // the gateway's process had it
	reply chan<- bool // lets the answer leave
	sent  <-chan time.Time
}

func newGateway(tb testing.TB) *gateway {
	tb.Helper()
	merchant, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &gateway{tb: tb, listener: l, merchant: merchant, own: own, pays: make(chan exchange), conns: map[net.Conn]struct{}{}}
	g.wg.Go(g.accept)
	return g
}

func (g *gateway) url() string { return "http://" + g.listener.Addr().String() + "/api/" }

func (g *gateway) config(log *slog.Logger) alipay.Config {
	return alipay.Config{
		BaseURL: g.url(), ClientID: "SANDBOX_5Y00000000000001", MerchantID: "218820000000000000023",
		PrivateKey: g.merchant, AlipayPublicKey: &g.own.PublicKey,
		Store: alipay.Store{StoreID: "S01", StoreName: "Sunrise Mart", MCC: "5411"}, TerminalID: "T03", Log: log,
	}
}

func (g *gateway) accept() {
	for {
		c, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		g.conns[c] = struct{}{}
		g.mu.Unlock()
		g.wg.Go(func() { g.serve(c) })
	}
}

func (g *gateway) close() {
	_ = g.listener.Close()
	g.mu.Lock()
	for c := range g.conns {
		_ = c.Close()
	}
	g.mu.Unlock()
	g.wg.Wait()
}

// stampedReader notes when the first bytes of a message came: to the socket, as
// the kernel notes it with the packet, and to this process. What lies between is
// the waking of the gateway and none of the till's business.
type stampedReader struct {
	raw   syscall.RawConn
	first time.Time
	read  time.Time
}

func newStampedReader(c net.Conn) (*stampedReader, error) {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) })
	return &stampedReader{raw: raw}, errors.Join(err, set)
}

// Read is io.Reader's.
func (r *stampedReader) Read(p []byte) (n int, err error) {
	oob := make([]byte, 128)
	var at time.Time
	waited := r.raw.Read(func(fd uintptr) bool {
		var oobn int
		n, oobn, _, _, err = unix.Recvmsg(int(fd), p, oob, 0)
		if err == nil {
			at = stampOf(oob[:oobn])
		}
		return !errors.Is(err, unix.EAGAIN)
	})
	if r.first.IsZero() {
		r.first, r.read = at, time.Now()
	}
	switch {
	case waited != nil:
		return 0, waited
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// stampOf is the kernel's time of arrival: wall clock, like time.Now's.
func stampOf(oob []byte) time.Time {
	list, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return time.Time{}
	}
	for _, m := range list {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= 16 {
			sec, nsec := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
			return time.Unix(int64(sec), int64(nsec))
		}
	}
	return time.Time{}
}

func (g *gateway) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in, err := newStampedReader(c)
	if err != nil {
		g.tb.Errorf("gateway: %v", err)
		return
	}
	buffered := bufio.NewReader(in)
	for {
		in.first = time.Time{}
		body, err := readMessage(buffered)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, errReset) {
				g.tb.Errorf("gateway: %v", err)
			}
			return
		}
		if err := g.answer(c, in, body); err != nil {
			g.tb.Errorf("gateway: %v", err)
			return
		}
	}
}

var errReset = errors.New("the connection was given up")

// readMessage reads one HTTP request and returns its body.
func readMessage(in *bufio.Reader) ([]byte, error) {
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			if line == "" {
				return nil, errReset
			}
			return nil, err
		}
		line = strings.TrimSpace(line)
		if line == "" {
			break
		}
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if _, err := fmt.Sscan(v, &length); err != nil {
				return nil, err
			}
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(in, body)
	return body, err
}

type message struct {
	Request struct {
		Head struct {
			Version  string `json:"version"`
			Function string `json:"function"`
			ClientID string `json:"clientId"`
			ReqMsgID string `json:"reqMsgId"`
		} `json:"head"`
		Body struct {
			MerchantTransID string          `json:"merchantTransId"`
			IdentityCode    string          `json:"identityCode"`
			Order           json.RawMessage `json:"order"`
		} `json:"body"`
	} `json:"request"`
}

func (g *gateway) answer(c net.Conn, in *stampedReader, body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	text, err := g.sign(answerTo(&m))
	if err != nil {
		return err
	}
	pay := m.Request.Body.IdentityCode != ""
	if !pay {
		_, err := c.Write(text)
		return err
	}
	reply, sent := make(chan bool), make(chan time.Time, 1)
	g.pays <- exchange{first: in.first, read: in.read, reply: reply, sent: sent}
	<-reply
	now := time.Now()
	_, err = c.Write(text)
	sent <- now
	return err
}

func answerTo(m *message) string {
	h := &m.Request.Head
	head := fmt.Sprintf(`{"version":%q,"function":%q,"clientId":%q,"respTime":%q,"reqMsgId":%q}`,
		h.Version, h.Function, h.ClientID, time.Now().Format(time.RFC3339), h.ReqMsgID)
	trade := fmt.Sprintf(`"merchantTransId":%q,"acquirementId":"2026112119077000000000%06d"`, m.Request.Body.MerchantTransID, len(h.ReqMsgID))
	amount := ""
	if len(m.Request.Body.Order) > 0 || strings.Contains(strings.ToLower(h.Function), "query") {
		amount = `,"orderAmount":{"currency":"HKD","value":"12850"},"paymentTime":"2026-11-21T09:30:01+08:00"`
	}
	return `{"head":` + head + `,"body":{"resultInfo":{"resultStatus":"S","resultCodeId":"00000000","resultCode":"SUCCESS","resultMsg":"success."},` + trade + amount + `}}`
}

// sign makes the whole HTTP answer.
func (g *gateway) sign(response string) ([]byte, error) {
	digest := sha256.Sum256([]byte(response))
	sig, err := g.own.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	body := `{"response":` + response + `,"signature":"` + base64.StdEncoding.EncodeToString(sig) + `"}`
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s",
		time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), len(body), body), nil
}
