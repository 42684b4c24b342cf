package logx

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const code = "281234567890124394"

const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"

func TestMaskCoversWholePaymentCodesOnly(t *testing.T) {
	for _, row := range []struct {
		name, in, want string
		count          int
	}{
		{"a code of 18 digits", "code " + code, "code 28••••••••••••4394", 1},
		{"the shortest", "2512345678901234", "25••••••••••1234", 1},
		{"one digit less is none", "251234567890123", "251234567890123", 0},
		{"the longest", "30123456789012345678901234567890", "30••••••••••••••••••••••••••7890", 1},
		{"two that ran together", code + code, "28••••••••••••••••••••••••••••••4394", 1},
		{"two side by side", code + "," + code, "28••••••••••••4394,28••••••••••••4394", 2},
		{"24 begins no code", "2412345678901234", "2412345678901234", 0},
		{"31 begins no code", "3112345678901234", "3112345678901234", 0},
		{"another wallet's", "101234567890123456", "101234567890123456", 0},
		{"a merchant id", "218820000000000000023", "218820000000000000023", 0},
		{"between letters", "x" + code + "y", "x28••••••••••••4394y", 1},
		{"behind an AIM identifier", "]C0" + code, "]C028••••••••••••4394", 1},
		{"behind an AIM identifier of QR", "]Q1" + code, "]Q128••••••••••••4394", 1},
		{"a longer number is no code with a prefix", "7" + code, "7" + code, 0},
		{"a key", "a " + key + " b", "a (private key masked) b", 1},
		{"a key with escaped line ends", `a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b`, "a (private key masked) b", 1},
		{"a key cut off", `"-----BEGIN EC PRIVATE KEY-----\nMII"`, `"(private key masked)"`, 1},
		{"a public key stays", "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----", 0},
		{"masked already", "28••••••••••4394", "28••••••••••4394", 0},
		{"nothing", "", "", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, n := Mask([]byte(row.in))
			if string(got) != row.want || n != row.count {
				t.Errorf("got %q, %d\nwant %q, %d", got, n, row.want, row.count)
			}
		})
	}
}

func TestMaskedJSONIsStillJSON(t *testing.T) {
	for _, line := range []string{
		`{"code":` + code + `}`, `{"code":"` + code + `"}`, `{"code":` + code + `.25e+3,"x":[` + code + `,1]}`,
		`{"a":"\"` + code + `\\","b":` + code + `}`, `{"msg":"-----BEGIN PRIVATE KEY-----\nMII","b":"` + code + `"}`,
	} {
		got, n := MaskJSON([]byte(line))
		if n == 0 || bytes.Contains(got, []byte(code)) {
			t.Errorf("%s: %d masked, %s", line, n, got)
		}
		if !json.Valid(got) {
			t.Errorf("%s became %s", line, got)
		}
	}
}

// TestNothingThatIsLoggedShowsACode takes every way by which a value gets into a line.
func TestNothingThatIsLoggedShowsACode(t *testing.T) {
	type sale struct {
		Code string
		Raw  []string
	}
	for _, format := range []Format{FormatText, FormatJSON, FormatJournald, FormatEventLog} {
		var out bytes.Buffer
		l := open(t, Options{Format: format, Level: "debug", Stderr: &out, sink: &written{out: &out}})
		log := l.Logger().With("bound", code).WithGroup("group").With(slog.Group("inner", "code", code))
		for _, value := range []any{
			code, errors.New("bad code " + code), fmt.Errorf("wrapped: %w", errors.New(code)), sale{code, []string{code}}, &sale{code, nil},
			map[string]string{code: code}, []string{code}, []byte(code), int64(281234567890124394), json.RawMessage(`"` + code + `"`), key,
		} {
			log.Debug("a message with "+code, "value", value, code, "as a name")
		}
		finish(t, l)
		if strings.Contains(out.String(), code) || strings.Contains(out.String(), "MIIEvQIBADANBgkq") {
			t.Errorf("%s: a secret is in the log:\n%s", format, out.String())
		}
		if l.Stats().Masked == 0 {
			t.Errorf("%s: nothing was counted", format)
		}
		if n := strings.Count(out.String(), "\n"); n != 11 {
			t.Errorf("%s: %d lines, want 11", format, n)
		}
		for line := range strings.Lines(out.String()) {
			if format == FormatJSON && !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
	}
}

func TestOrdinaryLinesAreNotCountedAndReadable(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Format: FormatJSON, Stderr: &out})
	l.Logger().Info("paid", "took", 30*24*time.Hour, "at", time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 8*3600)))
	finish(t, l)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["posagent.took"] != "720h0m0s" || line["posagent.at"] != "2026-01-01T19:04:05Z" {
		t.Errorf("line: %v", line)
	}
	if l.Stats().Masked != 0 {
		t.Errorf("%d masked in %s", l.Stats().Masked, out.String())
	}
}

func TestTheFileRotatesAndCloses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "posagent.log")
	l, err := New(Options{File: path, MaxSizeMB: 1, MaxFiles: 2, Format: FormatJSON})
	if err != nil {
		t.Fatal(err)
	}
	const lines = 1500
	text := strings.Repeat("x", 1000)
	for n := range lines {
		l.Logger().Info("line", "n", n, "text", text)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, want the current one and one put aside: %v", len(files), err)
	}
	seen := map[float64]bool{}
	for _, file := range files {
		f, err := os.Open(filepath.Join(filepath.Dir(path), file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for scan := bufio.NewScanner(f); scan.Scan(); {
			var line struct {
				N float64 `json:"posagent.n"`
			}
			if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
				t.Errorf("%s holds a broken line: %v", file.Name(), err)
			}
			seen[line.N] = true
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(seen) != lines {
		t.Errorf("%d lines are on disk, want %d", len(seen), lines)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestLinesThatTheFileDoesNotTakeGoToStandardError(t *testing.T) {
	var stderr bytes.Buffer
	l := open(t, Options{File: filepath.Join(t.TempDir(), "posagent.log"), Stderr: &stderr})
	l.net.mu.Lock()
	l.net.out = failing{}
	l.net.mu.Unlock()
	l.Logger().Error("disk full", "code", code)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("after the end")
	if got := stderr.String(); !strings.Contains(got, "disk full") || !strings.Contains(got, "after the end") || strings.Contains(got, code) {
		t.Errorf("standard error: %s", got)
	}
	if l.Stats().Redirected != 1 {
		t.Errorf("%d lost, want 1", l.Stats().Redirected)
	}
}

func TestAFileThatCannotBeOpenedIsAnErrorAtOnce(t *testing.T) {
	if _, err := New(Options{File: t.TempDir()}); err == nil {
		t.Error("a directory was taken for a log file")
	}
	if _, err := New(Options{Format: "xml"}); !errors.Is(err, ErrOptions) {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestConcurrentLinesStayWhole(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Format: FormatJSON, Level: "debug", Stderr: &out})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				l.Logger().Debug("x", "code", code)
			}
		})
	}
	wg.Wait()
	finish(t, l)
	if n := strings.Count(out.String(), "\n"); n != 800 || l.Stats().Masked != 800 {
		t.Errorf("%d lines, %d masked, want 800 of each", n, l.Stats().Masked)
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("not JSON: %s", line)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte("a " + code + " b"))
	f.Add([]byte(key))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		once, n := Mask(text)
		if string(text) != before {
			t.Error("the input was changed")
		}
		if n == 0 && string(once) != before {
			t.Error("changed without being counted")
		}
		if again, n := Mask(once); n != 0 {
			t.Errorf("a second pass finds %d more: %q -> %q", n, once, again)
		}
	})
}
