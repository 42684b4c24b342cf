package winservice

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// untilStopped is a daemon that takes a while to end.
func untilStopped(takes time.Duration, err error) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(takes)
		return err
	}
}

func TestTheServiceRunsBeforeTheJournalIsOpen(t *testing.T) {
	play(t, "a journal that takes ten minutes", func(t *testing.T) {
		m := begin(t, Options{Run: untilStopped(0, nil)})
		m.hear(time.Second)
		if m.last.State != Running || m.last.Accepts != acceptsRunning {
			t.Errorf("after a second: %+v", m.last)
		}
		m.hear(10 * time.Minute)
		m.send(Request{Command: Stop})
		m.hear(time.Minute)
		if !m.stopped || m.code != 0 {
			t.Errorf("stopped %v, code %d", m.stopped, m.code)
		}
	})
}

func TestEveryWayToBeStoppedEndsTheDaemonInOrder(t *testing.T) {
	for _, c := range []Command{Stop, Shutdown, PreShutdown} {
		for name, row := range map[string]struct {
			takes time.Duration
			err   error
			want  uint32
		}{
			"at once":                {0, nil, 0},
			"within the limit":       {9 * time.Second, nil, 0},
			"with a fault":           {time.Second, errors.New("closing the journal: disk full"), 7},
			"not before the limit":   {19 * time.Second, nil, 0},
			"not within the limit":   {time.Hour, nil, codeFailure},
			"with its context's end": {0, context.Canceled, 7},
		} {
			play(t, c.String()+" "+name, func(t *testing.T) {
				m := begin(t, Options{Run: untilStopped(row.takes, row.err)})
				m.hear(time.Second)
				begun := time.Now()
				m.send(Request{Command: c})
				m.hear(2 * time.Minute)
				if !m.stopped || m.code != row.want {
					t.Errorf("stopped %v, code %d, want %d", m.stopped, m.code, row.want)
				}
				if took := time.Since(begun); took > stopLimit {
					t.Errorf("it took %s", took)
				}
				if want := []State{StartPending, Running, StopPending}; !slices.Equal(m.states, want) {
					t.Errorf("states %v", m.states)
				}
				time.Sleep(row.takes) // a daemon that was given up ends, too
			})
		}
	}
}

func TestADaemonThatEndsByItselfFails(t *testing.T) {
	for name, row := range map[string]struct {
		run  func(context.Context) error
		want uint32
		log  string
	}{
		"a fault in the configuration": {func(context.Context) error { return errors.New("posagent.toml:3: unknown key") }, 7, "unknown key"},
		// Code 0 would be taken for a wish to end, and nobody would start it anew.
		"without an error": {func(context.Context) error { return nil }, codeFailure, "by itself"},
		"a panic":          {func(context.Context) error { panic("index out of range") }, 7, "index out of range"},
	} {
		play(t, name, func(t *testing.T) {
			var log bytes.Buffer
			m := begin(t, Options{Run: row.run, Log: slog.New(slog.NewTextHandler(&log, nil))})
			m.hear(time.Minute)
			if !m.stopped || m.code != row.want {
				t.Errorf("stopped %v, code %d, want %d", m.stopped, m.code, row.want)
			}
			if !strings.Contains(log.String(), row.log) {
				t.Errorf("the log says nothing of it:\n%s", log.String())
			}
		})
	}
}

func TestAnInterrogationIsAnsweredInEveryState(t *testing.T) {
	play(t, "running and stopping", func(t *testing.T) {
		m := begin(t, Options{Run: untilStopped(3*time.Second, nil)})
		m.hear(time.Second)
		m.send(Request{Command: Interrogate})
		m.hear(time.Second)
		if m.last.State != Running {
			t.Errorf("%+v", m.last)
		}
		m.send(Request{Command: Stop})
		m.send(Request{Command: Interrogate})
		m.hear(time.Minute)
		if !m.stopped || m.code != 0 {
			t.Errorf("stopped %v, code %d", m.stopped, m.code)
		}
	})
}

func TestPowerEventsAreToldAndStopNothing(t *testing.T) {
	play(t, "asleep and awake", func(t *testing.T) {
		var told []Power
		var log bytes.Buffer
		m := begin(t, Options{Run: untilStopped(0, nil), Power: func(p Power) { told = append(told, p) }, Log: slog.New(slog.NewTextHandler(&log, nil))})
		m.hear(time.Second)
		for _, p := range []Power{Suspend, StatusChange, ResumeAutomatic, ResumeUser} {
			m.send(Request{Command: PowerEvent, Event: p})
		}
		m.hear(time.Minute)
		if m.stopped || m.last.State != Running {
			t.Errorf("%+v", m.last)
		}
		m.send(Request{Command: Stop})
		m.hear(time.Minute)
		if !slices.Equal(told, []Power{Suspend, ResumeAutomatic, ResumeUser}) {
			t.Errorf("told %v", told)
		}
		if !strings.Contains(log.String(), "falls asleep") || !strings.Contains(log.String(), "woke up") {
			t.Errorf("the log says\n%s", log.String())
		}
	})
}
