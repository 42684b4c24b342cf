package support

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Unit is the systemd unit of the daemon.
const Unit = "posagent.service"

// logTail is how much of a log file is taken, from its end.
const logTail = 3 << 20

// logParts are the log file with the newest that was put aside, and what the system's log has of the daemon.
func (b *bundle) logParts() []part {
	var list []part
	if c := b.opt.Config; c != nil && c.Log.File != "" {
		list = append(list, part{
			name: "logs/" + filepath.Base(c.Log.File), about: "the end of the log file", newest: true,
			collect: func(context.Context) ([]byte, error) { return tailOf(c.Log.File, logTail) },
		})
		if older := b.putAside(c.Log.File); older != "" {
			list = append(list, part{
				name: "logs/" + filepath.Base(older), about: "the end of the log file before it", newest: true,
				collect: func(context.Context) ([]byte, error) { return tailOf(older, logTail) },
			})
		}
	}
	if runtime.GOOS == "windows" {
		return append(list, part{name: "logs/eventlog.txt", about: "the newest events of posagent in the Windows Event Log", collect: b.command(
			"wevtutil", "qe", "Application", "/q:*[System[Provider[@Name='posagent']]]", "/c:2000", "/rd:true", "/f:text")})
	}
	return append(list, part{
		name: "logs/journal.txt", about: "what the systemd journal has of the daemon", newest: true,
		collect: func(ctx context.Context) ([]byte, error) {
			since := fmt.Sprintf("@%d", b.since().Unix())
			return b.opt.commands(ctx, "journalctl", "--unit", Unit, "--since", since, "--output", "short-iso", "--no-pager", "--quiet")
		},
	})
}

// putAside is the newest file that the log's rotation has put aside in the bundle's time; empty: none.
func (b *bundle) putAside(path string) string {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(filepath.Base(path), ext) + "-"
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), stem) && strings.HasSuffix(e.Name(), ext) && info.Mode().IsRegular() && info.ModTime().After(b.since()) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return filepath.Join(filepath.Dir(path), slices.Max(names)) // their names carry the time
}

// tailOf reads the end of a file, in whole lines.
func tailOf(path string, most int64) (content []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would hold everything up
		return nil, &fs.PathError{Op: "reading", Path: path, Err: errors.New("it is not a file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	from := max(0, info.Size()-most)
	content, err = io.ReadAll(io.NewSectionReader(f, from, most))
	if from > 0 {
		content = content[firstLine(content):]
	}
	if err == nil && len(content) == 0 {
		return nil, &fs.PathError{Op: "reading", Path: path, Err: errors.New("it is empty")}
	}
	return content, err
}
