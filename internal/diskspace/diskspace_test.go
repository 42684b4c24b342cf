package diskspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFreeSpaceOfAPathThatDoesNotExistYetIsThatOfItsDirectory(t *testing.T) {
	dir := t.TempDir()
	here, err := Free(dir)
	if err != nil {
		t.Fatal(err)
	}
	if here.Total == 0 || here.Free > here.Total {
		t.Errorf("%+v", here)
	}
	there, err := Free(filepath.Join(dir, "none", "yet", "journal.db"))
	if err != nil || there.Total != here.Total {
		t.Errorf("below: %+v, %v; here: %+v", there, err, here)
	}
}

func TestProbeMeasuresAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	got, err := Probe(t.Context(), dir, 5)
	if err != nil {
		t.Fatal(err)
	}
	if got.Writes != 5 || got.Median <= 0 || got.Worst < got.Median {
		t.Errorf("%+v", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

func TestProbeEndsWithItsContextAndWithoutADirectory(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := Probe(ctx, dir, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	if _, err := Probe(t.Context(), filepath.Join(dir, "none"), 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}
