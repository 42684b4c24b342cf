package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/keystore"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
	"posagent/queue"
)

// TestNoSecretLeavesTheProgram plays every class of scenario at debug level,
// asks for everything that there is to ask for, kills the daemon in between, and
// then searches all of it, the journal's bytes included, for payment codes, the
// private key and the token.
func TestNoSecretLeavesTheProgram(t *testing.T) {
	slow(t)
	admin, loopback := freeAddress(t), freeAddress(t)
	s := openShop(t, shopOptions{
		policy: "query_limit = 6",
		api:    fmt.Sprintf("listen = %q\ntoken_file = \"token\"\n[admin]\nlisten = %q", loopback, admin),
		log:    "level = \"debug\"\nformat = \"json\"\nfile = \"posagent.log\"",
	})
	s.start()
	heap := &haystack{t: t}
	listening := s.listenToEvents(heap)
	var codes []string
	for i, sc := range leakScenarios() {
		code := s.nextCode()
		codes = append(codes, code)
		s.playForLeaks(heap, fmt.Sprintf("R-%03d", i), sc, code)
		if i%40 == 39 {
			s.kill()
			s.start()
		}
	}
	// What is not charged must not leak either.
	refused := []string{"281234567890123", "134567890123456789", s.nextCode() + "99999999"}
	s.open("R-LAST", 100)
	for _, label := range refused {
		s.scan(label)
		_, err := s.client.SubmitCode(context.Background(), "R-LAST", label)
		heap.addError("refused code", err)
	}
	s.pay("R-LAST", s.nextCode())
	s.collect(heap, admin, loopback)
	s.stop()
	listening()

	s.collectJournal(heap)
	for _, name := range []string{"stderr.log", "posagent.log", "journal.db"} {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		must(t, err)
		heap.add(name, text)
	}
	if !bytes.Contains(heap.piece("posagent.log"), []byte("message answered")) {
		t.Error("the log file has no message: the search would prove nothing")
	}
	if !bytes.Contains(heap.piece("export as JSON lines"), []byte(mask(codes[0]))) {
		t.Error("the export does not show the first code masked: the search would prove nothing")
	}
	for _, code := range append(codes, refused...) {
		heap.search("payment code "+mask(code), codeForms(code))
	}
	heap.search("private key", s.keyForms())
	token, err := os.ReadFile(filepath.Join(s.dir, "token"))
	must(t, err)
	heap.search("token", [][]byte{bytes.TrimSpace(token)})
	t.Logf("%d codes and the key were searched for in %d pieces, %d kB", len(codes)+len(refused), len(heap.pieces), heap.size()>>10)
}

// leakScenarios are all but the refusals, of which a few stand for the rest: they
// differ by their code alone.
func leakScenarios() []sandbox.Scenario {
	var list []sandbox.Scenario
	refusals := 0
	for _, sc := range sandbox.Catalogue() {
		if strings.HasPrefix(sc.Name, "f_") {
			if refusals++; refusals > 6 || stopsSelling(sc) {
				continue
			}
		}
		list = append(list, sc)
	}
	return list
}

// playForLeaks sells once and has the sale out of the foreground soon.
func (s *shop) playForLeaks(heap *haystack, id string, sc sandbox.Scenario, code string) {
	s.t.Helper()
	amount := sc.Amount
	if amount == 0 {
		amount = 100
	}
	_, _, err := s.client.OpenSale(context.Background(), wire.NewSale{SaleID: id, Amount: hkd(amount), Code: code})
	if client.Code(err) == wire.CodeNotReady { // the gateway refused this terminal's messages before
		heap.addError("not ready", err)
		s.kill()
		s.start()
		_, _, err = s.client.OpenSale(context.Background(), wire.NewSale{SaleID: id, Amount: hkd(amount), Code: code})
	}
	must(s.t, err)
	var sale wire.Sale
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		sale, err = s.client.WaitSale(context.Background(), id, sale.Version, 100*time.Millisecond)
		must(s.t, err)
		if leftForeground(sale) {
			break
		}
	}
	if !leftForeground(sale) {
		_, err = s.client.Cancel(context.Background(), id, "cashier")
		heap.addError("cancel", err)
	}
	if sale.State == wire.Paid {
		_, _, err := s.client.Refund(context.Background(), id, wire.NewRefund{RefundID: "F", Amount: hkd(1), Reason: "leak"})
		must(s.t, err)
	}
	_, _, err = s.client.OpenSale(context.Background(), wire.NewSale{SaleID: id + "-again", Amount: hkd(7), Code: code})
	if c := client.Code(err); c != wire.CodeCodeUsed && c != wire.CodeNotReady {
		s.t.Errorf("%s: a used code was answered with %v", id, err)
	}
	heap.addError("used code", err)
}

// haystack is everything that the program said.
type haystack struct {
	t      *testing.T
	mu     sync.Mutex
	names  []string
	pieces [][]byte
}

func (h *haystack) add(name string, piece []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names, h.pieces = append(h.names, name), append(h.pieces, piece)
}

func (h *haystack) addError(name string, err error) {
	if err != nil {
		h.add("error: "+name, []byte(fmt.Sprintf("%v %+v %#v", err, err, err)))
	}
}

