package support

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"posagent/internal/audit"
	"posagent/offline"
	"posagent/queue"
)

// Journal is the till's record as a bundle reads it.
type Journal interface {
	Info() queue.Info
	Stats() (queue.Stats, error)
	Verify(ctx context.Context) (queue.Report, error)
	LastEvent() (uint64, error)
	Events(after uint64, limit int) ([]offline.Event, error)
	Export(w io.Writer, format queue.Format, f queue.ExportFilter) (int, error)
	Audit() audit.Trail
}

const (
	verifyMost = 256 << 20 // bytes of a journal that is verified for a bundle; a larger one takes too long
	eventsMost = 20_000    // newest events
	auditMost  = 2_000     // newest entries of the audit trail
)

// journalParts reads the journal once for all its parts.
func (b *bundle) journalParts() []part {
	return []part{
		{name: "journal/statistics.json", about: "the till's record: what it was when it was opened, sales, bytes", collect: b.withJournal(statistics)},
		{name: "journal/verify.json", about: "whether every page, record, index and total of the record is sound", collect: b.verify},
		{name: "journal/events.jsonl", about: "what was committed lately, an event a line: sale, payment, what happened, state, who", collect: b.withJournal(b.events), newest: true},
		{name: "journal/sales.jsonl", about: "the sales of these days with all facts; payment codes masked, amounts as they are", collect: b.withJournal(b.sales), newest: true},
		{name: "journal/audit.jsonl", about: "who did what to the till", collect: b.withJournal(b.audit), newest: true},
	}
}

func (b *bundle) withJournal(read func(context.Context, Journal) ([]byte, error)) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) (content []byte, err error) {
		if b.opt.Journal == nil {
			return nil, errNobodyAsked
		}
		j, end, err := b.opt.Journal(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, end()) }()
		return read(ctx, j)
	}
}

func statistics(_ context.Context, j Journal) ([]byte, error) {
	stats, err := j.Stats()
	return asJSON(struct {
		Info  queue.Info  `json:"info"`
		Stats queue.Stats `json:"stats"`
	}{j.Info(), stats}, err)
}

// verify checks the journal; one that does not open is looked at as a file.
func (b *bundle) verify(ctx context.Context) ([]byte, error) {
	content, err := b.withJournal(func(ctx context.Context, j Journal) ([]byte, error) {
		stats, err := j.Stats()
		if err != nil {
			return nil, err
		}
		if stats.FileSize > verifyMost {
			return nil, fmt.Errorf("it has %s, and checking it would take too long; see \"posagent journal verify\"", formatSize(stats.FileSize))
		}
		return asJSON(j.Verify(ctx))
	})(ctx)
	if err == nil || !errors.Is(err, queue.ErrDamaged) || b.opt.JournalDamage == nil {
		return content, err
	}
	return asJSON(b.opt.JournalDamage(ctx))
}

func (b *bundle) since() time.Time { return b.opt.Now.Add(-b.opt.Since) }

func (b *bundle) events(ctx context.Context, j Journal) ([]byte, error) {
	last, err := j.LastEvent()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for after := last - min(last, eventsMost); after < last && ctx.Err() == nil; {
		list, err := j.Events(after, 1000)
		if err != nil || len(list) == 0 {
			return out.Bytes(), err
		}
		for i := range list {
			after = list[i].Seq
			if list[i].At.Before(b.since()) {
				continue
			}
			if err := writeLine(&out, list[i]); err != nil {
				return out.Bytes(), err
			}
		}
	}
	return nothing(out.Bytes(), "nothing was committed in this time"), ctx.Err()
}

func (b *bundle) sales(_ context.Context, j Journal) ([]byte, error) {
	out := newest{most: partLimit + partLimit/2}
	_, err := j.Export(&out, queue.JSONLines, queue.ExportFilter{From: offline.DayOf(b.since())})
	return nothing(out.text, "no sale was opened in this time"), err
}

func (b *bundle) audit(ctx context.Context, j Journal) ([]byte, error) {
	trail := j.Audit()
	out := newest{most: partLimit}
	for after := uint64(0); ctx.Err() == nil; {
		list, err := trail.List(after, 1000)
		if err != nil {
			return out.text, err
		}
		if len(list) == 0 {
			break
		}
		for i := range list {
			after = list[i].Seq
			if err := writeLine(&out, list[i]); err != nil {
				return out.text, err
			}
		}
	}
	return nothing(lastLines(out.text, auditMost), "the audit trail is empty"), ctx.Err()
}

// nothing tells an empty file from a lost one.
func nothing(content []byte, why string) []byte {
	if len(content) > 0 {
		return content
	}
	text, _ := json.Marshal(map[string]string{"note": why}) // a string has a JSON form
	return append(text, '\n')
}

func writeLine(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing it as JSON: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// newest keeps the end of what is written to it, in memory that does not grow beyond twice the limit.
type newest struct {
	most int
	text []byte
}

func (n *newest) Write(p []byte) (int, error) {
	n.text = append(n.text, p...)
	if len(n.text) > 2*n.most {
		kept := n.text[len(n.text)-n.most:]
		n.text = append([]byte(nil), kept[firstLine(kept):]...)
	}
	return len(p), nil
}
