package support

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/internal/config"
	"posagent/internal/keystore"
	"posagent/offline/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const code = "281234567890124394"

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// shop is a till's directory with keys, token, PINs and a proxy with a password.
type shop struct {
	t    testing.TB
	dir  string
	keys sandbox.Keys
	opt  Options
}

const (
	token    = "Q2Fubm90QmVHdWVzc2VkQnlBbnlib2R5QXRBbGw"
	password = "hunter2-and-more"
	pinHash  = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
)

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir()}
	keys, err := sandbox.EnsureKeys(filepath.Join(s.dir, "keys"))
	s.check(err)
	s.keys = keys
	s.write("token", token+"\n")
	s.write("pins.json", `{"supervisors":[{"name":"Ann","hash":"`+pinHash+`"}]}`)
	s.write("reserve.json", `{"isvAccesstoken":"isv-token-0815-4711"}`)
	s.write("posagent.toml", `[terminal]
store_id = "S01"
store_name = "Sunrise Mart"
terminal_id = "T03"
currency = "HKD"
[gateway]
base_url = "https://gateway.invalid/"
client_id = "C"
merchant_id = "218820000000000000023"
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
reserve_file = "reserve.json"
proxy_url = "http://shop:`+password+`@proxy.invalid:3128"
[journal]
path = "journal.db"
[api]
socket = "posagent.sock"
listen = "127.0.0.1:7373"
token_file = "token"
[supervisor]
file = "pins.json"
[log]
file = "posagent.log"
`)
	s.write("posagent.log", "time=2026-11-21T09:00:00Z level=INFO msg=\"ready for sales\"\n")
	cfg, err := config.Load(config.Options{Path: filepath.Join(s.dir, "posagent.toml"), Explicit: true})
	s.check(err)
	s.opt = Options{Now: now, Config: cfg, Build: map[string]string{"version": "1"}, commands: func(_ context.Context, name string, _ ...string) ([]byte, error) {
		return nil, fmt.Errorf("%s is not on this system", name)
	}}
	return s
}

func (s *shop) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) write(name, text string) {
	s.t.Helper()
	s.check(os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
}

func (s *shop) files(packed []byte) map[string]string {
	s.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	s.check(err)
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		s.check(err)
		text, err := io.ReadAll(r)
		s.check(err)
		s.check(r.Close())
		files[f.Name] = string(text)
	}
	return files
}

func TestABundleHoldsWhatItsManifestSays(t *testing.T) {
	s := newShop(t)
	s.opt.Metrics = func(context.Context) ([]byte, error) {
		return []byte("posagent_commit_seconds_sum 0.28123456789012439\nposagent_build_info{commit=\"" + strings.Repeat("a2812345678901234567", 2) + "\"} 1\n"), nil
	}
	s.opt.Status = func(context.Context) (any, error) { return nil, errors.New("the daemon is not running") }
	s.opt.Doctor = func(context.Context) (any, error) { panic("unforeseen") }
	packed, m, err := Make(t.Context(), s.opt)
	s.check(err)
	files := s.files(packed)
	if len(files) != len(m.Parts)+2 {
		t.Errorf("%d files, and %d parts in the manifest", len(files), len(m.Parts))
	}
	var written Manifest
	s.check(json.Unmarshal([]byte(files["manifest.json"]), &written))
	for _, p := range written.Parts {
		if text, there := files[p.Name]; !there || len(text) != p.Size || sum([]byte(text)) != p.SHA256 || p.About == "" {
			t.Errorf("%+v does not fit what is there", p)
		}
		if !strings.Contains(files["README.txt"], p.Name) {
			t.Errorf("%s is not in the README", p.Name)
		}
	}
	for _, want := range []Missing{
		{"status.json", "the daemon is not running"}, {"doctor.json", "collecting it failed inside: unforeseen"},
		{"journal/events.jsonl", errNobodyAsked.Error()}, {"logs/journal.txt", "journalctl is not on this system"},
	} {
		if !slices.Contains(m.Missing, want) {
			t.Errorf("%v is not named as missing: %v", want, m.Missing)
		}
	}
	for _, name := range []string{"metrics.txt", "configuration/effective.toml", "logs/posagent.log", "system/facts.json"} {
		if files[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if text := files["configuration/effective.toml"]; !strings.Contains(text, `proxy_url = "http://***@proxy.invalid:3128"`) && !strings.Contains(text, "proxy_url = 'http://***@proxy.invalid:3128'") {
		t.Errorf("the configuration shows no masked proxy:\n%s", text)
	}
	if len(m.Unread) != 0 || written.Store != "S01" || written.Format != 1 {
		t.Errorf("manifest: %+v", written)
	}
}

// leaks are secrets in forms in which they could get into a log.
func (s *shop) leaks() map[string]string {
	key, err := keystore.LoadPrivate(filepath.Join(s.dir, "keys", "terminal_private.pem"))
	s.check(err)
	text, err := os.ReadFile(filepath.Join(s.dir, "keys", "terminal_private.pem"))
	s.check(err)
	pkcs1 := x509.MarshalPKCS1PrivateKey(key.RSA())
	quoted, err := json.Marshal(string(text))
	s.check(err)
	oneLine := base64.StdEncoding.EncodeToString(pkcs1)
	return map[string]string{
		"a code":                      "code " + code,
		"the shortest code":           "2512345678901234",
		"the longest code":            "301234567890123456789012",
		"two that ran together":       code + code,
		"a code in JSON":              `{"x":` + code + `}`,
		"a code between letters":      "x" + code + "y",
		"a code as an AIM label":      "]C0" + code,
		"a code in hexadecimal":       "323831323334353637383930313234333934",
		"a key in PEM":                string(text),
		"a key in PEM as JSON":        string(quoted),
		"a public key in PEM":         string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})),
		"a key in one line":           oneLine,
		"a key in lines of 76":        wrapped(oneLine, 76),
		"a key in lines of 50 in log": strings.ReplaceAll(wrapped(oneLine, 50), "\n", `\n`),
		"the middle of a key":         strings.Split(string(text), "\n")[10],
		"a prime":                     key.RSA().Primes[0].Text(10),
		"a prime in hexadecimal":      key.RSA().Primes[1].Text(16),
		"a private exponent in bytes": string(key.RSA().D.Bytes()),
		"the token":                   "token=" + token,
		"the token as a header":       "Authorization: Bearer " + token,
		"a foreign token":             "authorization: bearer abcdefghij0123456789",
		"the token in base64":         base64.StdEncoding.EncodeToString([]byte(token)),
		"the proxy's password":        password,
		"an address with a password":  "https://other:secret9@host.invalid/",
		"a PIN's hash":                pinHash,
		"a foreign PIN's hash":        "$argon2id$v=19$m=1,t=1,p=1$c2Fs$aGFz",
		"the integrator's token":      "isv-token-0815-4711",
		"a foreign integrator's":      `isvAccesstoken: "abcdefgh12345678"`,
	}
}

