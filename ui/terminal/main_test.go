package terminal

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	flag.Bool("golden.update", false, "write the golden files anew")
	goleak.VerifyTestMain(m)
}
