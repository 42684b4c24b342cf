package agent

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"posagent/internal/health"
	"posagent/internal/till"
)

func TestAConditionHasOneLineWhenItBeginsAndOneWhenItIsOver(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	disk := health.Warning{Code: "disk", Severity: health.Warn, Title: "The disk is almost full", Text: "150 MB are left."}
	fuller := disk
	fuller.Text = "149 MB are left."
	full := disk
	full.Severity, full.Title = health.BlocksSelling, "The disk is full"
	steps := []struct {
		name string
		now  []health.Warning
		want []string
	}{
		{"nothing stands", nil, nil},
		{"it begins", []health.Warning{disk}, []string{"level=WARN", "almost full", "150 MB"}},
		{"only its text changes", []health.Warning{fuller}, nil},
		{"it blocks selling now", []health.Warning{full}, []string{"level=ERROR", "The disk is full"}},
		{"another one begins",
			[]health.Warning{full, {Code: "clock", Subject: "left", Severity: health.Info, Title: "Clock"}},
			[]string{"level=INFO", "subject=left"}},
		{"one is over", []health.Warning{full}, []string{"is over", "subject=left"}},
		{"a scanner's state is told by its port", []health.Warning{full, {Code: till.WarnScanner, Severity: health.Warn}}, nil},
		{"and so is its return", []health.Warning{full}, nil},
		{"all are over", nil, []string{"is over", "condition=disk"}},
	}
	known := map[standing]health.Warning{}
	for _, s := range steps {
		out.Reset()
		known = tellChanges(log, known, s.now)
		lines := strings.Count(out.String(), "\n")
		if want := min(len(s.want), 1); lines != want {
			t.Errorf("%s: %d lines, want %d:\n%s", s.name, lines, want, out.String())
		}
		for _, w := range s.want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s: %q is missing in:\n%s", s.name, w, out.String())
			}
		}
	}
}
