package admin_test

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"posagent/internal/admin"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/pkitest"
)

// secure puts a server behind mutual TLS.
func (s *stand) secure(f files) net.Addr {
	s.t.Helper()
	open, err := admin.OpenFiles(f.cert, f.key, f.ca, s.opt.Log)
	if err != nil {
		s.t.Fatal(err)
	}
	l := tcp(s.t)
	s.serve(admin.MutualTLS(l, open))
	return l.Addr()
}

func TestWhoShowsNoGoodCertificateGetsNothingAndIsRecorded(t *testing.T) {
	server, clients, stranger := pkitest.New(t, "server CA"), pkitest.New(t, "client CA"), pkitest.New(t, "another CA")
	s := newStand(t)
	addr := s.secure(newFiles(t, server, clients, time.Hour))
	old := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
	for _, row := range []struct {
		name   string
		asker  asker
		reason string
	}{
		{"without a certificate", s.overTLS(addr, server, nil), "didn't provide a certificate"},
		{"from another authority", s.overTLS(addr, server, stranger.Client("ops", time.Hour)), "unknown authority"},
		{"expired", s.overTLS(addr, server, clients.Client("ops", -time.Hour)), "expired"},
		{"over TLS 1.2", s.overTLS(addr, server, clients.Client("ops", time.Hour), old), "version"},
		{"without TLS", s.overTCP(addr), "TLS handshake"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, path := range []string{"/-/healthy", "/metrics", "/v1/admin/version"} {
				a := row.asker.do(http.MethodGet, path, "")
				if a.err == nil && a.status == http.StatusOK {
					t.Errorf("%s was answered: %s", path, a.body)
				}
				e := s.book.last(t)
				if e.Action != audit.Access || e.Result != audit.Refused || e.Via != "tls" || !strings.Contains(e.Error, row.reason) ||
					!strings.Contains(e.Actor, "127.0.0.1") {
					t.Errorf("recorded: %+v, want a refusal with %q", e, row.reason)
				}
			}
		})
	}
	if got := s.takeAsked(); got != "" {
		t.Errorf("the daemon was asked: %s", got)
	}
}

func TestACertificateDoesWhatItsRoleSaysAndNoMore(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	addr := s.secure(newFiles(t, ca, ca, time.Hour))
	calls := []struct{ method, path, body, role string }{
		{"GET", "/-/healthy", "", "read"}, {"GET", "/metrics", "", "read"}, {"GET", "/v1/admin/version", "", "read"},
		{"GET", "/v1/admin/status", "", "read"}, {"GET", "/v1/admin/attention", "", "read"}, {"GET", "/v1/admin/audit", "", "read"},
		{"GET", "/v1/admin/log-level", "", "read"}, {"GET", "/v1/admin/openapi.json", "", "read"},
		{"PUT", "/v1/admin/log-level", `{"level":"debug"}`, "operate"}, {"POST", "/v1/admin/drain", "", "operate"},
		{"POST", "/v1/admin/resume", "", "operate"}, {"POST", "/v1/admin/reload", "", "operate"},
		{"POST", "/v1/admin/journal/verify", "", "operate"}, {"POST", "/v1/admin/journal/backup", "", "operate"},
		{"POST", "/v1/admin/support-bundle", "", "operate"},
		{"POST", "/v1/admin/sales/R-1/resolve", `{"result":"paid","note":"seen"}`, "money"},
	}
	for _, row := range []struct {
		name string
		may  string
	}{{"monitor", "read"}, {"ops", "read operate"}, {"finance", "read money"}, {"nobody", ""}} {
		t.Run(row.name, func(t *testing.T) {
			who := s.overTLS(addr, ca, ca.Client(row.name, time.Hour))
			for _, call := range calls {
				a := who.do(call.method, call.path, call.body)
				if a.err != nil {
					t.Fatal(a.err)
				}
				want, code := http.StatusOK, wire.Code("")
				switch {
				case row.may == "":
					want, code = http.StatusForbidden, wire.CodeNoRole
				case !strings.Contains(row.may, call.role):
					want, code = http.StatusForbidden, wire.CodeRoleRequired
				}
				if a.status != want || a.code() != code {
					t.Errorf("%s %s: %d %s, want %d %s", call.method, call.path, a.status, a.code(), want, code)
				}
			}
		})
	}
}

