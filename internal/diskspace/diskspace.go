// Package diskspace measures the disk that holds the journal: how much is free, and how long one durable write takes.
// A sale waits for such a write before the request leaves, so that a slow disk is a slow till.
package diskspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// ErrUnsupported is returned by [Free] on a system of which the package does not know how to ask.
var ErrUnsupported = errors.New("free space is not known on this system")

// Space is what a file system holds, in bytes.
type Space struct {
	Free  uint64 `json:"free"` // for a user who is not root
	Total uint64 `json:"total"`
}

// Free asks for the file system of path. A path that does not exist yet stands for the nearest directory above it
// that does.
func Free(path string) (Space, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Space{}, fmt.Errorf("free space at %s: %w", path, err)
	}
	for {
		space, err := free(abs)
		parent := filepath.Dir(abs)
		if err == nil || !errors.Is(err, os.ErrNotExist) || parent == abs {
			if err != nil {
				return Space{}, fmt.Errorf("free space at %s: %w", path, err)
			}
			return space, nil
		}
		abs = parent
	}
}

// Latency is how long writes took, each a page of 4 KiB made durable.
type Latency struct {
	Median time.Duration `json:"median"`
	Worst  time.Duration `json:"worst"`
	Writes int           `json:"writes"`
}

const (
	pageSize   = 4096
	mostWrites = 1000
)

// Probe writes n pages, 1 to 1000, one after the other over the same place of a temporary file in dir, and makes each
// durable before the next, as a journal does. The file is removed. The measurement ends early with ctx, then with its
// error.
func Probe(ctx context.Context, dir string, n int) (latency Latency, err error) {
	n = min(max(n, 1), mostWrites)
	f, err := os.CreateTemp(dir, ".posagent-probe-*")
	if err != nil {
		return Latency{}, fmt.Errorf("measuring the disk at %s: %w", dir, err)
	}
	defer func() {
		if cleanErr := errors.Join(f.Close(), os.Remove(f.Name())); cleanErr != nil && err == nil {
			err = fmt.Errorf("measuring the disk at %s: %w", dir, cleanErr)
		}
	}()
	page := make([]byte, pageSize)
	took := make([]time.Duration, 0, n)
	// The first write makes the file longer, which costs more than what follows; it is not counted.
	for i := range n + 1 {
		if err := ctx.Err(); err != nil {
			return Latency{}, fmt.Errorf("measuring the disk at %s: %w", dir, err)
		}
		// Some disks skip a page that did not change.
		page[0], page[1] = byte(i), byte(i>>8)
		begun := time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			return Latency{}, fmt.Errorf("measuring the disk at %s: %w", dir, err)
		}
		if err := dataSync(f); err != nil {
			return Latency{}, fmt.Errorf("measuring the disk at %s: %w", dir, err)
		}
		if i > 0 {
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	return Latency{Median: took[len(took)/2], Worst: took[len(took)-1], Writes: len(took)}, nil
}
