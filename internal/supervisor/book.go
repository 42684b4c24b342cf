package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// ErrUnknown: there is no supervisor of that name.
var ErrUnknown = errors.New("no supervisor of that name")

// Book is the file with the supervisors' names and the hashes of their PINs.
type Book struct {
	Path string
	cost cost // of new hashes; zero: the usual one
}

// Entry is one supervisor, without the hash.
type Entry struct {
	Name  string    `json:"name"`
	SetAt time.Time `json:"setAt"` // when the PIN was set
}

// stored is what the file holds of one supervisor.
type stored struct {
	Name  string    `json:"name"`
	SetAt time.Time `json:"setAt"`
	Hash  string    `json:"hash"`

	hash hash
}

const version = 1

type bookFile struct {
	Version     int      `json:"version"`
	Supervisors []stored `json:"supervisors"`
}

// List returns the supervisors by name. No file is no supervisor.
func (b Book) List() ([]Entry, error) {
	all, err := b.load()
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(all))
	for i, s := range all {
		out[i] = Entry{s.Name, s.SetAt}
	}
	return out, nil
}

// Set gives a supervisor a PIN: a new one where the name is known, whatever its
// letters' case. The file is replaced whole or not at all, mode 0600. Errors:
// ErrName, ErrPIN, *FileError.
func (b Book) Set(name string, pin PIN, now time.Time) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := pin.check(); err != nil {
		return err
	}
	all, err := b.load()
	if err != nil {
		return err
	}
	c := b.cost
	if c == (cost{}) {
		c = usual()
	}
	h, err := newHash(pin, c)
	if err != nil {
		return err
	}
	entry := stored{Name: name, SetAt: now.UTC().Truncate(time.Second), Hash: h.String()}
	if i := find(all, name); i >= 0 {
		all[i] = entry
	} else {
		all = append(all, entry)
	}
	return b.save(all)
}

// Remove takes a supervisor away. Errors: ErrUnknown, *FileError.
func (b Book) Remove(name string) error {
	all, err := b.load()
	if err != nil {
		return err
	}
	i := find(all, name)
	if i < 0 {
		return fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	return b.save(slices.Delete(all, i, i+1))
}

func find(all []stored, name string) int {
	return slices.IndexFunc(all, func(s stored) bool { return strings.EqualFold(s.Name, name) })
}

func (b Book) save(all []stored) error {
	slices.SortFunc(all, func(x, y stored) int { return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	body, err := json.MarshalIndent(bookFile{version, all}, "", " ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", b.Path, err)
	}
	return replace(b.Path, append(body, '\n'))
}

func (b Book) load() ([]stored, error) {
	data, err := read(b.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	damaged := func(what string) error {
		return &FileError{Path: b.Path, Problem: what, Hint: "put the file back from a backup, or remove it and set the PINs anew with \"posagent supervisor set\""}
	}
	var file bookFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, damaged("is not a list of supervisors")
	}
	if file.Version != version {
		return nil, damaged(fmt.Sprintf("has the version %d; this program knows %d", file.Version, version))
	}
	for i := range file.Supervisors {
		s := &file.Supervisors[i]
		if s.hash, err = parseHash(s.Hash); err != nil || checkName(s.Name) != nil || find(file.Supervisors[:i], s.Name) >= 0 {
			return nil, damaged(fmt.Sprintf("has a damaged entry, number %d", i+1))
		}
	}
	return file.Supervisors, nil
}
