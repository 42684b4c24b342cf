//go:build unix

package localapi_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/internal/localapi"
)

func TestASocketIsForOwnerAndGroup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "posagent.sock")
	l, err := localapi.ListenSocket(path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, l)
	if !l.Trusted {
		t.Error("the socket asks for a token")
	}
	for name, want := range map[string]os.FileMode{path: 0o660, filepath.Dir(path): 0o750} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v %v, want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func closing(t *testing.T, l net.Listener) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestASocketLeftByACrashIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "posagent.sock")
	crashed, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	crashed.(*net.UnixListener).SetUnlinkOnClose(false)
	closing(t, crashed)
	if _, err := os.Lstat(path); err != nil {
		t.Fatal("nothing was left behind: the test tests nothing")
	}
	l, err := localapi.ListenSocket(path, "")
	if err != nil {
		t.Fatal(err)
	}
	closing(t, l)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket outlives its listener: %v", err)
	}
}

func TestASecondDaemonIsToldAndTheFirstGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "posagent.sock")
	first, err := localapi.ListenSocket(path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, first)
	_, err = localapi.ListenSocket(path, "")
	var where *localapi.ListenError
	if !errors.Is(err, localapi.ErrInUse) || !errors.As(err, &where) || where.Hint == "" || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatalf("the first daemon's socket is gone: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoSocketIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, dir} {
		if _, err := localapi.ListenSocket(path, ""); !errors.Is(err, localapi.ErrNotSocket) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s was removed", path)
		}
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "precious" {
		t.Errorf("the file was changed: %q %v", raw, err)
	}
}

func TestAPathThatIsTooLongSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	_, err := localapi.ListenSocket(path, "")
	var where *localapi.ListenError
	if !errors.As(err, &where) || !strings.Contains(where.Hint, "shorter") {
		t.Errorf("got %v", err)
	}
}

func TestTCPIsForLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "example.com:0", "127.0.0.1", ""} {
		if l, err := localapi.ListenTCP(addr); err == nil {
			closing(t, l)
			t.Errorf("%q: accepted", addr)
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		l, err := localapi.ListenTCP(addr)
		if err != nil {
			t.Fatal(err)
		}
		if l.Trusted {
			t.Errorf("%q needs no token", addr)
		}
		if _, err := localapi.ListenTCP(l.Addr().String()); !errors.Is(err, localapi.ErrInUse) {
			t.Errorf("a second listener: %v", err)
		}
		closing(t, l)
	}
}

func TestServeNeedsAListenerAndReportsOneThatFails(t *testing.T) {
	run(t, func(b *bench) {
		s, err := localapi.New(localapi.Options{Till: b.till, Engine: b.engine, Journal: b.journal, Settings: localapi.Settings{Currency: "HKD"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Serve(context.Background()); err == nil {
			t.Error("serving nowhere")
		}
		broken := newMemory()
		if err := broken.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Serve(context.Background(), localapi.Listener{Listener: broken}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}
