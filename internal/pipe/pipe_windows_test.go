package pipe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/windows"

	"posagent/internal/acl"
	"posagent/internal/pipe"
)

// The library reads all completions in one goroutine that lives as long as the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Microsoft/go-winio.ioCompletionProcessor"))
}

func address(t *testing.T) string {
	return fmt.Sprintf(`\\.\pipe\posagent-test-%d-%s`, os.Getpid(), t.Name())
}

func wine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// spend connects once and hangs up. On Windows the first instance of a pipe, which
// holds the name, takes no client; under wine it takes one and never answers.
func spend(t *testing.T, addr string) {
	t.Helper()
	if !wine() {
		return
	}
	c, err := dial(t, addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// echo answers every connection with what it sent, until the listener closes.
func echo(t *testing.T, l net.Listener) (stop func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.CopyN(c, c, 4)
			_ = c.Close()
		}
	}()
	return func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-done
	}
}

func dial(t *testing.T, addr string) (net.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return pipe.Dial(ctx, addr)
}

func TestWhatIsSentArrives(t *testing.T) {
	for name, listen := range map[string]func(string) (net.Listener, error){
		"the local API": func(a string) (net.Listener, error) { return pipe.Listen(a, "") },
		"a group":       func(a string) (net.Listener, error) { return pipe.Listen(a, acl.Users) },
		"admin":         pipe.ListenAdmin,
	} {
		t.Run(name, func(t *testing.T) {
			addr := fmt.Sprintf(`\\.\pipe\posagent-test-%d-%p`, os.Getpid(), listen)
			l, err := listen(addr)
			if err != nil {
				t.Fatal(err)
			}
			defer echo(t, l)()
			spend(t, addr)
			for range 3 {
				c, err := dial(t, addr)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]byte, 4)
				if _, err = c.Write([]byte("ping")); err == nil {
					_, err = io.ReadFull(c, got)
				}
				if err != nil || string(got) != "ping" {
					t.Fatalf("got %q, %v", got, err)
				}
				_ = c.Close()
			}
		})
	}
}

func TestAPipeIsTakenOnce(t *testing.T) {
	if wine() {
		t.Skip("wine lets a pipe be made twice; Windows does not")
	}
	addr := address(t)
	first, err := pipe.Listen(addr, "")
	if err != nil {
		t.Fatal(err)
	}
	defer echo(t, first)()
	if second, err := pipe.Listen(addr, ""); !errors.Is(err, pipe.ErrInUse) {
		t.Errorf("got %v", err)
		if err == nil {
			_ = second.Close()
		}
	}
}

func TestNobodyListening(t *testing.T) {
	if _, err := dial(t, address(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAGroupThatDoesNotExistIsRefused(t *testing.T) {
	if l, err := pipe.Listen(address(t), "no such group at all"); err == nil {
		_ = l.Close()
		t.Error("the pipe is open for nobody knows whom")
	}
}

func TestThePipeHasTheListThatItWasGiven(t *testing.T) {
	addr := address(t)
	l, err := pipe.Listen(addr, "")
	if err != nil {
		t.Fatal(err)
	}
	defer echo(t, l)()
	name, err := windows.UTF16PtrFromString(addr)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(h)
	d, err := acl.OfHandle(uintptr(h))
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := acl.Trusted()
	if err != nil {
		t.Fatal(err)
	}
	if others := d.Others(acl.Append, trusted...); len(others) != 0 {
		t.Errorf("could answer in the daemon's place: %s (%+v)", acl.Names(others), d)
	}
	if others := d.Others(acl.Reading, append(trusted, acl.Interactive)...); len(others) != 0 {
		t.Errorf("may connect: %s", acl.Names(others))
	}
}
