package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// maxFileSize bounds what is read of one file. A configuration is a few kilobytes; more is another file by mistake.
const maxFileSize = 1 << 20

// Role says for whom the configuration is read.
type Role string

const (
	// RoleDaemon needs everything: account, keys, journal. Key files are opened and judged.
	RoleDaemon Role = "daemon"
	// RoleClient needs only the way to the local API or the journal. It runs as a user who cannot read the keys, so
	// they are not opened, and a missing account is no fault.
	RoleClient Role = "client"
)

// Override is a value given by a command line flag.
type Override struct {
	Key   string // "log.level"
	Value string
	Flag  string // "--log-level", for messages
}

// Options of [Load].
type Options struct {
	// Path of the configuration file. Empty: POSAGENT_CONFIG, then the first of SearchPaths that exists, then none.
	Path string
	// Explicit says that the user named Path, so that its absence is a fault.
	Explicit bool
	// Search replaces SearchPaths.
	Search []string
	// Env is the environment as os.Environ gives it.
	Env []string
	// Overrides are the flags.
	Overrides []Override
	// Role is RoleDaemon where empty.
	Role Role
	// As is where the configuration file will be installed, if it is judged
	// elsewhere first: relative paths in it and in its drop-ins count from there.
	As string

	texts []text // read in the place of the files; see LoadLast
}

// Load reads all layers and checks the result. The error is [Faults] with everything that is wrong; then there is no
// Config, as nobody should sell with half of one.
func Load(opts Options) (*Config, error) {
	cfg, faults := Inspect(opts)
	if len(faults) > 0 {
		return nil, faults
	}
	return cfg, nil
}

// Inspect is Load that gives what could be read beside the faults: for showing
// where values come from, never for selling.
func Inspect(opts Options) (*Config, Faults) {
	l := newLoader(opts)
	l.readFiles()
	l.readEnv()
	l.readOverrides()
	l.nameScanners()
	l.check()
	l.cfg.Notes = l.notes.sorted()
	return &l.cfg, l.faults.sorted()
}

type loader struct {
	opts    Options
	all     []section
	cfg     Config
	faults  Faults
	notes   Faults
	headers map[string]Origin // where each table begins, for faults about what is missing in it
	rank    int
	broken  bool // a file could not be read or parsed: nothing can be said about what is missing
	unseen  bool // a key is a credential, which only the service sees
}

func newLoader(opts Options) *loader {
	l := &loader{opts: opts, all: sections(), cfg: Default(), headers: map[string]Origin{}}
	l.cfg.origins, l.cfg.layers, l.cfg.contents = map[string]Origin{}, map[string][]Layer{}, map[string]content{}
	if l.opts.Search == nil {
		l.opts.Search = SearchPaths()
	}
	return l
}

func (l *loader) readFiles() {
	if len(l.opts.texts) > 0 {
		l.cfg.file = l.opts.texts[0].Path
		for _, t := range l.opts.texts {
			l.rank++
			l.readText(t.Path, []byte(t.Text))
		}
		return
	}
	file, ok := l.find()
	if !ok {
		return
	}
	l.cfg.file = file
	l.readFile(file)
	dir := filepath.Join(filepath.Dir(file), "posagent.d")
	dropIns, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		l.rank++
		l.broken = true
		l.faults = append(l.faults, faultAt(Origin{Kind: OriginFile, File: dir, rank: l.rank}, "",
			"cannot be read: "+reason(err), "make it a directory that the user of posagent may read, or remove it"))
		return
	}
	for _, entry := range dropIns { // in name order, as ReadDir sorts
		name := entry.Name()
		if strings.HasPrefix(name, ".") || filepath.Ext(name) != ".toml" {
			continue // what editors and package managers leave behind
		}
		l.readFile(filepath.Join(dir, name))
	}
}

// find chooses the main file.
func (l *loader) find() (string, bool) {
	path, explicit := l.opts.Path, l.opts.Explicit
	if path == "" {
		for _, assignment := range l.opts.Env {
			if value, ok := strings.CutPrefix(assignment, ConfigVariable+"="); ok && value != "" {
				path, explicit = value, true
			}
		}
	}
	search := l.opts.Search
	if path != "" {
		search = []string{path}
	}
	for _, candidate := range search {
		abs, err := filepath.Abs(candidate)
		if err != nil {
			abs = candidate
		}
		if _, err := os.Stat(abs); explicit || !errors.Is(err, fs.ErrNotExist) {
			return abs, true
		}
	}
	return "", false
}

func (l *loader) readFile(path string) {
	l.rank++
	at := Origin{Kind: OriginFile, File: path, rank: l.rank}
	data, err := readBounded(path)
	if err != nil {
		l.broken = true
		l.faults = append(l.faults, faultAt(at, "", "cannot be read: "+reason(err), readRemedy(err)))
		return
	}
	l.readText(path, data)
}

