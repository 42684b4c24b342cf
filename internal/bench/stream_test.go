//go:build linux

package bench_test

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"testing"
	"time"
)

// stream follows the daemon's events and says when the line that tells of a paid
// sale of the stand was there, not one of those that are cleaned up beside it.
type stream struct {
	tb   testing.TB
	conn net.Conn
	paid chan time.Time
	done chan struct{}
}

func follow(tb testing.TB, socket string) *stream {
	tb.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		tb.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatalf("the event stream did not open: %v", err)
	}
	s := &stream{tb: tb, conn: conn, paid: make(chan time.Time, 1), done: make(chan struct{})}
	first := make(chan struct{})
	go func() {
		defer close(s.done)
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 4<<20)
		for n := 0; lines.Scan(); n++ {
			if n == 0 {
				close(first)
			}
			now := time.Now()
			if line := lines.Bytes(); bytes.HasPrefix(line, []byte(`data: {"saleId":"B-`)) && bytes.Contains(line, []byte(`"state":"paid","final":true`)) {
				s.paid <- now
			}
		}
	}()
	<-first // the picture has come: from here on every change is an event of its own
	return s
}

func (s *stream) close() {
	_ = s.conn.Close()
	<-s.done
}