func wrapped(text string, width int) string {
	var out strings.Builder
	for i := 0; i < len(text); i += width {
		out.WriteString(text[i:min(len(text), i+width)] + "\n")
	}
	return out.String()
}

func TestABundleThatWouldShowASecretIsNotWritten(t *testing.T) {
	s := newShop(t)
	for name, leak := range s.leaks() {
		t.Run(name, func(t *testing.T) {
			s.write("posagent.log", "first line\nsecond line\n"+leak+"\nlast line\n")
			path := filepath.Join(s.dir, "bundle.zip")
			_, err := Save(t.Context(), path, s.opt)
			var found *SecretError
			if !errors.As(err, &found) {
				t.Fatalf("got %v", err)
			}
			if f := found.Found[0]; f.File != "logs/posagent.log" || f.What == "" || f.Line > 4+strings.Count(leak, "\n") {
				t.Errorf("place: %+v", f)
			}
			for _, text := range []string{err.Error(), found.Hint(), fmt.Sprintf("%+v %#v", err, found)} {
				if strings.Contains(text, leak) {
					t.Errorf("the error shows it: %s", text)
				}
			}
			if _, err := os.Lstat(path); err == nil {
				t.Error("it was written")
			}
			if name != "a code" {
				return
			}
			var out bytes.Buffer
			if _, err := Write(t.Context(), &out, s.opt); !errors.As(err, &found) || out.Len() > 0 {
				t.Errorf("%d bytes were written, %v", out.Len(), err)
			}
			without := s.opt
			without.Without = []string{"logs/"}
			if _, _, err := Make(t.Context(), without); err != nil {
				t.Errorf("without the log: %v", err)
			}
		})
	}
}

func TestThePlaceOfACodeIsItsLine(t *testing.T) {
	found := search("logs/a.log", []byte("one\ntwo "+code+"\nthree\n"+code+"\n"), nil)
	if len(found) != 2 || found[0].Line != 2 || found[1].Line != 4 {
		t.Errorf("found %v", found)
	}
	if found := search("logs/"+code+".log", nil, nil); len(found) != 1 || found[0].Line != 1 {
		t.Errorf("in the name of a file: %v", found)
	}
}