// readText takes in what stands in a file.
func (l *loader) readText(path string, data []byte) {
	at := Origin{Kind: OriginFile, File: path, rank: l.rank}
	doc, fault := parseDocument(path, l.rank, data)
	if fault != nil {
		l.broken = true
		l.faults = append(l.faults, *fault)
		return
	}
	l.cfg.sources = append(l.cfg.sources, path)
	l.cfg.texts = append(l.cfg.texts, text{path, string(data)})
	if remark, remedy := writableByAll(path); remark != "" {
		l.notes = append(l.notes, faultAt(at, "", remark, remedy))
	}
	for i := range l.all {
		name := l.all[i].name
		if pos, ok := doc.positions[name]; ok && l.headers[name].Kind == "" {
			l.headers[name] = Origin{Kind: OriginFile, File: path, Line: pos.Line, Column: pos.Column, rank: l.rank}
		}
	}
	c := collector{doc: doc, dir: l.installedDir(filepath.Dir(path)), all: l.all}
	c.run()
	l.faults = append(l.faults, c.faults...)
	l.apply(c.entries, l.placeByName(doc, c.entries))
}

// installedDir is the directory that relative paths of a file in dir count from.
func (l *loader) installedDir(dir string) string {
	if l.opts.As == "" {
		return dir
	}
	as, err := filepath.Abs(filepath.Dir(l.opts.As))
	if err != nil {
		as = filepath.Dir(l.opts.As)
	}
	if rel, err := filepath.Rel(filepath.Dir(l.cfg.file), dir); err == nil {
		return filepath.Join(as, rel)
	}
	return as
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(data) > maxFileSize {
		return nil, fmt.Errorf("larger than %d bytes", maxFileSize)
	}
	return data, err
}

func (l *loader) readEnv() {
	l.rank++
	entries, faults, notes := envEntries(l.all, l.opts.Env, l.rank)
	l.faults = append(l.faults, faults...)
	l.notes = append(l.notes, notes...)
	l.apply(entries, l.placeByNumber)
}

func (l *loader) readOverrides() {
	l.rank++
	dir, _ := os.Getwd() // without a working directory relative paths stay as they are
	var entries []entry
	for _, o := range l.opts.Overrides {
		origin := Origin{Kind: OriginFlag, Name: o.Flag, rank: l.rank}
		name, key, _ := strings.Cut(o.Key, ".")
		s := findSection(l.all, name)
		if s == nil || s.list {
			l.faults = append(l.faults, faultAt(origin, o.Key, "no such key", "report this as a defect"))
			continue
		}
		lf, ok := s.leaf(key)
		if !ok {
			l.faults = append(l.faults, faultAt(origin, o.Key, "no such key", unknownRemedy(l.all, s, key)))
			continue
		}
		entries = append(entries, entry{section: s, leaf: lf, value: o.Value, text: true, origin: origin, dir: dir})
	}
	l.apply(entries, l.placeByNumber)
}

// apply sets the keys. place says which element of a list the n-th one of this layer is.
func (l *loader) apply(entries []entry, place func(e entry) (int, *misfit)) {
	// A table gives its keys in no order; scanners have to be met in theirs.
	slices.SortStableFunc(entries, func(a, b entry) int { return a.element - b.element })
	for _, e := range entries {
		target := reflect.ValueOf(&l.cfg).Elem().Field(e.section.index)
		at := e.origin
		if e.section.list {
			n, bad := place(e)
			if bad != nil {
				l.faults = append(l.faults, faultAt(at, e.key(), bad.problem, bad.remedy))
				continue
			}
			e.element, target = n, target.Index(n-1)
		}
		value, bad := e.convert()
		if bad != nil {
			l.faults = append(l.faults, faultAt(at, e.key(), bad.problem, bad.remedy))
			// The key was given; that it is also "missing" would be a second fault for one mistake.
			l.cfg.origins[e.key()] = Origin{Kind: originBad, rank: at.rank}
			continue
		}
		target.FieldByIndex(e.leaf.index).Set(value)
		l.cfg.origins[e.key()] = at
		l.cfg.layers[e.key()] = append(l.cfg.layers[e.key()], Layer{Value: printable(value), Origin: at})
	}
}

// originBad marks a key whose value could not be read, so that it is not judged any further.
const originBad OriginKind = "bad"

// reason is the system's own words without operation and path, which the fault names already.
func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

func readRemedy(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "make one from what \"posagent config example\" prints, or name another with --config"
	case errors.Is(err, fs.ErrPermission):
		return "let the user who runs this command read it, or run the command as the service's user"
	default:
		return "name a readable TOML file with --config"
	}
}
