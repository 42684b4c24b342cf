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
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// Format is the shape of a line, and where a system's own log gets it.
type Format string

// The formats.
const (
	// FormatText is for people: time, level, msg and the fields by their short names. Where standard error is a stream of
	// the systemd journal and no file is named, the journal gets the same text and the fields beside it, as with
	// FormatJournald.
	FormatText Format = "text"
	// FormatJSON is one object a line, with names of the Elastic Common Schema.
	FormatJSON Format = "json"
	// FormatJournald is the native protocol of the systemd journal.
	FormatJournald Format = "journald"
	// FormatEventLog is the Windows Event Log.
	FormatEventLog Format = "eventlog"
)

// ErrOptions is returned for a level or a format that does not exist, or not here.
var ErrOptions = errors.New("unknown log setting")

// Options of [New]. The zero value logs text from level info on to standard error.
type Options struct {
	Level      string    // debug, info, warn, error; empty: info
	Format     Format    // empty: text
	File       string    // empty: Stderr, or the system's log
	MaxSizeMB  int       // of File, in megabytes, before it is put aside; 0: 100
	MaxAgeDays int       // of files put aside; 0: kept whatever their age
	MaxFiles   int       // number of files put aside; 0: all
	Stderr     io.Writer // nil: os.Stderr. Lines that nothing else takes go here
	Service    Service   // in JSON and in a system's log

	sink sink // instead of the system's log, in tests
}

// Log owns the program's logger, its level, its writer and its file.
type Log struct {
	logger   *slog.Logger
	level    slog.LevelVar
	names    names
	actions  map[string]ActionInfo
	format   Format
	service  Service
	constant []slog.Attr // the service's, for JSON
	repeats  *repeats
	handover *handover
	done     chan struct{} // the writer has ended
	net      *net
	file     *lumberjack.Logger
	sink     sink // nil: lines go to a stream

	left   atomic.Uint64 // lines left out as repetitions
	closed atomic.Bool

	mu         sync.Mutex // guards what follows
	configured slog.Level
	back       *time.Timer // nil: the level is not for a time
	until      time.Time
	ended      bool
}

