package threads

import (
	"os"
	"runtime"
	"testing"
)

func TestSetLeavesRoomForThreadsThatWaitInTheKernel(t *testing.T) {
	t.Setenv("GOMAXPROCS", "") // puts the value back afterwards
	if err := os.Unsetenv("GOMAXPROCS"); err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(0)
	undo := Set()
	if n := runtime.GOMAXPROCS(0); n != before+blocked {
		t.Errorf("%d threads, before %d", n, before)
	}
	undo()
	if n := runtime.GOMAXPROCS(0); n != before {
		t.Errorf("afterwards %d threads, before %d", n, before)
	}
}

func TestSetLeavesTheEnvironmentsWordAlone(t *testing.T) {
	t.Setenv("GOMAXPROCS", "3")
	before := runtime.GOMAXPROCS(0)
	defer Set()()
	if n := runtime.GOMAXPROCS(0); n != before {
		t.Errorf("%d threads, before %d", n, before)
	}
}
