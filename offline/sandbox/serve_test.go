package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"posagent/internal/keystore"
	"posagent/offline"
)

// serve puts a gateway on a real socket and returns a terminal for it.
func serve(t *testing.T, g *Gateway) *wallet {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, ln, g) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &wallet{t: t, rt: transport, base: "http://" + ln.Addr().String(), now: time.Now}
}

func TestServedOverSocketsAnswersBreakAsInProcess(t *testing.T) {
	tests := []struct {
		fault Fault
		err   []error // one of them
	}{
		{FaultNone, []error{nil}},
		{FaultDrop, []error{io.EOF}},
		{FaultReset, []error{syscall.ECONNRESET, io.EOF}}, // some systems deliver no RST to a reader
		{FaultResetEarly, []error{syscall.ECONNRESET, io.EOF}},
		{FaultCut, []error{io.ErrUnexpectedEOF}},
		{FaultHTTP500, []error{errUnproven}},
		{FaultBadGateway, []error{errUnproven}},
		{FaultProxyPage, []error{errUnproven}},
		{FaultRedirect, []error{errUnproven}},
		{FaultEmpty, []error{errUnproven}},
		{FaultOversized, []error{errUnproven}},
		{FaultDuplicateKeys, []error{errUnproven}},
	}
	g := newGateway(t)
	w := serve(t, g)
	for i, tt := range tests {
		t.Run("with fault "+string(tt.fault), func(t *testing.T) {
			id := fmt.Sprintf("T%d", i)
			g.Script(offline.MerchantTransID(id), Scenario{Pay: []Step{{Fault: tt.fault}}})
			_, err := w.try(t.Context(), "offline.pay", payBody(id, codeFor(i), 100))
			ok := false
			for _, want := range tt.err {
				ok = ok || errors.Is(err, want)
			}
			if !ok {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			wantBalance(t, g, id, 100)
		})
	}
}

func TestServeEndsSilentAnswersWhenItStops(t *testing.T) {
	g := newGateway(t)
	arrived := make(chan struct{})
	g.opt.OnCall = func(Call) { close(arrived) }
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, ln, g) }()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	w := &wallet{t: t, rt: transport, base: "http://" + ln.Addr().String(), now: time.Now}
	g.Script("T1", Scenario{Pay: []Step{silent()}})
	asked := make(chan error, 1)
	go func() {
		_, err := w.try(context.WithoutCancel(t.Context()), "offline.pay", payBody("T1", testCode, 100))
		asked <- err
	}()
	<-arrived
	cancel()
	if err := <-asked; err == nil {
		t.Error("an answer came")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), ln, newGateway(t)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestHeldPaymentsReachTheFileWithoutAnyMessage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	g := newGateway(t, func(o *Options) { o.LedgerPath = path })
	w := serve(t, g)
	g.Script("T1", Scenario{Pay: []Step{{Effect: EffectHold, After: 10 * time.Millisecond, Fault: FaultDrop}}})
	if _, err := w.try(t.Context(), "offline.pay", payBody("T1", testCode, 100)); err == nil {
		t.Fatal("an answer came")
	}
	for {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), `"charge"`) {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("never written")
		}
		runtime.Gosched()
	}
}

func TestManyTerminalsAtOnceAreChargedOnceEach(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	const payments, repeats = 12, 4
	// A repeat that comes after the cancel would be told that the trade is closed.
	for i := range payments {
		if i%3 == 0 {
			g.Script(offline.MerchantTransID(fmt.Sprintf("T%d", i)), Scenario{Pay: always(Step{Say: Result{Status: "S", Code: codeSuccess}})})
		}
	}
	var all sync.WaitGroup
	for i := range payments {
		for range repeats {
			all.Go(func() {
				id := fmt.Sprintf("T%d", i)
				a, err := w.try(t.Context(), "offline.pay", payBody(id, codeFor(i), 100))
				if err != nil || a.result() != "S SUCCESS" {
					t.Errorf("%s: %v, %v", id, a.result(), err)
				}
				if i%3 == 0 {
					if c, err := w.try(t.Context(), "common.payCancel", byID(id)); err != nil || c.result() != "S SUCCESS" {
						t.Errorf("cancel of %s: %v, %v", id, c.result(), err)
					}
				}
			})
		}
	}
	all.Wait()
	if faults := g.Ledger().Audit(); len(faults) != 0 {
		t.Errorf("audit: %q", faults)
	}
	if n := len(g.Ledger().Trades()); n != payments {
		t.Errorf("%d trades", n)
	}
	for _, a := range g.Ledger().Trades() {
		if a.Charges != 1 {
			t.Errorf("%s was charged %d times", a.MerchantTransID, a.Charges)
		}
	}
}

