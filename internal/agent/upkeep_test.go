package agent

import (
	"log/slog"
	"path/filepath"
	"testing"

	"posagent/internal/config"
	"posagent/internal/diskspace"
	"posagent/internal/health"
)

func TestAWarningOfTheDiskEndsWhenThereIsRoomAgain(t *testing.T) {
	dir := t.TempDir()
	if space, err := diskspace.Free(dir); err != nil || space.Free <= diskLow {
		t.Skipf("this machine's disk is not known to have room: %v", err)
	}
	a := &agent{health: health.New(), log: slog.New(slog.DiscardHandler)}
	cfg := &config.Config{}
	a.inForce.Store(&generation{cfg: cfg})
	full := health.Warning{Code: "disk", Severity: health.BlocksSelling, Title: "The disk is full"}
	a.health.Set(full)
	cfg.Journal.Path = filepath.Join(dir, "journal.db")
	a.lookAtDisk()
	if got := a.health.Snapshot(); len(got) != 0 {
		t.Errorf("still there: %v", got)
	}
}
