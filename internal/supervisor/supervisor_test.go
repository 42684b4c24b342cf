package supervisor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const good = "314159"

// cheap makes tests quick; the usual cost has a test of its own.
func cheap(t *testing.T) Book {
	t.Helper()
	return Book{Path: filepath.Join(t.TempDir(), "supervisors.json"), cost: cost{memory: 8, time: 1, lanes: 1}}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, b Book) string {
	t.Helper()
	list, err := b.List()
	must(t, err)
	var out []string
	for _, e := range list {
		out = append(out, e.Name)
	}
	return strings.Join(out, " ")
}

func TestSupervisorsAreSetListedAndRemoved(t *testing.T) {
	b := cheap(t)
	if got := names(t, b); got != "" {
		t.Errorf("without a file: %q", got)
	}
	must(t, b.Set("bea", NewPIN(good), time.Now()))
	must(t, b.Set("Ann", NewPIN(good), time.Now()))
	must(t, b.Set("BEA", NewPIN("271828"), time.Now())) // the same person with a new PIN
	if got := names(t, b); got != "Ann BEA" {
		t.Errorf("listed %q", got)
	}
	data, err := os.ReadFile(b.Path)
	must(t, err)
	if bytes.Contains(data, []byte(good)) || !bytes.Contains(data, []byte("$argon2id$v=19$m=8,t=1,p=1$")) {
		t.Errorf("the file holds %s", data)
	}
	if info, err := os.Stat(b.Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	must(t, b.Remove("ann"))
	if err := b.Remove("ann"); !errors.Is(err, ErrUnknown) {
		t.Errorf("removed twice: %v", err)
	}
	if got := names(t, b); got != "BEA" {
		t.Errorf("listed %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(b.Path), ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPINsThatAreGuessedFirstAndNamesThatNobodyReadsAreRefused(t *testing.T) {
	b := cheap(t)
	for _, pin := range []string{"", "12345", "111111", "123456", "987654321", "12a456", "314159265358979323", " 314159", "３１４１５９"} {
		if err := b.Set("Ann", NewPIN(pin), time.Now()); !errors.Is(err, ErrPIN) {
			t.Errorf("PIN %q: %v", pin, err)
		}
	}
	for _, name := range []string{"", " Ann", "Ann\n", "A\x00", "\xff", strings.Repeat("a", 41)} {
		if err := b.Set(name, NewPIN(good), time.Now()); !errors.Is(err, ErrName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	must(t, b.Set("店长", NewPIN(good), time.Now()))
}

func TestPINsPrintAsMasksByEveryRoute(t *testing.T) {
	p := NewPIN(good)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "pin", p, "in", struct{ P PIN }{p})
	body, err := json.Marshal(map[string]any{"pin": p, "in": []PIN{p}})
	must(t, err)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q %d %x", p, p, p, p, p, p, p), fmt.Sprint(struct{ P PIN }{p}), log.String(), string(body)} {
		if strings.Contains(text, good) || strings.Contains(text, fmt.Sprintf("%x", good)) {
			t.Errorf("shows the PIN: %s", text)
		}
	}
}

func TestTheUsualCostIsOWASPsLeast(t *testing.T) {
	h, err := newHash(NewPIN(good), usual())
	must(t, err)
	if !strings.HasPrefix(h.String(), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Error(h.String())
	}
	again, err := parseHash(h.String())
	must(t, err)
	if !again.matches(NewPIN(good)) || again.matches(NewPIN("314158")) {
		t.Error("the hash does not tell PINs apart")
	}
}

// The hash was made by another implementation (OpenSSL's, of the same input): what
// is stored must stay readable whatever library reads it.
func TestAHashOfAnotherImplementationIsRead(t *testing.T) {
	h, err := parseHash("$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHQ$3K49mH88cDddGfXWJdDv/Ol1fYQZlQcp4Jdi1IFplm8")
	must(t, err)
	if !h.matches(NewPIN(good)) || h.matches(NewPIN("314158")) {
		t.Error("the hash does not tell PINs apart")
	}
}

func TestADamagedFileIsNamedAndAllowsNothing(t *testing.T) {
	sound := `$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$` + strings.Repeat("A", 43)
	for name, text := range map[string]string{
		"not JSON":       "x",
		"another form":   `{"version":2,"supervisors":[]}`,
		"no hash":        `{"version":1,"supervisors":[{"name":"Ann","hash":"314159"}]}`,
		"too costly":     `{"version":1,"supervisors":[{"name":"Ann","hash":"` + strings.Replace(sound, "m=8,", "m=4194304,", 1) + `"}]}`,
		"another method": `{"version":1,"supervisors":[{"name":"Ann","hash":"` + strings.Replace(sound, "argon2id", "argon2i", 1) + `"}]}`,
		"no name":        `{"version":1,"supervisors":[{"name":"","hash":"` + sound + `"}]}`,
		"one name twice": `{"version":1,"supervisors":[{"name":"Ann","hash":"` + sound + `"},{"name":"ann","hash":"` + sound + `"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			b := cheap(t)
			must(t, os.WriteFile(b.Path, []byte(text), 0o600))
			_, err := NewGuard(b, slog.New(slog.DiscardHandler)).Check(t.Context(), "Ann", NewPIN(good))
			var file *FileError
			if !errors.As(err, &file) || file.Path != b.Path || file.Hint == "" {
				t.Errorf("%v", err)
			}
			if err := b.Set("Bea", NewPIN(good), time.Now()); !errors.As(err, &file) {
				t.Errorf("set: %v", err) // it would lose the others
			}
		})
	}
}

func TestAFileThatOthersCanReadAllowsNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access is a list there")
	}
	b := cheap(t)
	must(t, b.Set("Ann", NewPIN(good), time.Now()))
	must(t, os.Chmod(b.Path, 0o640))
	_, err := NewGuard(b, slog.New(slog.DiscardHandler)).Check(t.Context(), "Ann", NewPIN(good))
	if err == nil || !strings.Contains(err.Error(), "chmod 0600") {
		t.Errorf("%v", err)
	}
}