func TestEveryCallIsRecordedWithWhoAndWhatCameOfIt(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	addr := s.secure(newFiles(t, ca, ca, time.Hour))
	ops, finance := s.overTLS(addr, ca, ca.Client("ops", time.Hour)), s.overTLS(addr, ca, ca.Client("finance", time.Hour))
	const opsName, financeName = "CN=ops,O=Sunrise Mart (serial 7)", "CN=finance,O=Sunrise Mart (serial 7)"
	for _, row := range []struct {
		who                        asker
		method, path, body         string
		actor, role, subject, more string
		action                     audit.Action
		result                     audit.Result
	}{
		{ops, "POST", "/v1/admin/drain", `{"keep":true}`, opsName, "operate", "", "keep=true", audit.Drain, audit.Done},
		{ops, "PUT", "/v1/admin/log-level", `{"level":"debug","for":"15m"}`, opsName, "operate", "debug", "for=15m0s", audit.LogLevel, audit.Done},
		{ops, "PUT", "/v1/admin/log-level", `{"level":"all"}`, opsName, "operate", "", "", audit.LogLevel, audit.Refused},
		{ops, "POST", "/v1/admin/journal/backup", "", opsName, "operate", "", "bytes=11", audit.Backup, audit.Done},
		{ops, "POST", "/v1/admin/journal/verify", "", opsName, "operate", "", "ok=true", audit.Verify, audit.Done},
		{ops, "GET", "/v1/admin/attention", "", opsName, "operate", "", "", audit.Attention, audit.Done},
		{ops, "POST", "/v1/admin/sales/R-1/resolve", `{"result":"paid","note":"x"}`, opsName, "operate", "", "request=POST /v1/admin/sales/R-1/resolve", audit.Resolve, audit.Refused},
		{finance, "POST", "/v1/admin/sales/R-1/resolve", `{"result":"paid","note":"x"}`, financeName, "money", "R-1", "result=paid", audit.Resolve, audit.Done},
		{finance, "POST", "/v1/admin/reload", "", financeName, "money", "", "", audit.Reload, audit.Refused},
		{ops, "POST", "/v1/admin/drain", "{", opsName, "operate", "", "", audit.Drain, audit.Refused},
	} {
		a := row.who.do(row.method, row.path, row.body)
		if a.err != nil {
			t.Fatal(a.err)
		}
		e := s.book.last(t)
		key, value, _ := strings.Cut(row.more, "=")
		if e.Actor != row.actor || e.Role != row.role || e.Via != "tls" || e.Action != row.action || e.Result != row.result ||
			e.Detail[key] != value || e.Subject != row.subject && e.Result == audit.Done {
			t.Errorf("%s %s: recorded %+v", row.method, row.path, e)
		}
		if (e.Result == audit.Done) != (e.Error == "") {
			t.Errorf("%s %s: %s with error %q", row.method, row.path, e.Result, e.Error)
		}
	}
	ops.do("GET", "/v1/admin/log-level", "")
	ops.do("GET", "/-/healthy", "")
	s.book.none(t)
}

