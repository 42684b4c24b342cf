package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"posagent/internal/localapi/client"
)

// patience bounds every wait of a script; nothing is expected to take that long.
const patience = 20 * time.Second

// TestScript runs the scripts: the commands as a person or a shell script uses
// them, with their output and their exit codes.
//
// Each script finds in its directory shop.toml, a till that pays at
// 127.0.0.1:$PORT with shortened waits, and $API, $LEDGER and $SOCKET for it.
// Commands beside those of testscript:
//
//	exits CODE PROGRAM ARG...   run, and require exactly this exit code
//	listening ADDRESS           wait until something accepts connections there
//	ready [SOCKET]              wait until the daemon would open a sale
//	api METHOD URL [BODY]       one request; prints status line and body.
//	                            A URL that begins with "/" goes to $SOCKET. Words
//	                            "Name:value" in front of METHOD are header lines
//	until PATTERN METHOD URL    ask again and again until the answer matches
//	mode OCTAL FILE             require the file's permissions
//	usb plug PATH VID:PID MODE [NODE [SERIAL [PRODUCT]]]
//	usb unplug PATH             a device in usb/sys and usb/dev, for --sys and --dev
//	virtual LINK                a serial scanner that is plugged in at LINK
//	scanning CODE LINK TEXT... -- PROGRAM ARG...
//	                            run, send each TEXT when the program waits for it,
//	                            and require the exit code
//	pki DIR NAME...             throw-away certificates, and $ADMIN for a listener
//	damage FILE FROM TO         turn the bytes from FROM up to TO over
//	append FILE OTHER           put OTHER's text behind FILE's
//	unzip FILE DIRECTORY        unpack, and require mode 0600 of every file in it
//	nothing-but FILE.zip...     require these zip files, and no file half made
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: setUpShop,
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "listening": listening, "ready": ready, "api": api, "until": until, "mode": mode, "damage": damage,
			"append": appendTo, "unzip": unzip, "nothing-but": nothingBut,
			"pki": pki, "usb": usbBus, "virtual": virtual, "scanning": scanning,
		},
	})
}

// setUpShop writes the till's configuration and picks a port for its gateway.
func setUpShop(env *testscript.Env) error {
	addBus(env)
	port, err := freePort()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join("testdata", "shop.toml"))
	if err != nil {
		return err
	}
	base := "http://127.0.0.1:" + strconv.Itoa(port)
	text = bytes.ReplaceAll(text, []byte("http://127.0.0.1:1"), []byte(base))
	env.Setenv("PORT", strconv.Itoa(port))
	env.Setenv("GATEWAY", base)
	env.Setenv("SOCKET", filepath.Join(env.WorkDir, "posagent.sock"))
	return os.WriteFile(filepath.Join(env.WorkDir, "shop.toml"), text, 0o600)
}

// freePort asks the system for a port that nobody uses at this moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

func usage(ts *testscript.TestScript, ok bool, text string) {
	if !ok {
		ts.Fatalf("usage: %s", text)
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 2, "exits CODE PROGRAM ARG...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// wait repeats a look until it is content, or the script fails with its last word.
func wait(ts *testscript.TestScript, look func() error) {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = look(); err == nil {
			return
		}
	}
	ts.Fatalf("after %s: %v", patience, err)
}

func listening(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "listening ADDRESS")
	wait(ts, func() error {
		conn, err := net.Dial("tcp", args[0])
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

func ready(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) <= 1, "ready [SOCKET]")
	socket := ts.Getenv("SOCKET")
	if len(args) == 1 {
		socket = ts.MkAbs(args[0])
	}
	c, err := client.New(client.Options{Socket: socket})
	ts.Check(err)
	defer c.Close()
	wait(ts, func() error {
		s, err := c.Status(context.Background())
		if err == nil && !s.Till.Ready {
			err = fmt.Errorf("the till is not ready: %v", s.Till.Reasons)
		}
		return err
	})
}

func api(ts *testscript.TestScript, neg bool, args []string) {
	answer, err := request(ts, args)
	if neg {
		if err == nil {
			ts.Fatalf("there was an answer:\n%s", answer)
		}
		return
	}
	ts.Check(err)
	_, err = io.WriteString(ts.Stdout(), answer)
	ts.Check(err)
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 3, "until PATTERN METHOD URL [BODY]")
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	wait(ts, func() error {
		answer, err := request(ts, args[1:])
		if err == nil && !pattern.MatchString(answer) {
			err = fmt.Errorf("no match for %s in\n%s", args[0], answer)
		}
		return err
	})
}

// request makes one HTTP request as the words of a script say.
func request(ts *testscript.TestScript, args []string) (string, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	for len(args) > 0 && strings.Contains(args[0], ":") {
		name, value, _ := strings.Cut(args[0], ":")
		header.Set(name, value)
		args = args[1:]
	}
	usage(ts, len(args) == 2 || len(args) == 3, "api [Name:value...] METHOD URL [BODY]")
	method, target, body := args[0], args[1], ""
	if len(args) == 3 {
		body = args[2]
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if strings.HasPrefix(target, "/") {
		target = "http://localhost" + target
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", ts.Getenv("SOCKET"))
		}
	}
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header = header
	if host := header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("HTTP %d\n%s\n", resp.StatusCode, text), err
}

func mode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "mode OCTAL FILE")
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 3, "damage FILE FROM TO")
	text, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	for i := from; i < min(to, len(text)); i++ {
		text[i] = ^text[i]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}