func TestWhatIsNoSecretDoesNotHoldABundleUp(t *testing.T) {
	for name, text := range map[string]string{
		"a masked code":            "28••••••••••••4394",
		"a code too short":         "251234567890123",
		"another wallet's":         "134567890123456789",
		"a merchant's id":          "218820000000000000023",
		"an id of a trade":         "20261121190741000001003400000123",
		"digits behind others":     "7" + code,
		"a checksum":               "e3b0c44298fc1c149afbf4c2812345678901234541e4649b934ca495991b7852",
		"a commit":                 "a281234567890124394b281234567890124394bc",
		"a mark of a code":         "f2812345678901234567abcdef012345",
		"a masked proxy":           "http://***@proxy.invalid:3128",
		"an address with a user":   "https://user@host.invalid/path:80@x",
		"the word bearer":          "the bearer of this letter",
		"an address":               "http://127.0.0.1:7373/v1/sales",
		"a version of a library":   "github.com/karalabe/hid v1.0.1-0.20240306101548-573246063e52",
		"the name of a key's file": "-rw------- keys/terminal_private.pem PRIVATE KEY",
	} {
		if found := search("logs/posagent.log", []byte(text+"\n"), nil); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
	if found := search("metrics.txt", []byte("x_seconds_sum 0.2812345678901243\n"), nil); len(found) > 0 {
		t.Errorf("a fraction in metrics: %v", found)
	}
	if found := search("metrics.txt", []byte("x{code=\""+code+"\"} 1\n"), nil); len(found) != 1 {
		t.Errorf("a code in metrics: %v", found)
	}
}

func TestSecretsThatCannotBeReadAreNamed(t *testing.T) {
	s := newShop(t)
	s.check(os.Remove(filepath.Join(s.dir, "keys", "terminal_private.pem")))
	packed, m, err := Make(t.Context(), s.opt)
	s.check(err)
	if len(m.Unread) != 1 || m.Unread[0].Name != "gateway.private_key_file" {
		t.Errorf("unread: %v", m.Unread)
	}
	if text := s.files(packed)["README.txt"]; !strings.Contains(text, "of gateway.private_key_file only the shape") {
		t.Errorf("the README does not say so:\n%s", text)
	}
}

func TestLongLogsAreCutToTheirEndInWholeLines(t *testing.T) {
	s := newShop(t)
	var text strings.Builder
	for n := range 100_000 {
		fmt.Fprintf(&text, "line %d of a long log, with some more words in it to make it long\n", n)
	}
	s.write("posagent.log", text.String())
	s.write("posagent-2026-11-21T08-00-00.000.log", "put aside\n")
	s.write("posagent-2026-11-20T08-00-00.000.log", "put aside before\n")
	s.opt.Now = time.Now() // the files' times are the system's
	packed, _, err := Make(t.Context(), s.opt)
	s.check(err)
	files := s.files(packed)
	log := files["logs/posagent.log"]
	if len(log) > logTail || len(log) < logTail-100 || !strings.HasPrefix(log, "line ") || !strings.HasSuffix(log, "line 99999 of a long log, with some more words in it to make it long\n") {
		t.Errorf("%d bytes, %.40q ... %q", len(log), log, log[len(log)-40:])
	}
	if files["logs/posagent-2026-11-21T08-00-00.000.log"] != "put aside\n" || files["logs/posagent-2026-11-20T08-00-00.000.log"] != "" {
		t.Error("not the newest file that was put aside")
	}
}

func TestABundleIsBounded(t *testing.T) {
	s := newShop(t)
	b := newBundle(s.opt)
	big := bytes.Repeat([]byte("some words\n"), 1<<20)
	for n := range 20 {
		b.add(t.Context(), part{name: fmt.Sprintf("big-%d", n), about: "x", newest: n%2 == 0, collect: func(context.Context) ([]byte, error) { return big, nil }})
	}
	if b.size > wholeLimit || b.size < wholeLimit/2 || len(b.manifest.Missing) == 0 || !b.manifest.Parts[0].Cut {
		t.Errorf("%d bytes, missing %v", b.size, b.manifest.Missing)
	}
	for _, f := range b.files {
		if len(f.content) > partLimit || !bytes.HasPrefix(f.content, []byte("some words\n")) || !bytes.HasSuffix(f.content, []byte("words\n")) {
			t.Errorf("%s has %d bytes, or half a line", f.name, len(f.content))
		}
	}
}

func TestACancelledBundleLeavesNothing(t *testing.T) {
	s := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.opt.Status = func(context.Context) (any, error) {
		cancel()
		return "x", nil
	}
	dir := t.TempDir()
	if _, err := Save(ctx, filepath.Join(dir, "b.zip"), s.opt); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestABundleIsNeverWrittenOverAFile(t *testing.T) {
	s := newShop(t)
	path := filepath.Join(s.dir, "token")
	if _, err := Save(t.Context(), path, s.opt); !errors.Is(err, ErrExists) {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != token+"\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestTheNameSaysWhoseItIs(t *testing.T) {
	s := newShop(t)
	if got := FileName(s.opt); got != "posagent-support-S01-T03-20261121T093000Z.zip" {
		t.Error(got)
	}
	if got := FileName(Options{Now: now}); got != "posagent-support-20261121T093000Z.zip" {
		t.Error(got)
	}
}

func TestACommandThatHangsIsEnded(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell")
	}
	if text, err := runWithin(t.Context(), 50*time.Millisecond, "sh", "-c", "exec sleep 60"); err == nil {
		t.Errorf("%q", text)
	}
	if text, err := runCommand(t.Context(), "sh", "-c", "echo words; exit 3"); err != nil || string(text) != "words\n" {
		t.Errorf("words of a command that fails: %q, %v", text, err)
	}
	if _, err := runCommand(t.Context(), "no-such-command-here"); err == nil {
		t.Error("a command that is not there")
	}
}
