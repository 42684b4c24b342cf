//go:build unix

package support

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

const aloneVariable = "POSAGENT_TEST_ALONE"

// In a process of its own: the limit on files would also hit those of "go test".
func TestAFullDiskLeavesNothingHalf(t *testing.T) {
	if os.Getenv(aloneVariable) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), aloneVariable+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("PASS")) {
			t.Errorf("%v:\n%s", err, out)
		}
		return
	}
	s := newShop(t)
	dir := t.TempDir()
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	var old syscall.Rlimit
	s.check(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	limit := old
	limit.Cur = 1000
	s.check(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	_, err := Save(t.Context(), filepath.Join(dir, "b.zip"), s.opt)
	s.check(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old))
	if err == nil {
		t.Error("written in spite of it")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	path := filepath.Join(dir, "b.zip")
	_, err = Save(t.Context(), path, s.opt)
	s.check(err)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