func TestPagesOfThePretendGateway(t *testing.T) {
	g := newGateway(t)
	w := newWallet(t, g)
	get := func(t *testing.T, path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, text, err := w.do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	set := func(t *testing.T, contentType, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+"/sandbox/scenario", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		resp, _, err := w.do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	t.Run("an empty ledger has empty lists", func(t *testing.T) {
		_, text := get(t, "/sandbox/ledger")
		if strings.Contains(text, "null") {
			t.Error(text)
		}
	})
	t.Run("the ledger shows what moved", func(t *testing.T) {
		w.pay("T1", codeFor(1), 100)
		_, text := get(t, "/sandbox/ledger")
		var l struct {
			Entries []Entry
			Trades  []Account
			Audit   []string
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if len(l.Entries) != 1 || l.Entries[0].Amount != hkd(100) || len(l.Trades) != 1 || l.Trades[0].Charged != 100 || len(l.Audit) != 0 {
			t.Errorf("ledger %+v", l)
		}
	})
	t.Run("calls show every message", func(t *testing.T) {
		_, text := get(t, "/sandbox/calls")
		var calls []Call
		if err := json.Unmarshal([]byte(text), &calls); err != nil || len(calls) != 1 || calls[0].MerchantTransID != "T1" {
			t.Errorf("%v, %s", err, text)
		}
	})
	t.Run("scenarios are listed", func(t *testing.T) {
		if _, text := get(t, "/sandbox/scenarios"); !strings.Contains(text, `"pay_after_cancel"`) {
			t.Error(text)
		}
	})
	t.Run("a scenario is set for the next payment and for an id", func(t *testing.T) {
		if c := set(t, "application/json", `{"next":true,"scenario":"unknown_paid"}`); c != http.StatusNoContent {
			t.Errorf("HTTP %d", c)
		}
		if c := set(t, "application/json", `{"merchantTransId":"T7","scenario":"f_risk_reject"}`); c != http.StatusNoContent {
			t.Errorf("HTTP %d", c)
		}
		wantResult(t, w.pay("T7", codeFor(7), 100), "F RISK_REJECT")
		wantResult(t, w.pay("T8", codeFor(8), 100), "U UNKNOWN_EXCEPTION")
	})
	for _, tt := range []struct {
		name, contentType, body string
		want                    int
	}{
		{"an unknown scenario is refused", "application/json", `{"next":true,"scenario":"nonsense"}`, http.StatusNotFound},
		{"neither id nor next is refused", "application/json", `{"scenario":"paid"}`, http.StatusBadRequest},
		{"both are refused", "application/json", `{"next":true,"merchantTransId":"T1","scenario":"paid"}`, http.StatusBadRequest},
		{"an unknown field is refused", "application/json", `{"nxt":true,"scenario":"paid"}`, http.StatusBadRequest},
		{"no JSON is refused", "application/json", `next`, http.StatusBadRequest},
		{"what a web page could send unasked is refused", "text/plain", `{"next":true,"scenario":"paid"}`, http.StatusUnsupportedMediaType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c := set(t, tt.contentType, tt.body); c != tt.want {
				t.Errorf("HTTP %d, want %d", c, tt.want)
			}
		})
	}
	t.Run("there is no other page", func(t *testing.T) {
		if c, _ := get(t, "/sandbox/"); c != http.StatusNotFound {
			t.Errorf("HTTP %d", c)
		}
	})
}

func TestNewNamesEveryMissingOption(t *testing.T) {
	_, err := New(Options{})
	for _, name := range []string{"ClientID", "MerchantID", "MerchantPublicKey", "AlipayPrivateKey"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
}

func TestEnsureKeysMakesThemOnceAndTheyWork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first, err := EnsureKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"terminal_private.pem", "terminal_public.pem", "alipay_private.pem", "alipay_public.pem"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if secret := strings.Contains(name, "private"); secret && runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
	second, err := EnsureKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !second.Alipay.PublicKey().Equal(first.Alipay.PublicKey()) || !second.Terminal.PublicKey().Equal(first.Terminal.PublicKey()) {
		t.Error("the second run made other keys")
	}
	if first.Alipay.PublicKey().Equal(first.Terminal.PublicKey()) {
		t.Error("both sides have one key")
	}
	g := newGateway(t, func(o *Options) { o.AlipayPrivateKey = first.Alipay })
	raw := []byte(`{"a":1}`)
	signature, err := sign(g.opt.AlipayPrivateKey, false, raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := verify(&first.Alipay.RSA().PublicKey, version204, raw, signature); !ok {
		t.Error("a key from the directory does not sign")
	}
	t.Run("a broken file is named and not overwritten", func(t *testing.T) {
		path := filepath.Join(dir, "alipay_private.pem")
		if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := EnsureKeys(dir)
		if !errors.Is(err, keystore.ErrFormat) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v", err)
		}
	})
}
