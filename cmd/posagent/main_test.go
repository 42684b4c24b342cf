package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain makes this test binary the program itself when it is started under
// the program's name: the scripts run the very same code as a shop does.
func TestMain(m *testing.M) {
	testscript.Main(checked{m}, map[string]func(){"posagent": func() { os.Exit(run()) }})
}

// checked runs the tests and then looks for goroutines that they left behind.
type checked struct{ m *testing.M }

func (c checked) Run() int {
	code := c.m.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