func TestNewCertificateFilesCountFromTheNextConnection(t *testing.T) {
	server, clients, next := pkitest.New(t, "server CA"), pkitest.New(t, "client CA"), pkitest.New(t, "next client CA")
	s := newStand(t)
	f := newFiles(t, server, clients, time.Hour)
	addr := s.secure(f)
	var seen int64
	look := func(c *tls.Config) {
		c.VerifyConnection = func(state tls.ConnectionState) error {
			seen = state.PeerCertificates[0].SerialNumber.Int64()
			return nil
		}
	}
	old, fresh := s.overTLS(addr, server, clients.Client("ops", time.Hour), look), s.overTLS(addr, server, next.Client("ops", time.Hour), look)
	if a := old.do("GET", "/v1/admin/version", ""); a.status != http.StatusOK || seen != 2 {
		t.Fatalf("%d %v, certificate %d", a.status, a.err, seen)
	}
	f.renew(t, server, 3, time.Hour)
	put(t, f.ca, next.PEM())
	if a := fresh.do("GET", "/v1/admin/version", ""); a.status != http.StatusOK || seen != 3 {
		t.Errorf("%d %v, certificate %d", a.status, a.err, seen)
	}
	if a := old.do("GET", "/v1/admin/version", ""); a.status == http.StatusOK {
		t.Error("the old authority is still believed")
	}
	put(t, f.key, []byte("no key"))
	if a := fresh.do("GET", "/v1/admin/version", ""); a.status != http.StatusOK || seen != 3 {
		t.Errorf("with a key that cannot be read: %d %v, certificate %d; want the old one", a.status, a.err, seen)
	}
}

func TestAnExpiredCertificateOfItsOwnStopsTheListenerNotTheDaemon(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	f := newFiles(t, ca, ca, -time.Minute)
	addr := s.secure(f)
	who := s.overTLS(addr, ca, ca.Client("ops", time.Hour), func(c *tls.Config) { c.InsecureSkipVerify = true }) // it would refuse it itself
	if a := who.do("GET", "/v1/admin/version", ""); a.err == nil {
		t.Errorf("answered %d", a.status)
	}
	if e := s.book.last(t); !strings.Contains(e.Error, "not valid now") {
		t.Errorf("recorded %+v", e)
	}
	f.renew(t, ca, 4, time.Hour)
	if a := who.do("GET", "/v1/admin/version", ""); a.status != http.StatusOK {
		t.Errorf("after its renewal: %d, %v", a.status, a.err)
	}
}

func TestHostsAndOriginsThatAreNotTheListenersAreRefused(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	addr := s.secure(newFiles(t, ca, ca, time.Hour))
	ops := s.overTLS(addr, ca, ca.Client("ops", time.Hour))
	for _, row := range []struct {
		header, value string
		status        int
		code          wire.Code
	}{
		{"Host", "till.sunrise.example:9373", http.StatusOK, ""},
		{"Host", "TILL.sunrise.example", http.StatusOK, ""},
		{"Host", "localhost", http.StatusOK, ""},
		{"Host", "evil.example", http.StatusForbidden, wire.CodeForbiddenHost},
		{"Host", "192.168.1.7", http.StatusForbidden, wire.CodeForbiddenHost},
		{"Origin", "https://evil.example", http.StatusForbidden, wire.CodeForbiddenOrigin},
		{"Origin", "https://till.sunrise.example", http.StatusForbidden, wire.CodeForbiddenOrigin},
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden, wire.CodeForbiddenOrigin},
	} {
		a := ops.do("POST", "/v1/admin/drain", "", row.header, row.value)
		if a.status != row.status || a.code() != row.code {
			t.Errorf("%s %q: %d %s", row.header, row.value, a.status, a.code())
		}
		want := audit.Done
		if row.status != http.StatusOK {
			want = audit.Refused
		}
		if e := s.book.last(t); e.Result != want || e.Action != audit.Drain {
			t.Errorf("%s %q: recorded %+v", row.header, row.value, e)
		}
	}
}

func TestAConnectionDoesNotOutliveItsCertificate(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	var ahead atomic.Int64
	s.opt.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	addr := s.secure(newFiles(t, ca, ca, time.Hour))
	who := s.overTLS(addr, ca, ca.Client("ops", time.Hour))
	who.http.Transport.(*http.Transport).DisableKeepAlives = false
	defer who.http.CloseIdleConnections()
	if a := who.do("GET", "/v1/admin/version", ""); a.status != http.StatusOK {
		t.Fatal(a.status, a.err)
	}
	ahead.Store(int64(2 * time.Hour))
	if a := who.do("GET", "/v1/admin/version", ""); a.status != http.StatusForbidden || a.code() != wire.CodeNoRole {
		t.Errorf("the certificate has expired since the handshake: %d %s", a.status, a.code())
	}
}
