package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"posagent/internal/atomicfile"
)

// text is one file of a configuration, as it was read.
type text struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// LastPath is where the daemon keeps the files that it took last, main file first:
// beside its journal, for its own user alone, as a proxy's password may stand in
// them.
func LastPath(journal string) string {
	return filepath.Join(filepath.Dir(journal), "configuration-files.json")
}

// KeepFiles writes down the files that c was read from, for LoadLast. It replaces
// the copy whole or not at all.
func (c *Config) KeepFiles() error {
	if len(c.texts) == 0 {
		return nil // all of it is in the environment
	}
	data, err := json.MarshalIndent(c.texts, "", " ")
	if err != nil {
		return fmt.Errorf("writing the configuration's files down: %w", err)
	}
	if err := atomicfile.Replace(LastPath(c.Journal.Path), append(data, '\n')); err != nil {
		return fmt.Errorf("%s: %w", LastPath(c.Journal.Path), err)
	}
	return nil
}

// LoadLast is Load with the files as the daemon took them last, and environment and
// flags as they are now: for a start with files that are at fault, so that a bad
// roll-out does not close a till at its next boot. Errors: ErrNothingKept where no
// daemon of this file and this journal has run, Faults where these files are no
// longer right either, and those of reading the copy.
func LoadLast(opts Options) (*Config, error) {
	now, _ := Inspect(opts)
	path := LastPath(now.Journal.Path)
	data, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNothingKept)
	}
	if err == nil {
		err = json.Unmarshal(data, &opts.texts)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case len(opts.texts) == 0, opts.texts[0].Path != now.file:
		return nil, fmt.Errorf("%s is of another configuration: %w", path, ErrNothingKept)
	}
	last, err := Load(opts)
	if err != nil {
		return nil, err
	}
	if last.Journal.Path != now.Journal.Path {
		return nil, fmt.Errorf("%s is of another journal: %w", path, ErrNothingKept)
	}
	return last, nil
}
