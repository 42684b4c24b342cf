package rig_test

import (
	"strings"
	"testing"

	"posagent/internal/rig"
)

func TestALineIsFoundBehindWhatTheKernelWrote(t *testing.T) {
	want := rig.Line{Kind: rig.KindCheck, Scenario: "pay", Name: "sale is paid", OK: true, Text: "in 20 ms, \"fine\"\nand more"}
	if strings.Contains(want.String(), "\n") {
		t.Fatal("a line has a line break in it")
	}
	for _, console := range []string{want.String(), want.String() + "\r\n", "[   3.1] usb 3-1: " + want.String()} {
		got, ok := rig.ParseLine(console)
		if !ok || got != want {
			t.Errorf("%q is read as %+v, %v", console, got, ok)
		}
	}
	for _, console := range []string{"", "[ 3.1] usb 3-1: new device", "@rig ", "@rig {", `@rig {"ok":true}`} {
		if got, ok := rig.ParseLine(console); ok {
			t.Errorf("%q is taken for %+v", console, got)
		}
	}
}

func TestEveryLabelIsItselfAndNoOther(t *testing.T) {
	seen := map[string]bool{}
	for source := range 4 {
		for n := range 20_000 {
			label := rig.Label(source, n)
			if len(label) != 18 || seen[label] {
				t.Fatalf("label %d of source %d is %q: of the wrong length, or there before", n, source, label)
			}
			seen[label] = true
			if s, m, ok := rig.ParseLabel(label); !ok || s != source || m != n {
				t.Fatalf("%q is read as %d of %d, %v", label, m, s, ok)
			}
		}
	}
}

func TestALabelMadeOfTwoIsNone(t *testing.T) {
	for n := range 500 {
		a, b := rig.Label(1, n), rig.Label(2, n+1)
		for cut := 1; cut < len(a); cut++ {
			mixed := a[:cut] + b[cut:]
			if mixed == a || mixed == b {
				continue
			}
			if s, m, ok := rig.ParseLabel(mixed); ok {
				t.Errorf("%q, made of %q and %q, is read as %d of %d", mixed, a, b, m, s)
			}
		}
	}
	for _, bad := range []string{"", "28", "281234567890123456", "2801000000abcdefgh", rig.Label(1, 1) + "0", "29" + rig.Label(1, 1)[2:]} {
		if _, _, ok := rig.ParseLabel(bad); ok {
			t.Errorf("%q is taken for a label", bad)
		}
	}
}
