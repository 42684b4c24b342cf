package main

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"posagent/device/decode"
	"posagent/internal/rig"
	"posagent/internal/rig/gadget"
)

func TestEveryScenarioHasANameOfItsOwnAndALimit(t *testing.T) {
	seen := map[string]bool{}
	for _, sc := range scenarios() {
		if sc.name == "" || seen[sc.name] || sc.run == nil {
			t.Errorf("scenario %q has no name of its own, or nothing to play", sc.name)
		}
		seen[sc.name] = true
		if sc.limit < time.Second || sc.limit > 10*time.Minute {
			t.Errorf("scenario %s may take %s", sc.name, sc.limit)
		}
	}
}

func TestModelsFitTheKernelsPortsAndFunctions(t *testing.T) {
	functions := 0
	names := map[string]bool{}
	for _, m := range fourModels() {
		names[m.called] = true
		if _, err := scannerOf(m); err != nil {
			t.Errorf("%s: the agent's driver refuses it: %v", m.called, err)
		}
		for _, f := range m.device.Functions {
			if f.HID != nil {
				functions++
			}
		}
	}
	if len(names) != 4 || functions > 4 {
		t.Errorf("%d scanners with %d HID functions: there are four ports, and room for four functions", len(names), functions)
	}
}

func TestAFastTyperLetsAKeyUpOnlyBeforeTheSameKey(t *testing.T) {
	got, err := typedFast("112")
	must(t, err)
	one, two, enter, none := []byte{2: 0x1e, 7: 0}, []byte{2: 0x1f, 7: 0}, []byte{2: 0x28, 7: 0}, make([]byte, 8)
	want := [][]byte{one, none, one, two, enter, none}
	if len(got) != len(want) {
		t.Fatalf("reports % x, want % x", got, want)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("report %d is % x, want % x", i, got[i], want[i])
		}
	}
}

func TestHalfALabelIsLessThanOne(t *testing.T) {
	for _, m := range append(fourModels(), compositeModel()) {
		whole, err := m.encode(code(1))
		must(t, err)
		half, err := half(m, code(1))
		must(t, err)
		if bytes.Equal(bytes.Join(whole, nil), bytes.Join(half, nil)) || len(half) == 0 {
			t.Errorf("%s: half a label is % x", m.called, half)
		}
	}
}

func TestOnlyKeysThatGoDownCount(t *testing.T) {
	event := func(kind, key uint16, value uint32) []byte {
		b := make([]byte, eventSize)
		binary.LittleEndian.PutUint16(b[eventType:], kind)
		binary.LittleEndian.PutUint16(b[eventCode:], key)
		binary.LittleEndian.PutUint32(b[eventValue:], value)
		return b
	}
	typed := bytes.Join([][]byte{event(4, 4, 1), event(typeKey, 2, 1), event(0, 0, 0), event(typeKey, 2, 0), event(typeKey, 2, 2)}, nil)
	if keys := keysDown(typed); len(keys) != 1 || keys[0] != 2 || enterDown(typed) {
		t.Errorf("keys %v went down", keys)
	}
	if !enterDown(append(typed, event(typeKey, keyEnter, 1)...)) {
		t.Error("Enter was not seen")
	}
}

func TestAFewDurationsAreSummedUp(t *testing.T) {
	all := []time.Duration{5 * time.Millisecond, time.Millisecond, 3 * time.Millisecond}
	if got := spread(all); !strings.Contains(got, "p50 3ms") || !strings.Contains(got, "longest 5ms of 3") {
		t.Errorf("spread says %q", got)
	}
	if got := spread(nil); got != "none" {
		t.Errorf("of nothing it says %q", got)
	}
}

func TestTheConfigurationNamesTheModelAndNoOther(t *testing.T) {
	m := posModel("x", 0x0c2e, 0x0b6a, gadget.Honeywell())
	if want := `match = { vid = "0c2e", pid = "0b6a", serial = "x" }`; !strings.Contains(table(m.called, m.table), want) {
		t.Errorf("%s has no %s", table(m.called, m.table), want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestALabelThatIsLostDoubledMixedOrDamagedIsSeen(t *testing.T) {
	frame := func(source, n int) decode.Frame { return decode.Frame{Text: decode.NewText(rig.Label(source, n))} }
	mixed := rig.Label(1, 1)[:9] + rig.Label(1, 2)[9:]
	for name, second := range map[string]decode.Frame{
		"lost": frame(1, 2), "doubled": frame(1, 0), "of another": frame(2, 1),
		"mixed": {Text: decode.NewText(mixed)}, "damaged": {Err: &decode.FramingError{Fault: decode.FaultCutOff, Bytes: 3}},
	} {
		c := &comparison{source: 1, count: 3}
		if c.take(frame(1, 0)) || c.wrong != nil {
			t.Fatalf("the first label is wrong: %v", c.wrong)
		}
		if !c.take(second) || c.wrong == nil {
			t.Errorf("%s: not seen", name)
		}
	}
	c := &comparison{source: 1, count: 2}
	if c.take(frame(1, 0)) || !c.take(frame(1, 1)) || c.wrong != nil {
		t.Errorf("two labels that came are not enough: %v", c.wrong)
	}
}
