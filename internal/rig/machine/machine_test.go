package machine

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"posagent/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// emulator answers as QEMU's monitor does and keeps the commands. A command
// without the capabilities, or with an unknown name, is an error, as there.
func emulator(t *testing.T) (net.Conn, <-chan []string) {
	t.Helper()
	ours, theirs := net.Pipe()
	told := make(chan []string, 1)
	go func() {
		var commands []string
		defer func() { told <- commands }()
		defer func() { _ = theirs.Close() }()
		fmt.Fprintln(theirs, `{"QMP": {"version": {}, "capabilities": []}}`)
		negotiated := false
		for in := bufio.NewReader(theirs); ; {
			line, err := in.ReadBytes('\n')
			if err != nil {
				return
			}
			var c struct {
				Execute   string          `json:"execute"`
				Arguments json.RawMessage `json:"arguments"`
			}
			if err := json.Unmarshal(line, &c); err != nil {
				t.Errorf("the monitor was sent %q: %v", line, err)
			}
			commands = append(commands, strings.TrimSpace(c.Execute+" "+string(c.Arguments)))
			answer := `{"return": {}}`
			switch c.Execute {
			case "qmp_capabilities":
				negotiated = true
			case "device_add", "device_del", "input-send-event":
				if !negotiated {
					answer = `{"error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation"}}`
				}
			default:
				answer = `{"error": {"class": "CommandNotFound", "desc": "The command is not known"}}`
			}
			fmt.Fprintln(theirs, `{"event": "RTC_CHANGE"}`)
			fmt.Fprintln(theirs, answer)
		}
	}()
	return ours, told
}

// ask plays the guest: it sends requests and returns the errors of the answers.
func ask(t *testing.T, h *hand, requests ...rig.Request) []string {
	t.Helper()
	guest, host := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- h.serve(t.Context(), host) }()
	out, in := json.NewEncoder(guest), json.NewDecoder(guest)
	var errs []string
	for _, r := range requests {
		must(t, out.Encode(r))
		var a rig.Answer
		must(t, in.Decode(&a))
		errs = append(errs, a.Error)
	}
	must(t, guest.Close())
	<-served
	return errs
}

func TestKeysArePressedAndReleasedOneAfterTheOther(t *testing.T) {
	c, told := emulator(t)
	q, err := newMonitor(c)
	must(t, err)
	errs := ask(t, &hand{monitor: q}, rig.Request{Verb: rig.PlugKeyboard}, rig.Request{Verb: rig.Type, Text: "7a\r"}, rig.Request{Verb: rig.UnplugKeyboard})
	must(t, c.Close())
	if strings.Join(errs, "") != "" {
		t.Fatalf("answers %q", errs)
	}
	var keys []string
	for _, command := range <-told {
		if strings.HasPrefix(command, "input-send-event") {
			_, key, _ := strings.Cut(command, `"data":"`)
			key, _, _ = strings.Cut(key, `"`)
			keys = append(keys, fmt.Sprint(key, " ", strings.Contains(command, `"down":true`)))
		}
	}
	if want := []string{"7 true", "7 false", "a true", "a false", "ret true", "ret false"}; !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
}

func TestWhatTheMonitorRefusesReachesTheGuest(t *testing.T) {
	c, told := emulator(t)
	q := &monitor{w: c, r: bufio.NewReader(c)}
	if _, err := q.r.ReadBytes('\n'); err != nil { // the greeting; the capabilities are left out
		t.Fatal(err)
	}
	errs := ask(t, &hand{monitor: q},
		rig.Request{Verb: rig.PlugKeyboard}, rig.Request{Verb: rig.Type, Text: "é"}, rig.Request{Verb: "dance"}, rig.Request{Verb: rig.Send, Text: "x"})
	must(t, c.Close())
	<-told
	for i, want := range []string{"negotiation", "no key", "dance", "not plugged"} {
		if !strings.Contains(errs[i], want) {
			t.Errorf("answer %d is %q, want something about %q", i, errs[i], want)
		}
	}
}

func TestLabelsGoOutWholeAndInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cable")
	l, err := net.Listen("unix", path)
	must(t, err)
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		b, err := io.ReadAll(c)
		if err != nil {
			b = []byte(err.Error())
		}
		got <- string(b)
		_ = c.Close()
	}()
	errs := ask(t, &hand{cable: path},
		rig.Request{Verb: rig.PlugSerial}, rig.Request{Verb: rig.SendLabels, Source: 3, First: 5, Count: 2},
		rig.Request{Verb: rig.Send, Text: "ab", Count: 3}, rig.Request{Verb: rig.UnplugSerial})
	if strings.Join(errs, "") != "" {
		t.Errorf("answers %q", errs)
	}
	carried := <-got
	must(t, l.Close())
	if want := rig.Label(3, 5) + "\r" + rig.Label(3, 6) + "\rababab"; carried != want {
		t.Errorf("the cable carried %q, want %q", carried, want)
	}
}

func TestTheMachineHasWhatTheGuestCountsOn(t *testing.T) {
	cfg := Config{Kernel: "vmlinux", Initrd: "root.cpio", Args: []string{"-quick", "-run", "pay"}}
	line := strings.Join(cfg.arguments("/run/rig"), " ")
	for _, want := range []string{"-kernel vmlinux", "-initrd root.cpio", "-- -quick -run pay", "-m 512", "path=/run/rig/control", "usb-serial", "qemu-xhci"} {
		if !strings.Contains(line, want) {
			t.Errorf("the command line has no %q: %s", want, line)
		}
	}
	if strings.Contains(line, "-icount") {
		t.Error("time follows instructions although nobody asked for it")
	}
	cfg.Instructions = true
	if !strings.Contains(strings.Join(cfg.arguments("/run/rig"), " "), "-icount") {
		t.Error("time does not follow instructions")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
