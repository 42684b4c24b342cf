package logx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// Format is the shape of a line.
type Format string

const (
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// ErrOptions is returned for a level or a format that does not exist.
var ErrOptions = errors.New("unknown log setting")

// Options of [New]. The zero value logs text from level info on to standard error.
type Options struct {
	Level      string    // debug, info, warn, error; empty: info
	Format     Format    // empty: text
	File       string    // empty: Stderr
	MaxSizeMB  int       // of File, in megabytes, before it is put aside; 0: 100
	MaxAgeDays int       // of files put aside; 0: kept whatever their age
	MaxFiles   int       // number of files put aside; 0: all
	Stderr     io.Writer // nil: os.Stderr. Lines that File does not take go here
}

// Log owns the program's logger, its level and its file.
type Log struct {
	logger *slog.Logger
	level  slog.LevelVar
	net    *net
	file   *lumberjack.Logger
}

// New opens the log. A file that cannot be written is an error now and not a silence later.
func New(opts Options) (*Log, error) {
	l := &Log{net: &net{last: opts.Stderr}}
	if l.net.last == nil {
		l.net.last = os.Stderr
	}
	if err := l.SetLevel(opts.Level); err != nil {
		return nil, err
	}
	if opts.File != "" {
		if err := probe(opts.File); err != nil {
			return nil, err
		}
		l.file = &lumberjack.Logger{
			Filename: opts.File, MaxSize: opts.MaxSizeMB, MaxAge: opts.MaxAgeDays, MaxBackups: opts.MaxFiles,
		}
		l.net.out = l.file
	}
	handler := &slog.HandlerOptions{Level: &l.level, ReplaceAttr: readable}
	switch opts.Format {
	case "", FormatText:
		l.net.mask = Mask
		l.logger = slog.New(slog.NewTextHandler(l.net, handler))
	case FormatJSON:
		l.net.mask = MaskJSON
		l.logger = slog.New(slog.NewJSONHandler(l.net, handler))
	default:
		return nil, fmt.Errorf("format %q: %w; it can be text or json", string(opts.Format), ErrOptions)
	}
	return l, nil
}

// readable writes times in UTC, so that logs of several tills can be laid side by side, and durations in words:
// slog's JSON gives nanoseconds, which nobody reads and which can look like a payment code.
func readable(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindTime:
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	case slog.KindDuration:
		a.Value = slog.StringValue(a.Value.Duration().Round(time.Microsecond).String())
	}
	return a
}

// probe opens the file as the log will, and makes its directory.
func probe(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("log file %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o640)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("log file %s: %w; let the user of posagent write there, or leave log.file empty", path, err)
	}
	if err != nil {
		return fmt.Errorf("log file %s: %w", path, err)
	}
	return f.Close()
}

// Logger is the logger. It is safe for concurrent use.
func (l *Log) Logger() *slog.Logger { return l.logger }

// SetLevel changes the least level that is written, at any time: debug, info, warn or error; empty is info.
func (l *Log) SetLevel(name string) error {
	level, ok := map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[strings.ToLower(name)]
	if !ok {
		return fmt.Errorf("level %q: %w; it can be debug, info, warn or error", name, ErrOptions)
	}
	l.level.Set(level)
	return nil
}

// Masked is the number of secrets that the net has caught since the start. Each is a defect in the code that logged it.
func (l *Log) Masked() uint64 { return l.net.masked.Load() }

// Lost is the number of lines that the file did not take and that went to standard error instead.
func (l *Log) Lost() uint64 { return l.net.lost.Load() }

// Close ends the file. Every line was written when it was logged, so that nothing is left to flush; lines after Close
// go to standard error.
func (l *Log) Close() error {
	return l.net.close(l.file)
}

// net is the writer below the handler, which hands it one whole line at a time.
type net struct {
	mask   func([]byte) ([]byte, int)
	masked atomic.Uint64
	lost   atomic.Uint64

	mu   sync.Mutex
	out  io.Writer // nil: last
	last io.Writer // standard error
}

func (n *net) Write(line []byte) (int, error) {
	clean, found := n.mask(line)
	if found > 0 {
		n.masked.Add(uint64(found))
		// A cut-off key takes the end of the line with it.
		clean = append(bytes.TrimRight(clean, "\n"), '\n')
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.out != nil {
		if _, err := n.out.Write(clean); err == nil {
			return len(line), nil
		}
		// The disk may be full: what happens to payments in this hour must not be lost on top.
		n.lost.Add(1)
	}
	if _, err := n.last.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}

func (n *net) close(file *lumberjack.Logger) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.out = nil
	if file == nil {
		return nil
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("closing the log: %w", err)
	}
	return nil
}
