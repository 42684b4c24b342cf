package agent

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/internal/config"
	"posagent/internal/health"
	"posagent/internal/logx"
	"posagent/internal/support"
	"posagent/offline/sandbox"
)

// built is a daemon whose parts are made and do not run.
func built(t *testing.T, more string) (*agent, string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := sandbox.EnsureKeys(filepath.Join(dir, "keys")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "posagent.toml")
	text := `[terminal]
store_id = "S01"
terminal_id = "T03"
currency = "HKD"
[gateway]
base_url = "http://127.0.0.1:1/"
client_id = "C"
merchant_id = "218820000000000000023"
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
[journal]
path = "journal.db"
[api]
socket = "posagent.sock"
[log]
file = "posagent.log"
` + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	log, err := logx.New(logx.Options{Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{opt: Options{Config: cfg, Log: log.Logger(), Logs: log, Version: "1.2.3", Commit: "c"}, log: log.Logger(), health: health.New(), warm: make(chan struct{}, 1)}
	if err := a.build(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.beside.Close()
		for _, err := range []error{a.gateway.Close(), a.store.Close(), log.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return a, dir
}

func TestTheRunningDaemonMakesABundle(t *testing.T) {
	a, dir := built(t, "")
	writeLog := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "posagent.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeLog("ready for sales\n")
	var out bytes.Buffer
	if err := a.bundle(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"status.json": `"ready": false`, "metrics.txt": "posagent_build_info", "log.json": `"configured": "info"`,
		"journal/statistics.json": `"sales": 0`, "journal/verify.json": `"findings": null`, "logs/posagent.log": "ready for sales",
		"configuration/effective.toml": "store_id", "version.json": "1.2.3",
	} {
		f, err := z.Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text, err := io.ReadAll(f)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %q, %v:\n%s", name, want, err, text)
		}
	}
	writeLog("281234567890124394\n") // somebody else's line: the log's own net would have caught it
	out.Reset()
	var secret *support.SecretError
	if err := a.bundle(t.Context(), &out); !errors.As(err, &secret) || out.Len() > 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
}
