package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

func TestWhoMustNotUseTheLocalAPIIsRefused(t *testing.T) {
	address := freeAddress(t)
	s := openShop(t, shopOptions{api: fmt.Sprintf("listen = %q\ntoken_file = \"token\"", address)})
	s.start()
	token, err := os.ReadFile(filepath.Join(s.dir, "token"))
	must(t, err)
	right := "Bearer " + strings.TrimSpace(string(token))
	sale := `{"saleId":"EVIL","amount":{"currency":"HKD","value":"100"},"code":"281234567890123456"}`
	big := `{"saleId":"EVIL","orderTitle":"` + strings.Repeat("A", 1<<20) + `"}`
	for _, c := range []struct {
		name, host, origin, auth, kind, body string
		expect                               bool // wait for leave before sending the body
		status                               int
		code                                 wire.Code
	}{
		{name: "no token", status: 401, code: wire.CodeUnauthorized, body: sale},
		{name: "a guessed token", auth: "Bearer guessed", status: 401, code: wire.CodeUnauthorized, body: sale},
		{name: "half of the token", auth: right[:len(right)/2], status: 401, code: wire.CodeUnauthorized, body: sale},
		{name: "the token as a password", auth: "Basic " + right[7:], status: 401, code: wire.CodeUnauthorized, body: sale},
		{name: "a name that was rebound to this machine", host: "shop.example", auth: right, status: 403, code: wire.CodeForbiddenHost, body: sale},
		{name: "a loopback name of somebody's domain", host: "localhost.example", auth: right, status: 403, code: wire.CodeForbiddenHost, body: sale},
		{name: "a page of another site", origin: "https://evil.example", auth: right, status: 403, code: wire.CodeForbiddenOrigin, body: sale},
		{name: "a page without an origin", origin: "null", auth: right, status: 403, code: wire.CodeForbiddenOrigin, body: sale},
		{name: "a form of a page", kind: "text/plain", auth: right, status: 415, code: wire.CodeUnsupportedMedia, body: sale},
		{name: "a body of 1 MB", auth: right, expect: true, status: 413, code: wire.CodeBodyTooLarge, body: big},
		{name: "a body that never ends well", auth: right, status: 400, code: wire.CodeInvalidRequest, body: sale[:40]},
		{name: "no JSON", auth: right, status: 400, code: wire.CodeInvalidRequest, body: "saleId=EVIL"},
	} {
		req, err := http.NewRequest(http.MethodPost, "http://"+address+"/v1/sales", strings.NewReader(c.body))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		for name, value := range map[string]string{"Authorization": c.auth, "Origin": c.origin, "Content-Type": c.kind} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		if c.host != "" {
			req.Host = c.host
		}
		if c.expect {
			req.Header.Set("Expect", "100-continue")
		}
		resp, err := (&http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: patience}).RoundTrip(req)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		check(t, err)
		check(t, resp.Body.Close())
		if resp.StatusCode != c.status || !bytes.Contains(body, fmt.Appendf(nil, `"code":%q`, c.code)) {
			t.Errorf("%s: HTTP %d %s, want %d %s", c.name, resp.StatusCode, body, c.status, c.code)
		}
		if kind := resp.Header.Get("Content-Type"); kind != wire.ProblemType {
			t.Errorf("%s: the answer is %q", c.name, kind)
		}
	}
	if _, err := s.client.Sale(context.Background(), "EVIL"); client.Code(err) != wire.CodeSaleNotFound {
		t.Errorf("a refused request left a sale: %v", err)
	}
	if len(s.gateway.Calls()) != 0 {
		t.Errorf("refused requests sent %d messages", len(s.gateway.Calls()))
	}
	// Whoever guesses often is slowed down; whoever knows the token is not.
	s.post(wire.NewSale{SaleID: "GOOD", Amount: hkd(100), Code: s.nextCode()})
	s.settledAs("GOOD", wire.Paid)
}

