package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"posagent/device/replay"
	"posagent/device/usb"
	"posagent/device/usb/usbtest"
)

// bus is what a script has plugged in.
type bus struct {
	tree     *usbtest.Tree
	scanners map[string]*replay.Scanner
}

type busKey struct{}

// addBus gives a script an empty bus.
func addBus(env *testscript.Env) {
	b := &bus{scanners: map[string]*replay.Scanner{}}
	env.Values[busKey{}] = b
	env.Defer(func() {
		for _, s := range b.scanners {
			_ = s.Close() // a link in a directory that goes away
		}
	})
}

func busOf(ts *testscript.TestScript) *bus {
	b := ts.Value(busKey{}).(*bus)
	if b.tree == nil {
		b.tree = usbtest.New(scriptT{ts})
	}
	return b
}

// scriptT lets a tree stand in the script's directory.
type scriptT struct{ ts *testscript.TestScript }

func (scriptT) Helper()                             {}
func (t scriptT) Fatalf(format string, args ...any) { t.ts.Fatalf(format, args...) }
func (t scriptT) TempDir() string                   { return t.ts.MkAbs("usb") }

// Report descriptors of a keyboard, a HID POS scanner and an IBM hand-held one,
// as far as their usages go.
func descriptors() map[string][]byte {
	return map[string][]byte{
		"keyboard": {0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x19, 0xe0, 0x29, 0xe7, 0x81, 0x02, 0xc0},
		"hidpos":   {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x38, 0x09, 0xfe, 0x81, 0x02, 0xc0},
		"oem":      {0x06, 0x45, 0xff, 0x0a, 0x00, 0x4b, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, 0x09, 0x01, 0x81, 0x02, 0xc0},
	}
}

func usbBus(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) >= 2, "usb plug PATH VID:PID MODE [NODE [SERIAL [PRODUCT]]], usb unplug PATH")
	b := busOf(ts)
	if args[0] == "unplug" {
		b.tree.Unplug(args[1])
		return
	}
	usage(ts, args[0] == "plug" && len(args) >= 4, "usb plug PATH VID:PID MODE [NODE [SERIAL [PRODUCT]]]")
	args = append(slices.Clone(args[1:]), "", "", "")
	vid, pid, _ := strings.Cut(args[1], ":")
	d := usb.Device{Path: args[0], VID: vid, PID: pid, Serial: args[4], Product: args[5]}
	hid := usb.Interface{Class: usb.ClassHID, SubClass: 1, Protocol: 1, Driver: "usbhid"}
	switch mode := args[2]; mode {
	case "serial":
		d.Interfaces = []usb.Interface{{Class: 2, Driver: "cdc_acm", TTY: []string{args[3]}}}
	case "orphan":
		hid.Driver = ""
		d.Interfaces = []usb.Interface{hid}
	default:
		hid.HID = []usb.HID{{Descriptor: descriptors()[mode]}}
		if args[3] != "" {
			hid.HID[0].Input = []string{args[3]}
		}
		d.Interfaces = []usb.Interface{hid}
	}
	b.tree.Plug(d)
}

func virtual(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 1, "virtual LINK")
	at := ts.MkAbs(args[0])
	if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) { // a tree's plain file
		ts.Check(err)
	}
	s, err := replay.Open(at)
	ts.Check(err)
	busOf(ts).scanners[at] = s
}

// The lines by which a command says that it waits, has read a label, or missed
// one.
var (
	waits  = regexp.MustCompile(`is ready at|sent something else|^\d+ of \d+:`)
	missed = regexp.MustCompile(`was not used \((closed|early)\)`)
)

func scanning(ts *testscript.TestScript, neg bool, args []string) {
	split := slices.Index(args, "--")
	usage(ts, !neg && split >= 3 && len(args) > split+1, "scanning CODE LINK TEXT... -- PROGRAM ARG...")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	scanner := busOf(ts).scanners[ts.MkAbs(args[1])]
	if scanner == nil {
		ts.Fatalf("no scanner is plugged in at %s", args[1])
	}
	var texts []string
	for _, quoted := range args[2:split] {
		text, err := strconv.Unquote(`"` + quoted + `"`)
		ts.Check(err)
		texts = append(texts, text)
	}
	got := sendTo(ts, scanner, texts, args[split+1:])
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sendTo runs the program and sends it the texts, one for each time that it says
// that it waits.
func sendTo(ts *testscript.TestScript, scanner *replay.Scanner, texts, args []string) int {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	program, err := lookPath(args[0], ts.Getenv("PATH"))
	ts.Check(err)
	cmd := exec.CommandContext(ctx, program, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var said []string
	var sent int
	var wg sync.WaitGroup
	wg.Go(func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			said = append(said, lines.Text())
			switch {
			case missed.MatchString(lines.Text()) && sent > 0:
				err = errors.Join(err, scanner.SendRaw([]byte(texts[sent-1])))
			case waits.MatchString(lines.Text()) && sent < len(texts):
				sent++
				err = errors.Join(err, scanner.SendRaw([]byte(texts[sent-1])))
			}
		}
	})
	wg.Wait()
	var exit *exec.ExitError
	if werr := cmd.Wait(); werr != nil && !errors.As(werr, &exit) {
		ts.Fatalf("%v", werr)
	}
	_, werr := ts.Stdout().Write(out.Bytes())
	_, serr := ts.Stderr().Write([]byte(strings.Join(said, "\n") + "\n"))
	ts.Check(errors.Join(err, werr, serr))
	return cmd.ProcessState.ExitCode()
}

func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if at := filepath.Join(dir, name); executable(at) {
			return at, nil
		}
	}
	return exec.LookPath(name)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}
