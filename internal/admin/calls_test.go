package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/admin"
	"posagent/internal/admin/access"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/pkitest"
)

// all is a server whose caller has every role, over TLS.
func (s *stand) all() asker {
	s.t.Helper()
	ca := pkitest.New(s.t, "CA")
	var err error
	if s.rules, err = access.NewRules("CN=ops", "CN=ops", "CN=ops"); err != nil {
		s.t.Fatal(err)
	}
	return s.overTLS(s.secure(newFiles(s.t, ca, ca, time.Hour)), ca, ca.Client("ops", time.Hour))
}

func TestAPlainListenerShowsHealthAndMetricsAlone(t *testing.T) {
	s := newStand(t)
	l := tcp(t)
	s.serve(admin.Plain(l))
	who := s.overTCP(l.Addr())
	for _, path := range []string{"/-/healthy", "/-/ready", "/metrics", "/v1/admin/version", "/v1/admin/openapi.json"} {
		if a := who.do("GET", path, ""); a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	s.book.none(t)
	for _, call := range [][2]string{
		{"GET", "/v1/admin/status"}, {"GET", "/v1/admin/attention"}, {"GET", "/v1/admin/audit"}, {"GET", "/v1/admin/log-level"},
		{"POST", "/v1/admin/drain"}, {"POST", "/v1/admin/journal/backup"}, {"POST", "/v1/admin/sales/R-1/resolve"},
	} {
		if a := who.do(call[0], call[1], ""); a.status != http.StatusForbidden || a.code() != wire.CodeRoleRequired {
			t.Errorf("%s: %d %s", call[1], a.status, a.code())
		}
		if e := s.book.last(t); e.Result != audit.Refused || e.Via != "loopback" {
			t.Errorf("%s: recorded %+v", call[1], e)
		}
	}
	if got := s.takeAsked(); got != "" {
		t.Errorf("the daemon was asked: %s", got)
	}
}

func TestWhatIsAskedForReachesTheDaemonAndItsAnswerComesBack(t *testing.T) {
	for _, row := range []struct{ method, path, body, asked, answer string }{
		{"POST", "/v1/admin/drain", "", "keep false; drained, wait false", `"drained":true`},
		{"POST", "/v1/admin/drain", `{"wait":"30s","keep":true}`, "keep true; drained, wait true", `"kept":true`},
		{"POST", "/v1/admin/resume", "", "resume by", `"draining":false`},
		{"POST", "/v1/admin/reload", "{}", "force false", `{"result":"applied"}`},
		{"POST", "/v1/admin/reload", `{"force":true}`, "force true", `{"result":"applied"}`},
		{"PUT", "/v1/admin/log-level", `{"level":"debug"}`, "level debug for 1h0m0s", `"level":"debug"`},
		{"PUT", "/v1/admin/log-level", `{"level":"info","for":"0s"}`, "level info for 0s", `"level":"info"`},
		{"GET", "/v1/admin/log-level", "", "", `"configured":"info"`},
		{"POST", "/v1/admin/journal/verify", "", "verify", `"sales":3`},
		{"POST", "/v1/admin/journal/backup", "", "backup", "the journal"},
		{"POST", "/v1/admin/support-bundle", "", "bundle", "PK"},
		{"GET", "/v1/admin/attention?limit=3", "", "local GET /v1/sales?limit=3&state=attention", `"sales":[]`},
		{"GET", "/v1/admin/status", "", "local GET /v1/status", `"till":{`},
		{"GET", "/v1/admin/version", "", "", `"version":"1.2.3"`},
		{
			"POST", "/v1/admin/sales/R-1/resolve", `{"result":"not_paid","note":"seen at Alipay","by":"Mei"}`,
			`local POST /v1/sales/R-1/resolve {"by":"Mei, CN=ops,O=Sunrise Mart (serial 7)","note":"seen at Alipay","result":"not_paid"}`, `"state":"paid"`,
		},
	} {
		t.Run(row.path+row.body, func(t *testing.T) {
			s := newStand(t)
			a := s.all().do(row.method, row.path, row.body)
			if a.err != nil || a.status != http.StatusOK || !strings.Contains(string(a.body), row.answer) {
				t.Errorf("%d %v %s", a.status, a.err, a.body)
			}
			if got := s.takeAsked(); !strings.Contains(got, row.asked) {
				t.Errorf("the daemon was asked %q, want %q", got, row.asked)
			}
		})
	}
}

func TestARequestThatIsNotAsItShouldBeIsRefusedBeforeAnythingIsDone(t *testing.T) {
	s := newStand(t)
	who := s.all()
	for _, row := range []struct {
		method, path, body string
		status             int
		code               wire.Code
	}{
		{"POST", "/v1/admin/drain", `{"wait":"1h"}`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/drain", `{"wait":"-1s"}`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/drain", `{"keeep":true}`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/drain", `{} {}`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/resume", `[]`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/drain", strings.Repeat(" ", 70_000), 413, wire.CodeBodyTooLarge},
		{"PUT", "/v1/admin/log-level", "", 400, wire.CodeInvalidRequest},
		{"PUT", "/v1/admin/log-level", `{"level":"trace"}`, 400, wire.CodeInvalidRequest},
		{"PUT", "/v1/admin/log-level", `{"level":"debug","for":"200h"}`, 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/audit?after=-1", "", 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/audit?limit=0", "", 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/audit?limit=5000", "", 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/audit?actor=me", "", 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/attention?state=paid", "", 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/sales/R-1/resolve", `"x"`, 400, wire.CodeInvalidRequest},
		{"POST", "/v1/admin/sales/R-1/resolve", `{"by":7}`, 400, wire.CodeInvalidRequest},
		{"GET", "/v1/admin/drain", "", 405, wire.CodeMethodNotAllowed},
		{"DELETE", "/metrics", "", 405, wire.CodeMethodNotAllowed},
		{"GET", "/v1/admin/nothing", "", 404, wire.CodeNotFound},
		{"GET", "/v1/admin//version", "", 404, wire.CodeNotFound},
		{"POST", "/v1/sales", "", 404, wire.CodeNotFound},
	} {
		a := who.do(row.method, row.path, row.body)
		if a.err != nil || a.status != row.status || a.code() != row.code || a.header.Get("Content-Type") != wire.ProblemType {
			t.Errorf("%s %s %.30s: %d %s %v", row.method, row.path, row.body, a.status, a.code(), a.err)
		}
	}
	if a := who.do("POST", "/v1/admin/drain", "{}", "Content-Type", "text/plain"); a.code() != wire.CodeUnsupportedMedia {
		t.Errorf("text: %d %s", a.status, a.body)
	}
	if got := s.takeAsked(); got != "" {
		t.Errorf("the daemon was asked: %s", got)
	}
}

func TestWhatThisDaemonCannotDoIsSaidInWords(t *testing.T) {
	s := newStand(t)
	s.opt = admin.Options{Metrics: s.opt.Metrics, Ready: s.opt.Ready, Rules: s.opt.Rules, Log: s.opt.Log}
	who := s.all()
	for _, call := range [][2]string{
		{"POST", "/v1/admin/drain"}, {"POST", "/v1/admin/resume"}, {"POST", "/v1/admin/reload"}, {"GET", "/v1/admin/log-level"},
		{"PUT", "/v1/admin/log-level"}, {"POST", "/v1/admin/support-bundle"}, {"GET", "/v1/admin/attention"}, {"GET", "/v1/admin/status"},
		{"GET", "/v1/admin/audit"}, {"POST", "/v1/admin/sales/R-1/resolve"},
	} {
		a := who.do(call[0], call[1], `{"level":"info"}`)
		if a.status != http.StatusNotImplemented || a.code() != wire.CodeNotAvailable || !strings.Contains(string(a.body), "cannot") {
			t.Errorf("%s: %d %s", call[1], a.status, a.body)
		}
	}
	for _, path := range []string{"/v1/admin/journal/verify", "/v1/admin/journal/backup"} {
		if a := who.do("POST", path, ""); a.status != http.StatusServiceUnavailable || a.code() != wire.CodeJournalFailed {
			t.Errorf("%s without a journal: %d %s", path, a.status, a.code())
		}
	}
}

func TestAFailureOfTheDaemonIsAnsweredAndRecordedAsOne(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
		code   wire.Code
		result audit.Result
	}{
		{fmt.Errorf("the new configuration: %w", admin.ErrRefused), 409, wire.CodeRefused, audit.Refused},
		{fmt.Errorf("now: %w", admin.ErrStopping), 503, wire.CodeStopping, audit.Failed},
		{fmt.Errorf("disk: %w", admin.ErrJournal), 503, wire.CodeJournalFailed, audit.Failed},
		{errors.New("a bug"), 500, wire.CodeInternal, audit.Failed},
	} {
		s := newStand(t)
		s.fail = row.err
		a := s.all().do("POST", "/v1/admin/resume", "")
		if e := s.book.last(t); a.status != row.status || a.code() != row.code || e.Result != row.result || e.Error == "" {
			t.Errorf("%v: %d %s, recorded %+v", row.err, a.status, a.code(), e)
		}
	}
}

func TestACopyThatBreaksOffIsNotTakenForAWholeOne(t *testing.T) {
	s := newStand(t)
	s.fail = errors.New("the disk reports an error")
	a := s.all().do("POST", "/v1/admin/journal/backup", "")
	if a.err == nil {
		t.Errorf("it looks whole: %d %s", a.status, a.body)
	}
	if e := s.book.last(t); e.Result != audit.Failed || e.Detail["bytes"] != "11" {
		t.Errorf("recorded %+v", e)
	}
	s = newStand(t)
	s.fail = errors.New("no room")
	if a := s.all().do("POST", "/v1/admin/support-bundle", ""); a.status != http.StatusInternalServerError || a.code() != wire.CodeInternal {
		t.Errorf("nothing was sent yet: %d %s", a.status, a.body)
	}
}

func TestALongOperationIsDoneOnceAtATime(t *testing.T) {
	s := newStand(t)
	begun, free := make(chan struct{}), make(chan struct{})
	s.opt.Backup = func(w io.Writer) (int64, error) {
		close(begun)
		<-free
		n, err := io.WriteString(w, "x")
		return int64(n), err
	}
	who := s.all()
	first := make(chan answer, 1)
	go func() { first <- who.do("POST", "/v1/admin/journal/backup", "") }()
	<-begun
	if a := who.do("POST", "/v1/admin/journal/backup", ""); a.status != http.StatusConflict || a.code() != wire.CodeBusy {
		t.Errorf("a second one: %d %s", a.status, a.code())
	}
	if a := who.do("POST", "/v1/admin/journal/verify", ""); a.status != http.StatusOK {
		t.Errorf("another kind: %d", a.status)
	}
	close(free)
	if a := <-first; a.status != http.StatusOK || string(a.body) != "x" {
		t.Errorf("the first: %d %v", a.status, a.err)
	}
}

func TestAProblemOfTheLocalAPIComesBackAsItIs(t *testing.T) {
	s := newStand(t)
	const problem = `{"type":"urn:posagent:problem:supervisor_required","title":"This needs a supervisor","status":403,"detail":"d","code":"supervisor_required","triesLeft":2}`
	s.local = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", wire.ProblemType)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, problem)
	}
	a := s.all().do("POST", "/v1/admin/sales/R-1/resolve", `{"result":"paid","note":"x"}`)
	if a.status != http.StatusForbidden || string(a.body) != problem || a.header.Get("Content-Type") != wire.ProblemType {
		t.Errorf("%d %s", a.status, a.body)
	}
	if e := s.book.last(t); e.Result != audit.Refused || !strings.Contains(e.Error, "supervisor_required") {
		t.Errorf("recorded %+v", e)
	}
}