// TestJournalThatCannotBeUsedStopsSellingAndSaysWhy starts the daemon on a
// journal that is no good: it must start, so that somebody can read why, sell
// nothing, and leave the file as it is.
func TestJournalThatCannotBeUsedStopsSellingAndSaysWhy(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"not a journal": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte("Dear shop,\n"), 0o600))
		},
		"zeroed at the start": func(t *testing.T, path string) {
			must(t, overwrite(path, 0, make([]byte, 8192)))
		},
		"cut to half": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			must(t, err)
			must(t, os.Truncate(path, info.Size()/2))
			must(t, overwrite(path, 8192, bytes.Repeat([]byte{0xff}, 16384)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, shopOptions{})
			s.start()
			s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(100), Code: s.nextCode()})
			s.settledAs("R-1", wire.Paid)
			s.stop()
			spoil(t, s.journal)
			before := fingerprint(t, s.journal)

			s.launch()
			st := s.awaitRefusal("journal_unusable")
			if st.Journal.OK || st.Journal.Error == "" {
				t.Errorf("the journal is shown as %+v", st.Journal)
			}
			_, _, err := s.client.OpenSale(context.Background(), wire.NewSale{SaleID: "R-2", Amount: hkd(100), Code: s.nextCode()})
			if c := client.Code(err); c != wire.CodeNotReady && c != wire.CodeJournalFailed {
				t.Errorf("a sale is answered with %v", err)
			}
			s.stop()
			if after := fingerprint(t, s.journal); after != before {
				t.Errorf("the file was changed: %s before, %s after", before, after)
			}
			if n := len(s.gateway.Calls()); n != 1 {
				t.Errorf("%d messages were sent for the one sale before", n)
			}
		})
	}
}

func TestJournalThatIsMissingIsMadeAnewAndNoIdComesTwice(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(100), Code: s.nextCode()})
	first := s.settledAs("R-1", wire.Paid)
	s.stop()
	must(t, os.Remove(s.journal))
	s.start()
	s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(100), Code: s.nextCode()})
	second := s.settledAs("R-1", wire.Paid)
	if first.MerchantTransID == second.MerchantTransID {
		t.Errorf("both payments are %s: an id must outlive a lost journal", first.MerchantTransID)
	}
	s.holds(first, 100)
	s.holds(second, 100)
}

func TestFullDiskStopsSellingAndLosesNothing(t *testing.T) {
	disk := mountSmallDisk(t)
	s := openShop(t, shopOptions{journal: filepath.Join(disk, "journal.db")})
	t.Cleanup(s.stop) // before the disk goes
	s.launch()
	if st := s.awaitRefusal("disk"); !st.Journal.OK {
		t.Errorf("the journal is shown as %+v", st.Journal)
	}
	s.sellsNothing()
}

func TestReadOnlyDiskStopsSellingAndSaysWhy(t *testing.T) {
	disk := mountSmallDisk(t)
	must(t, remount(disk, "rw,size=64m"))
	s := openShop(t, shopOptions{journal: filepath.Join(disk, "journal.db")})
	t.Cleanup(s.stop)
	s.start()
	s.stop()
	must(t, remount(disk, "ro"))
	s.launch()
	s.awaitRefusal("journal_unusable")
	s.sellsNothing()
}

// sellsNothing requires that a sale is refused and nothing is sent.
func (s *shop) sellsNothing() {
	s.t.Helper()
	_, _, err := s.client.OpenSale(context.Background(), wire.NewSale{SaleID: "R-NO", Amount: hkd(100), Code: s.nextCode()})
	if c := client.Code(err); c != wire.CodeNotReady && c != wire.CodeJournalFailed {
		s.t.Errorf("a sale is answered with %v", err)
	}
	if n := len(s.gateway.Calls()); n != 0 {
		s.t.Errorf("%d messages were sent", n)
	}
}

// mountSmallDisk gives the test a disk of 6 MB, less than the till sells with.
func mountSmallDisk(t *testing.T) string {
	t.Helper()
	disk := shortDir(t)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "posagent-e2e", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk needs the right to mount: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return disk
}

func remount(disk, how string) error {
	out, err := exec.Command("mount", "-o", "remount,"+how, disk).CombinedOutput()
	if err != nil {
		return fmt.Errorf("remount %s: %w %s", how, err, out)
	}
	return nil
}

// awaitRefusal waits until the till gives a reason not to sell.
func (s *shop) awaitRefusal(reason string) (st wire.Status) {
	s.t.Helper()
	s.await("the till to refuse to sell for "+reason, func(ctx context.Context) (bool, error) {
		var err error
		st, err = s.client.Status(ctx)
		for _, w := range st.Till.Reasons {
			if w.Code == reason && w.Title != "" && w.Detail != "" && w.Remedy != "" {
				return !st.Till.Ready, fmt.Errorf("the till is ready all the same")
			}
		}
		return false, fmt.Errorf("reasons %+v: %w", st.Till.Reasons, err)
	})
	return st
}

func overwrite(path string, at int64, p []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(p, at); err != nil {
		_ = f.Close() // the first error tells
		return err
	}
	return f.Close()
}

// fingerprint tells whether a file was touched.
func fingerprint(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	if info.IsDir() {
		return "a directory"
	}
	text, err := os.ReadFile(path)
	must(t, err)
	return digest(text)
}