// New opens the log. A file that cannot be written is an error now and not a silence later.
func New(opts Options) (*Log, error) {
	l := &Log{
		names: fieldIndex(), actions: actionIndex(), format: opts.Format, service: opts.Service,
		constant: opts.Service.attrs(), done: make(chan struct{}), net: &net{last: opts.Stderr, mask: Mask},
	}
	if l.net.last == nil {
		l.net.last = os.Stderr
	}
	if err := l.SetLevel(opts.Level); err != nil {
		return nil, err
	}
	if err := l.choose(opts); err != nil {
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
	l.repeats = newRepeats(l.names)
	l.handover = newHandover()
	l.logger = slog.New(&handler{log: l})
	go l.write()
	return l, nil
}

// choose settles the format, and opens the system's log where it is one.
func (l *Log) choose(opts Options) (err error) {
	system := func(open func() (sink, error)) error {
		if opts.File != "" {
			return fmt.Errorf("format %q has no file: %w; leave log.file empty, or take text or json", string(opts.Format), ErrOptions)
		}
		if l.sink = opts.sink; l.sink == nil {
			l.sink, err = open()
		}
		return err
	}
	switch opts.Format {
	case "", FormatText:
		l.format = FormatText
		if opts.File == "" && opts.Stderr == nil && stderrIsJournal() {
			return system(newJournald)
		}
		return nil
	case FormatJSON:
		l.net.mask = MaskJSON
		return nil
	case FormatJournald:
		return system(newJournald)
	case FormatEventLog:
		return system(newEventLog)
	}
	return fmt.Errorf("format %q: %w; it can be text, json, journald or eventlog", string(opts.Format), ErrOptions)
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

// take lets an entry through, or counts it as a repetition.
func (l *Log) take(e *entry) {
	c := l.class(e)
	if c == classOrdinary {
		pass, look := l.repeats.admit(e, time.Now())
		if look {
			l.handover.nudge()
		}
		if !pass {
			l.left.Add(1)
			return
		}
	}
	i := l.shape(e, c)
	if !l.handover.add(i) {
		l.late(&i)
	}
}

// late writes a line that came after Close, behind those before it.
func (l *Log) late(i *item) {
	t := time.NewTimer(closeLimit)
	defer t.Stop()
	select {
	case <-l.done:
		l.emit(i)
	case <-t.C: // the writer still waits for whoever should take its lines
	}
}

func (l *Log) class(e *entry) class {
	switch {
	case e.level < slog.LevelInfo:
		return classDebug
	case l.actions[e.action()].Money, e.has("actor"):
		return classMoney
	}
	return classOrdinary
}

func (l *Log) shape(e *entry, c class) item {
	switch {
	case l.sink != nil:
		return item{class: c, event: l.names.newEvent(e, l.actions, l.service)}
	case l.format == FormatJSON:
		return item{class: c, line: l.names.jsonLine(e, l.constant)}
	}
	return item{class: c, line: textLine(e)}
}

// write is the writer: the one goroutine that a slow log holds up.
func (l *Log) write() {
	defer close(l.done)
	for {
		for items := l.handover.takeAll(); len(items) > 0; items = l.handover.takeAll() {
			for n := range items {
				l.emit(&items[n])
				l.handover.finished(&items[n])
			}
		}
		l.tellLosses()
		ended := l.handover.ended()
		for _, e := range l.repeats.due(time.Now(), ended) {
			l.put(&e)
		}
		if ended {
			return
		}
		l.rest()
	}
}

// rest waits for a line, or for the end of a window.
func (l *Log) rest() {
	next := l.repeats.next()
	if next.IsZero() {
		<-l.handover.wake
		return
	}
	t := time.NewTimer(time.Until(next))
	defer t.Stop()
	select {
	case <-l.handover.wake:
	case <-t.C:
	}
}

// put writes a line of the writer's own.
func (l *Log) put(e *entry) {
	i := l.shape(e, classOrdinary)
	l.emit(&i)
}

func (l *Log) tellLosses() {
	lost, some := l.handover.losses()
	if !some {
		return
	}
	l.put(&entry{at: time.Now(), level: slog.LevelWarn, message: "the log was not written in time, and lines were lost", fields: []field{
		{"action", slog.StringValue(string(ActionLogLost))},
		{"lost_debug", slog.Uint64Value(lost[classDebug])},
		{"lost_ordinary", slog.Uint64Value(lost[classOrdinary])},
		{"lost_money", slog.Uint64Value(lost[classMoney])},
	}})
}

// emit writes one line to where it belongs, and to standard error where that does not take it: what happens to payments
// in this hour must not be lost on top of a full disk.
func (l *Log) emit(i *item) {
	if i.event != nil {
		l.net.masked.Add(uint64(i.event.mask()))
		if err := l.sink.put(i.event); err == nil {
			return
		}
		l.net.lost.Add(1)
		i.line = textLine(&entry{at: i.event.at, level: i.event.level, message: i.event.text})
	}
	_, _ = l.net.Write(i.line) // nobody is left to tell
}

// Flush waits until what was logged so far is written, at most as long as the limit. It tells whether it is.
func (l *Log) Flush(limit time.Duration) bool { return l.handover.flush(limit) }

// Flush waits until what a logger of this package has logged so far is written, at most as long as the limit: for
// whoever ends the process the hard way. With another logger it does nothing.
func Flush(log *slog.Logger, limit time.Duration) {
	if h, ours := log.Handler().(*handler); ours {
		h.log.Flush(limit)
	}
}

// Stats are counts since the start.
type Stats struct {
	Masked       uint64 `json:"masked"`     // secrets that the net has caught; each is a defect in the code that logged it
	Redirected   uint64 `json:"redirected"` // lines that went to standard error, as nothing else took them
	Repeated     uint64 `json:"repeated"`   // lines left out as repetitions
	LostDebug    uint64 `json:"lostDebug"`  // lines lost because they could not be written in time
	LostOrdinary uint64 `json:"lostOrdinary"`
	LostMoney    uint64 `json:"lostMoney"` // the till's journal has what they said
}

// Stats counts what became of lines.
func (l *Log) Stats() Stats {
	lost := func(c class) uint64 { return l.handover.lostAll[c].Load() }
	return Stats{
		Masked: l.net.masked.Load(), Redirected: l.net.lost.Load(), Repeated: l.left.Load(),
		LostDebug: lost(classDebug), LostOrdinary: lost(classOrdinary), LostMoney: lost(classMoney),
	}
}

// closeLimit is how long Close waits for a log that does not take its lines.
const closeLimit = 2 * time.Second

// ErrNotWritten is returned by Close where lines are left that nothing took in time.
var ErrNotWritten = errors.New("the end of the log could not be written in time")

// Close writes what waits, for at most 2 s, and ends the file. Lines after Close go to standard error.
func (l *Log) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	l.mu.Lock()
	l.ended = true
	if l.back != nil {
		l.back.Stop()
		l.back = nil
	}
	l.mu.Unlock()
	l.handover.close()
	t := time.NewTimer(closeLimit)
	defer t.Stop()
	select {
	case <-l.done:
	case <-t.C:
		return ErrNotWritten // the writer goes on for as long as the process lives
	}
	err := l.net.close(l.file)
	if l.sink != nil {
		err = errors.Join(err, l.sink.close())
	}
	return err
}

// net is a stream, which gets one whole line at a time.
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
