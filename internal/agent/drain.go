package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"posagent/internal/atomicfile"
	"posagent/internal/audit"
)

// keptDrain is the note of a drain that outlives restarts, in a file beside the
// journal.
type keptDrain struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

func (a *agent) drainFile() string {
	return filepath.Join(filepath.Dir(a.cfg().Journal.Path), "drained.json")
}

func (a *agent) keepDrain(by string) error {
	body, err := json.Marshal(keptDrain{By: by, At: time.Now().UTC().Round(0)})
	if err == nil {
		err = atomicfile.Replace(a.drainFile(), append(body, '\n'))
	}
	if err != nil {
		return fmt.Errorf("the till is drained, but a restart would open it again: %w", err)
	}
	return nil
}

func (a *agent) dropDrain() error {
	if err := os.Remove(a.drainFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the till stays drained, as a restart would drain it again: %w", err)
	}
	return nil
}

func (a *agent) drainKept() bool {
	_, err := os.Stat(a.drainFile())
	return err == nil
}

// drainAgain drains a till that was to stay drained, before anybody can sell. A
// note that cannot be read counts: a till that was closed on purpose stays closed.
func (a *agent) drainAgain(ctx context.Context) error {
	body, err := os.ReadFile(a.drainFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var kept keptDrain
	if err == nil {
		err = json.Unmarshal(body, &kept)
	}
	if err != nil {
		a.log.Warn("the note that the till is drained cannot be read; the till stays drained", "error", err)
		kept.By = "unknown"
	}
	_ = a.audit.Record(ctx, audit.Self().Entry(audit.Drain, "").With("kept_from", kept.By)) // it is in the log by then
	return a.till.Drain(ctx, kept.By)
}
