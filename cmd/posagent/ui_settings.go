package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// settings are what the cashier chose last. Losing them costs two key presses, so
// that a file that cannot be read or written is told of and does not stop a till.
type settings struct {
	Lang   string `json:"lang"`
	Volume int    `json:"volume"`
}

// loadSettings reads a file; one that is absent holds the defaults.
func loadSettings(path string) (settings, error) {
	s := settings{Volume: 2}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("the window's settings cannot be read: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return settings{Volume: 2}, fmt.Errorf("the window's settings in %s are damaged and are made anew: %w", path, err)
	}
	s.Volume = min(max(s.Volume, 0), 3)
	return s, nil
}

// save replaces the file as a whole.
func (s settings) save(path string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("the window's settings cannot be kept: %w", err)
	}
	half := path + ".new"
	if err := os.WriteFile(half, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("the window's settings cannot be kept: %w", err)
	}
	return os.Rename(half, path)
}