func (h *haystack) piece(name string) []byte {
	for i := range h.names {
		if h.names[i] == name {
			return h.pieces[i]
		}
	}
	return nil
}

func (h *haystack) size() (n int) {
	for _, p := range h.pieces {
		n += len(p)
	}
	return n
}

func (h *haystack) search(what string, forms [][]byte) {
	h.t.Helper()
	for i, piece := range h.pieces {
		for n, form := range forms {
			if at := bytes.Index(piece, form); at >= 0 {
				h.t.Errorf("%s stands in %s at byte %d (form %d)", what, h.names[i], at, n)
				break
			}
		}
	}
}

// codeForms are what of a code must be nowhere: whole, its middle, in encodings,
// and as a digest without a key, from which its digits are found in seconds.
func codeForms(code string) [][]byte {
	digest := sha256.Sum256([]byte(code))
	middle := code[3 : len(code)-4]
	return [][]byte{
		[]byte(middle), []byte(base64.StdEncoding.EncodeToString([]byte(code)))[:16],
		[]byte(hex.EncodeToString([]byte(middle))), digest[:], []byte(hex.EncodeToString(digest[:])),
		[]byte(base64.StdEncoding.EncodeToString(digest[:])),
	}
}

// keyForms are the lines of the private key's file and its secret numbers.
func (s *shop) keyForms() [][]byte {
	path := filepath.Join(s.dir, "keys", "terminal_private.pem")
	text, err := os.ReadFile(path)
	must(s.t, err)
	var forms [][]byte
	// The first line holds only what every such key begins with.
	for line := range strings.SplitSeq(string(text), "\n") {
		if len(line) == 64 {
			forms = append(forms, []byte(line))
		}
	}
	forms = forms[1:]
	key, err := keystore.LoadPrivate(path)
	must(s.t, err)
	rsa := key.RSA()
	for _, n := range append(rsa.Primes, rsa.D) {
		forms = append(forms, n.Bytes(), []byte(n.Text(16)), []byte(n.Text(10)), []byte(base64.StdEncoding.EncodeToString(n.Bytes())))
	}
	return forms
}

// listenToEvents keeps everything that the event stream sends, over restarts.
func (s *shop) listenToEvents(heap *haystack) (wait func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all bytes.Buffer
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(s.dir, "posagent.sock"))
	}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/v1/events", nil)
			if err != nil {
				return
			}
			if resp, err := transport.RoundTrip(req); err == nil {
				_, _ = io.Copy(&all, resp.Body) // ends with the daemon
				_ = resp.Body.Close()
			}
			pause(ctx, 20*time.Millisecond)
		}
	}()
	return func() {
		cancel()
		<-done
		if !strings.Contains(all.String(), "event: sale") {
			s.t.Error("the event stream told of no sale: the search would prove nothing")
		}
		heap.add("event stream", all.Bytes())
	}
}

// collect asks for everything that there is to ask for.
func (s *shop) collect(heap *haystack, admin, loopback string) {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "token"))
	must(s.t, err)
	urls := []string{
		"http://" + admin + "/metrics", "http://" + admin + "/-/ready", "http://" + admin + "/-/healthy",
		"http://" + loopback + "/v1/status", "http://" + loopback + "/v1/sales?limit=500", "http://" + loopback + "/v1/openapi.json",
	}
	list, err := s.client.Sales(context.Background(), client.Filter{Limit: 500})
	must(s.t, err)
	for _, sale := range list.Sales {
		urls = append(urls, "http://"+loopback+"/v1/sales/"+sale.SaleID)
	}
	for _, url := range urls {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		must(s.t, err)
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		must(s.t, err)
		body, err := io.ReadAll(resp.Body)
		must(s.t, err)
		must(s.t, resp.Body.Close())
		if resp.StatusCode >= 400 && !strings.HasSuffix(url, "ready") {
			s.t.Errorf("%s: HTTP %d\n%s", url, resp.StatusCode, body)
		}
		heap.add(url, body)
	}
	if !bytes.Contains(heap.piece(urls[0]), []byte("posagent_")) {
		s.t.Error("there are no metrics: the search would prove nothing")
	}
}

// collectJournal has everything that the journal's own commands give out.
func (s *shop) collectJournal(heap *haystack) {
	s.t.Helper()
	j, err := queue.Open(s.journal, queue.Options{Terminal: "E2E/T01"})
	must(s.t, err)
	var backup, lines, rows bytes.Buffer
	_, err = j.Backup(&backup)
	must(s.t, err)
	_, err = j.Export(&lines, queue.JSONLines, queue.ExportFilter{})
	must(s.t, err)
	n, err := j.Export(&rows, queue.CSV, queue.ExportFilter{})
	must(s.t, err)
	if n == 0 {
		s.t.Error("the export is empty: the search would prove nothing")
	}
	sales, err := j.Sales(offline.SaleFilter{Limit: 500})
	must(s.t, err)
	heap.add("sales as Go prints them", fmt.Appendf(nil, "%v %+v %#v", sales, sales, sales))
	must(s.t, j.Close())
	heap.add("backup", backup.Bytes())
	heap.add("export as JSON lines", lines.Bytes())
	heap.add("export as CSV", rows.Bytes())
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return l.Addr().String()
}
