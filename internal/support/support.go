// Package support makes the support bundle: one zip file with everything that whoever helps from afar asks for first, and
// with nothing that must not leave the shop.
//
// Each part is collected by itself, for a limited time and up to a limited size; what cannot be had is named with the
// reason, so that a bundle comes out when the daemon is down and when the journal is damaged. Before anything is written
// the whole content is searched for payment codes, keys and tokens: for this till's own, and for whatever looks like one.
// A bundle that would show one is not written.
package support

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"posagent/internal/config"
)

// Options say what a bundle is made of. Everything but Now may be left out; what is missing is named in the bundle.
type Options struct {
	Now   time.Time
	Since time.Duration // how far logs, events and sales go back; 0: 24h
	// Without names parts, or folders of parts, that are left out on purpose.
	Without []string

	Config      *config.Config // nil: Faults or ConfigError say why
	ConfigError error

	Build any // version, commit, Go version
	// Status asks the daemon; nil: nobody does.
	Status func(ctx context.Context) (any, error)
	// Metrics is what a scrape would get.
	Metrics func(ctx context.Context) ([]byte, error)
	// Journal opens the till's record, or a copy of it; the journal is closed with the func that it returns.
	Journal func(ctx context.Context) (Journal, func() error, error)
	// JournalDamage says what is wrong with a record that does not open.
	JournalDamage func(ctx context.Context) (any, error)
	// Doctor examines the till.
	Doctor func(ctx context.Context) (any, error)
	// LogState is what the log says of itself.
	LogState func() any

	commands runner // nil: the system's, in tests others
}

// Manifest lists what a bundle holds. It stands in it as manifest.json.
type Manifest struct {
	Format   int       `json:"format"` // 1
	Made     time.Time `json:"made"`
	Since    time.Time `json:"since"`
	Store    string    `json:"store,omitempty"`
	Terminal string    `json:"terminal,omitempty"`
	Parts    []Part    `json:"parts"`
	Missing  []Missing `json:"missing"` // what could not be collected, and why
	LeftOut  []string  `json:"leftOut"` // on purpose
	// Searched says what the content was searched for.
	Searched []string `json:"searched"`
	// Unread names secrets of this till that could not be read, so that only their shapes were searched for.
	Unread []Missing `json:"unread"`
}

// Part is one file of a bundle.
type Part struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Size   int    `json:"size"` // bytes
	SHA256 string `json:"sha256"`
	Cut    bool   `json:"cut,omitempty"` // it was longer; its newest end is there
}

// Missing is something that is not there.
type Missing struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

const (
	defaultSince = 24 * time.Hour
	partTime     = 20 * time.Second // for one part
	partLimit    = 4 << 20          // bytes of one part
	wholeLimit   = 24 << 20         // bytes of all parts, before they are packed
	leastRoom    = 16 << 10         // a part of which less would be left is not worth it
)

// bundle is one being made.
type bundle struct {
	opt      Options
	manifest Manifest
	files    []file
	size     int
	needles  []needle
}

type file struct {
	name    string
	content []byte
}

// part is something to collect.
type part struct {
	name    string
	about   string
	collect func(ctx context.Context) ([]byte, error)
	newest  bool // where it is too long its end counts, in whole lines
}

// Make collects everything and packs it. The error is *SecretError where the bundle would show a secret, or ctx's.
func Make(ctx context.Context, opt Options) (packed []byte, m Manifest, err error) {
	b := newBundle(opt)
	for _, p := range b.parts() {
		if err := ctx.Err(); err != nil {
			return nil, b.manifest, fmt.Errorf("making the bundle: %w", err)
		}
		b.add(ctx, p)
	}
	if err := ctx.Err(); err != nil {
		return nil, b.manifest, fmt.Errorf("making the bundle: %w", err)
	}
	packed, err = b.pack()
	return packed, b.manifest, err
}

// Write makes a bundle and writes it. Nothing is written before the whole of it has been searched.
func Write(ctx context.Context, w io.Writer, opt Options) (Manifest, error) {
	packed, m, err := Make(ctx, opt)
	if err != nil {
		return m, err
	}
	if _, err := w.Write(packed); err != nil {
		return m, fmt.Errorf("writing the bundle: %w", err)
	}
	return m, nil
}

func newBundle(opt Options) *bundle {
	if opt.Since <= 0 {
		opt.Since = defaultSince
	}
	if opt.commands == nil {
		opt.commands = runCommand
	}
	b := &bundle{opt: opt, manifest: Manifest{
		Format: 1, Made: opt.Now.UTC(), Since: opt.Now.Add(-opt.Since).UTC(),
		Parts: []Part{}, Missing: []Missing{}, LeftOut: []string{}, Unread: []Missing{},
	}}
	if opt.Config != nil {
		b.manifest.Store, b.manifest.Terminal = opt.Config.Terminal.StoreID, opt.Config.Terminal.TerminalID
	}
	b.ownSecrets()
	return b
}

// leftOut tells whether a part is not wanted, by its name or its folder's.
func (b *bundle) leftOut(name string) bool {
	return slices.ContainsFunc(b.opt.Without, func(w string) bool {
		w = strings.TrimSuffix(w, "/")
		return name == w || strings.HasPrefix(name, w+"/")
	})
}

func (b *bundle) add(ctx context.Context, p part) {
	if b.leftOut(p.name) {
		b.manifest.LeftOut = append(b.manifest.LeftOut, p.name)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, partTime)
	defer cancel()
	content, err := collected(ctx, p)
	if err != nil && len(content) == 0 {
		b.miss(p.name, err)
		return
	}
	if err != nil { // some of it is there
		b.miss(p.name+" (the rest of it)", err)
	}
	room := min(partLimit, wholeLimit-b.size)
	if len(content) > room && room < leastRoom {
		b.miss(p.name, errors.New("the bundle would become too large"))
		return
	}
	content, cut := cutTo(content, room, p.newest)
	b.size += len(content)
	b.files = append(b.files, file{p.name, content})
	b.manifest.Parts = append(b.manifest.Parts, Part{Name: p.name, About: p.about, Size: len(content), SHA256: sum(content), Cut: cut})
}

// collected calls a collector. One that panics on something unforeseen must not take the others with it.
func collected(ctx context.Context, p part) (content []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("collecting it failed inside: %v", r)
		}
	}()
	return p.collect(ctx)
}

func (b *bundle) miss(name string, err error) {
	b.manifest.Missing = append(b.manifest.Missing, Missing{Name: name, Why: strings.ToValidUTF8(err.Error(), "�")})
}

// cutTo keeps the beginning or the end of a text, in whole lines.
func cutTo(content []byte, most int, newest bool) ([]byte, bool) {
	if len(content) <= most {
		return content, false
	}
	most = max(most, 0)
	if !newest {
		content = content[:most]
		return content[:lastLine(content)], true
	}
	content = content[len(content)-most:]
	return content[firstLine(content):], true
}

// asJSON writes a value as people and programs read it.
func asJSON(v any, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing it as JSON: %w", err)
	}
	return append(text, '\n'), nil
}
