package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"posagent/internal/atomicfile"
)

// ErrNothingKept: no daemon has taken a configuration on this machine yet.
var ErrNothingKept = errors.New("no daemon has taken a configuration here yet")

// KeptPath is where the daemon keeps the configuration that it took last: beside
// its journal.
func KeptPath(journal string) string {
	return filepath.Join(filepath.Dir(journal), "configuration.json")
}

// LoadKept reads the configuration that the daemon of this journal took last.
// Errors: ErrNothingKept, and those of the file.
func LoadKept(journal string) (Snapshot, error) {
	path := KeptPath(journal)
	data, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Snapshot{}, fmt.Errorf("%s: %w", path, ErrNothingKept)
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("%s: %w", path, err)
	}
	var s Snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return Snapshot{}, fmt.Errorf("%s is damaged; the daemon writes it anew: %w", path, err)
	}
	return s, nil
}

// Keep writes s as the configuration that the daemon of this journal took last.
// It replaces the file whole or not at all.
func (s Snapshot) Keep(journal string) error {
	data, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return fmt.Errorf("writing the configuration down: %w", err)
	}
	if err := atomicfile.Replace(KeptPath(journal), append(data, '\n')); err != nil {
		return fmt.Errorf("%s: %w", KeptPath(journal), err)
	}
	return nil
}
