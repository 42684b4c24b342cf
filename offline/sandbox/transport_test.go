package sandbox

import (
	"context"
	"crypto"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// traced records the hooks of a request in the order in which they are called.
func traced(ctx context.Context, log *[]string) context.Context {
	add := func(s string) { *log = append(*log, s) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { add("get") },
		ConnectStart: func(string, string) { add("connect") },
		ConnectDone: func(_, _ string, err error) {
			if err != nil {
				add("refused")
			}
		},
		GotConn:          func(httptrace.GotConnInfo) { add("got") },
		WroteHeaderField: func(key string, _ []string) { add("field " + key) },
		WroteHeaders:     func() { add("headers") },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err != nil {
				add("write error")
				return
			}
			add("request")
		},
		GotFirstResponseByte: func() { add("answer") },
	})
}

func TestTheLinkBehavesLikeAConnection(t *testing.T) {
	sent := []string{"get", "connect", "got", "field Content-Type", "headers", "request"}
	tests := []struct {
		fault   Fault
		hooks   []string
		err     error // of RoundTrip or of reading the body
		took    time.Duration
		waiting time.Duration // the request's deadline
	}{
		{FaultNone, append(slices.Clone(sent), "answer"), nil, 0, 10 * time.Second},
		{FaultSilent, sent, context.DeadlineExceeded, 10 * time.Second, 10 * time.Second},
		{FaultDrop, sent, io.EOF, 0, 10 * time.Second},
		{FaultReset, sent, syscall.ECONNRESET, 0, 10 * time.Second},
		{FaultResetEarly, append(slices.Clone(sent[:5]), "write error"), syscall.ECONNRESET, 0, 10 * time.Second},
		{FaultCut, append(slices.Clone(sent), "answer"), io.ErrUnexpectedEOF, 0, 10 * time.Second},
		{FaultDrip, append(slices.Clone(sent), "answer"), context.DeadlineExceeded, 10 * time.Second, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run("with fault "+string(tt.fault), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t)
				w := newWallet(t, g)
				g.Script("T1", Scenario{Pay: []Step{{Fault: tt.fault}}})
				var hooks []string
				ctx, cancel := context.WithTimeout(traced(t.Context(), &hooks), tt.waiting)
				defer cancel()
				began := time.Now()
				_, _, err := w.post(ctx, paths["offline.pay"], sealed(w.head("offline.pay"), payBody("T1", testCode, 100)))
				if !errors.Is(err, tt.err) {
					t.Errorf("error %v, want %v", err, tt.err)
				}
				if took := time.Since(began); took != tt.took {
					t.Errorf("it took %s, want %s", took, tt.took)
				}
				if !slices.Equal(hooks, tt.hooks) {
					t.Errorf("hooks %q, want %q", hooks, tt.hooks)
				}
				wantBalance(t, g, "T1", 100)
			})
		})
	}
}

func TestTheRequestCountsAsWrittenBeforeASlowAnswerComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		began := time.Now()
		var wrote time.Duration
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { wrote = time.Since(began) },
		})
		if _, err := w.try(ctx, "offline.pay", payBody("T1", testCode, 10102)); err != nil {
			t.Fatal(err)
		}
		if wrote != 0 || time.Since(began) != 7*time.Second {
			t.Errorf("written after %s, answered after %s", wrote, time.Since(began))
		}
	})
}

func TestALinkThatIsDownRefusesBeforeAByteLeaves(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	link := Transport(g)
	w.rt = link
	link.SetDown(true)
	var hooks []string
	_, err := w.try(traced(t.Context(), &hooks), "offline.pay", payBody("T1", testCode, 100))
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
	if want := []string{"get", "connect", "refused"}; !slices.Equal(hooks, want) {
		t.Errorf("hooks %q", hooks)
	}
	if n := len(g.Calls()); n != 0 {
		t.Errorf("%d calls arrived", n)
	}
	link.SetDown(false)
	wantResult(t, w.pay("T1", testCode, 100), "S SUCCESS")
}

func TestARequestThatIsOverBeforeItBeginsIsNotSent(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.try(ctx, "offline.pay", payBody("T1", testCode, 100)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(g.Calls()); n != 0 {
		t.Errorf("%d calls arrived", n)
	}
}

func TestGivingUpWhileReadingEndsTheGatewaysSideToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t)
		link := Transport(g)
		g.Script("T1", Scenario{Pay: []Step{{Fault: FaultDrip}}})
		w := newWallet(t, g)
		text := sealed(w.head("offline.pay"), payBody("T1", testCode, 100))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://gateway.test"+paths["offline.pay"], strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := link.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 9*dripInterval {
			t.Errorf("ten bytes took %s", took)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
			t.Errorf("reading a closed body: %v", err)
		}
		link.Wait()
		if took := time.Since(began); took != 9*dripInterval {
			t.Errorf("the gateway went on for %s", took)
		}
	})
}

func TestAnHTTPClientWorksOverTheLink(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	client := &http.Client{Transport: w.rt}
	resp, err := client.Post(w.base+paths["offline.pay"], "application/json", strings.NewReader(sealed(w.head("offline.pay"), payBody("T1", testCode, 100))))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if resp.ContentLength != int64(len(text)) || resp.Header.Get("Content-Type") != "application/json; charset=UTF-8" || resp.Status != "200 OK" {
		t.Errorf("response %+v", resp)
	}
	if _, err := believe(text, crypto.SHA256); err != nil {
		t.Error(err)
	}
}