func TestTheTrailIsListedInPages(t *testing.T) {
	s := newStand(t)
	for i := range 5 {
		if err := s.book.Record(t.Context(), audit.Self().Entry(audit.Start, strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	who := s.all()
	var got []string
	path := "/v1/admin/audit?limit=2"
	for path != "" {
		a := who.do("GET", path, "")
		var page wire.Trail
		if err := json.Unmarshal(a.body, &page); err != nil || len(page.Entries) > 2 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, e := range page.Entries {
			got = append(got, e.Subject)
		}
		path = ""
		if page.Next > 0 {
			path = "/v1/admin/audit?limit=2&after=" + strconv.FormatUint(page.Next, 10)
		}
	}
	// The listing itself is an entry, which the last page may show.
	if want := "0 1 2 3 4"; !strings.HasPrefix(strings.Join(got, " "), want) {
		t.Errorf("got %v", got)
	}
}

func TestRefusalsFillNoDiskAndTheirNumberIsNotLost(t *testing.T) {
	s := newStand(t)
	l := tcp(t)
	s.serve(admin.Plain(l))
	who := s.overTCP(l.Addr())
	who.http.Transport.(*http.Transport).DisableKeepAlives = false
	defer who.http.CloseIdleConnections()
	for range 200 {
		who.do("POST", "/v1/admin/drain", "")
	}
	if n := len(s.book.entries); n != 20 {
		t.Errorf("200 refusals made %d entries", n)
	}
}

func TestAReadingThatIsRepeatedIsToldOnceInAWhile(t *testing.T) {
	s := newStand(t)
	who := s.all()
	for range 30 {
		who.do("GET", "/v1/admin/attention", "")
	}
	if n := len(s.book.entries); n != 1 {
		t.Errorf("30 readings made %d entries", n)
	}
}

func TestAListenerThatFailsSaysSo(t *testing.T) {
	s := newStand(t)
	api, err := admin.New(s.opt)
	if err != nil {
		t.Fatal(err)
	}
	l := tcp(t)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := api.Serve(t.Context(), admin.Plain(l)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// A reload tells the trail itself what it has changed: a second entry would say less.
func TestAReloadIsRecordedByTheReloadItself(t *testing.T) {
	s := newStand(t)
	who := s.all()
	if a := who.do("POST", "/v1/admin/reload", ""); a.status != http.StatusOK {
		t.Errorf("%d", a.status)
	}
	s.fail = fmt.Errorf("two faults: %w", admin.ErrRefused)
	if a := who.do("POST", "/v1/admin/reload", ""); a.code() != wire.CodeRefused {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.book.none(t)
	s.fail = admin.ErrStopping
	who.do("POST", "/v1/admin/reload", "")
	if e := s.book.last(t); e.Action != audit.Reload || e.Result != audit.Failed {
		t.Errorf("recorded %+v", e)
	}
}

func TestWhoKnocksAtOneWayHidesNobodyAtAnother(t *testing.T) {
	ca := pkitest.New(t, "CA")
	s := newStand(t)
	api, err := admin.New(s.opt)
	if err != nil {
		t.Fatal(err)
	}
	f := newFiles(t, ca, ca, time.Hour)
	open, err := admin.OpenFiles(f.cert, f.key, f.ca, s.opt.Log)
	if err != nil {
		t.Fatal(err)
	}
	plain, secure := tcp(t), tcp(t)
	s.serveBy(api, admin.Plain(plain))
	s.serveBy(api, admin.MutualTLS(secure, open))
	local := s.overTCP(plain.Addr())
	for range 40 {
		local.do("POST", "/v1/admin/drain", "")
	}
	s.overTLS(secure.Addr(), ca, ca.Client("monitor", time.Hour)).do("POST", "/v1/admin/drain", "")
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if last := s.book.entries[len(s.book.entries)-1]; len(s.book.entries) != 21 || last.Via != "tls" {
		t.Errorf("%d entries, the last by %q", len(s.book.entries), last.Via)
	}
}

func TestAStopCutsOffACopyThatNobodyReads(t *testing.T) {
	s := newStand(t)
	begun := make(chan struct{})
	once := sync.OnceFunc(func() { close(begun) })
	s.opt.Backup = func(w io.Writer) (n int64, err error) {
		for err == nil {
			_, err = w.Write(make([]byte, 64<<10))
			once()
		}
		return n, err
	}
	api, err := admin.New(s.opt)
	if err != nil {
		t.Fatal(err)
	}
	ca := pkitest.New(t, "CA")
	f := newFiles(t, ca, ca, time.Hour)
	open, err := admin.OpenFiles(f.cert, f.key, f.ca, s.opt.Log)
	if err != nil {
		t.Fatal(err)
	}
	l := tcp(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- api.Serve(ctx, admin.MutualTLS(l, open)) }()
	answered := make(chan answer, 1)
	go func() {
		answered <- s.overTLS(l.Addr(), ca, ca.Client("ops", time.Hour)).do("POST", "/v1/admin/journal/backup", "")
	}()
	<-begun
	stop()
	if err := <-done; err != nil {
		t.Errorf("the stop: %v", err)
	}
	if a := <-answered; a.err == nil {
		t.Errorf("half a copy looks whole: %d, %d bytes", a.status, len(a.body))
	}
}

func TestOfALongNameThePersonIsCutAndTheCallerStays(t *testing.T) {
	s := newStand(t)
	a := s.all().do("POST", "/v1/admin/sales/R-1/resolve", `{"result":"paid","note":"x","by":"`+strings.Repeat("Ann ", 30)+`"}`)
	if asked := s.takeAsked(); a.status != http.StatusOK || !strings.Contains(asked, `Ann Ann Ann Ann Ann Ann , CN=ops,O=Sunrise Mart (serial 7)"`) {
		t.Errorf("%d, asked %s", a.status, asked)
	}
}
