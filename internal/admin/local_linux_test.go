package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"posagent/internal/admin"
	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/localapi"
)

// socketVariable makes this test's program ask a socket as another user.
const socketVariable = "POSAGENT_TEST_ADMIN_SOCKET"

func overSocket(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
}

// askSocket is the child: it prints status and body of every call that a second
// user of the machine would try.
func askSocket(path string) {
	client := overSocket(path)
	for _, call := range [][2]string{
		{"GET", "/-/healthy"}, {"GET", "/v1/admin/version"}, {"GET", "/v1/admin/status"}, {"POST", "/v1/admin/drain"}, {"POST", "/v1/admin/journal/backup"},
	} {
		r, err := http.NewRequest(call[0], "http://localhost"+call[1], nil)
		if err != nil {
			panic(err)
		}
		res, err := client.Do(r)
		switch {
		case errors.Is(err, syscall.EACCES):
			fmt.Println("permission denied")
		case err != nil:
			fmt.Println(err)
		default:
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close() // read to its end
			fmt.Println(res.StatusCode, string(body))
		}
	}
}

// private puts a server on a socket of mode 0600 in a folder that everybody enters.
func (s *stand) private() string {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "admin") // the test's own folder is its user's alone
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(dir, "admin.sock")
	l, err := localapi.ListenPrivate("admin.socket", path)
	if err != nil {
		s.t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		s.t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	s.serve(admin.Local(l.Listener))
	return path
}

func TestTheServicesUserHasEveryRightOnTheSocketAndIsNamed(t *testing.T) {
	s := newStand(t)
	client := overSocket(s.private())
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range [][2]string{{"POST", "/v1/admin/drain"}, {"POST", "/v1/admin/journal/backup"}, {"POST", "/v1/admin/sales/R-1/resolve"}} {
		r, err := http.NewRequestWithContext(t.Context(), call[0], "http://localhost"+call[1], strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // its status is enough
		e := s.book.last(t)
		if res.StatusCode != http.StatusOK || e.Actor != "uid "+me.Uid+" ("+me.Username+")" || e.Via != "socket" || e.Role != "read+operate+money" {
			t.Errorf("%s: %d, recorded %+v", call[1], res.StatusCode, e)
		}
	}
}

func TestASecondUserOfTheMachineGetsNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can ask as another user")
	}
	s := newStand(t)
	path := s.private()
	out := askAsNobody(t, path)
	if n := strings.Count(out, "permission denied"); n != 5 {
		t.Errorf("the mode keeps nobody out:\n%s", out)
	}
	s.book.none(t)
	// Somebody widens the mode: the kernel still tells who asks.
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	out = askAsNobody(t, path)
	if n := strings.Count(out, "403 "); n != 5 || !strings.Contains(out, string(wire.CodeNoRole)) {
		t.Errorf("another user is answered:\n%s", out)
	}
	for range 5 {
		if e := s.book.last(t); e.Result != audit.Refused || !strings.HasPrefix(e.Actor, "uid 65534") || e.Role != "" {
			t.Errorf("recorded %+v", e)
		}
	}
	if got := s.takeAsked(); got != "" {
		t.Errorf("the daemon was asked: %s", got)
	}
}

// askAsNobody runs this test's program as another user, from a copy that the user
// can read.
func askAsNobody(t *testing.T, path string) string {
	t.Helper()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(filepath.Dir(path), "ask")
	if err := os.WriteFile(name, self, 0o755); err != nil { // another user is to run it
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), name)
	cmd.Dir = "/"
	cmd.Env = []string{socketVariable + "=" + path}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: false}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}
