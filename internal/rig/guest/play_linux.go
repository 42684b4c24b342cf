package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"posagent/internal/rig"
	"posagent/internal/rig/gadget"
)

// scenario is something that happens at a till, and what must be true then.
type scenario struct {
	name string
	// quick: part of the short run.
	quick bool
	// limit bounds it, in the guest's time.
	limit time.Duration
	run   func(context.Context, *stage) error
}

// stage is what a scenario has to work with.
type stage struct {
	out   *report
	host  *host
	bench gadget.Bench
	quick bool
	name  string
}

// count is how often something is done: often in the long run, else less.
func (s *stage) count(long, quick int) int {
	if s.quick {
		return quick
	}
	return long
}

func (s *stage) check(ok bool, name, format string, args ...any) {
	s.out.line(rig.Line{Kind: rig.KindCheck, Scenario: s.name, Name: name, OK: ok, Text: fmt.Sprintf(format, args...)})
}

// holds is a check that something went without an error.
func (s *stage) holds(err error, name string) {
	s.check(err == nil, name, "%s", strings.TrimPrefix(because(err), ": "))
}

// because is an error behind something else; empty without one.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func (s *stage) figure(name, format string, args ...any) {
	s.out.line(rig.Line{Kind: rig.KindFigure, Scenario: s.name, Name: name, Text: fmt.Sprintf(format, args...)})
}

func (s *stage) note(format string, args ...any) {
	s.out.line(rig.Line{Kind: rig.KindNote, Scenario: s.name, Text: fmt.Sprintf(format, args...)})
}

// report writes lines on the console.
type report struct {
	w io.Writer
}

func (r *report) line(l rig.Line) { fmt.Fprintln(r.w, l) }

// play is all that the first process does. It must not end: the kernel would.
func play(args []string) {
	out := &report{w: os.Stdout}
	if err := playAll(args, out); err != nil {
		out.line(rig.Line{Kind: rig.KindCheck, Scenario: "machine", Name: "the rig itself works", Text: err.Error()})
	}
	out.line(rig.Line{Kind: rig.KindEnd})
	unix.Sync()
	err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	panic(fmt.Sprintf("the machine does not power off: %v", err))
}

func playAll(args []string, out *report) error {
	flags := flag.NewFlagSet("guest", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "the short run")
	pattern := flags.String("run", ".", "scenarios by name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*pattern)
	if err != nil {
		return err
	}
	if err := bootUp(); err != nil {
		return fmt.Errorf("setting the machine up: %w", err)
	}
	h, err := openHost()
	if err != nil {
		return fmt.Errorf("reaching the host: %w", err)
	}
	out.line(rig.Line{Kind: rig.KindNote, Scenario: "machine", Text: fmt.Sprintf("up after %s, arguments %q", sinceBoot().Round(10*time.Millisecond), args)})
	played := 0
	for _, sc := range scenarios() {
		if !chosen.MatchString(sc.name) || *quick && !sc.quick {
			continue
		}
		played++
		playOne(sc, &stage{out: out, host: h, quick: *quick, name: sc.name})
	}
	if played == 0 {
		return fmt.Errorf("no scenario is called %s", *pattern)
	}
	return nil
}

// playOne keeps one scenario's fault from ending the others.
func playOne(sc scenario, s *stage) {
	begun := time.Now()
	s.out.line(rig.Line{Kind: rig.KindScenario, Scenario: sc.name})
	ctx, cancel := context.WithTimeout(context.Background(), sc.limit)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			s.check(false, "scenario does not panic", "%v\n%s", fault, debug.Stack())
		}
	}()
	if err := sc.run(ctx, s); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, fmt.Errorf("it had %s", sc.limit))
		}
		s.check(false, "played to its end", "%v", err)
	}
	s.figure("duration", "%s", time.Since(begun).Round(10*time.Millisecond))
}

// sinceBoot is how long the kernel runs.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// patience bounds every wait; nothing is expected to take that long.
const patience = 20 * time.Second

// until looks again and again until something is so, or its patience ends.
func until(ctx context.Context, what string, look func() (bool, string)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		ok, seen := look()
		if ok {
			return nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %s", what, seen)
		}
	}
}
