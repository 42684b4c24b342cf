package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// program builds posagent once for all tests, with the race detector where the
// tests have it. It returns the path of the executable.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch(), "posagent")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "posagent/cmd/posagent")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %v: %w\n%s", build.Args, err, out)
	}
	return path, nil
})

// scratch is the directory of the built program, made once.
var scratch = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "posagent-e2e-")
	if err != nil {
		panic(err) // without a temporary directory no test can run
	}
	return dir
})

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := os.RemoveAll(scratch()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}))
}
