package acl

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Rights that a judgement asks about.
const (
	Reading  = ReadData
	Changing = WriteData | Append | DeleteChild | Delete | WriteDAC | WriteOwner
)

// Others lists who, besides the trusted SIDs, has one of the rights; each once, in
// the order of the list. An owner counts as having all: whoever owns an object may
// write its list.
func (d Descriptor) Others(rights uint32, trusted ...string) []string {
	if d.Open {
		return []string{Everyone}
	}
	var out []string
	add := func(sid string) {
		if sid != "" && !slices.Contains(trusted, sid) && !slices.Contains(out, sid) {
			out = append(out, sid)
		}
	}
	add(d.Owner)
	for _, e := range d.Entries {
		// S-1-3-4 limits what the owner may do, who is judged above.
		if e.Allow && e.Rights&rights != 0 && e.SID != "S-1-3-4" {
			add(e.SID)
		}
	}
	return out
}

// Names lists SIDs for people.
func Names(sids []string) string {
	names := make([]string, len(sids))
	for i, sid := range sids {
		names[i] = Name(sid)
	}
	return strings.Join(names, ", ")
}

// ErrOwner: an object belongs to somebody else.
var ErrOwner = errors.New("belongs to somebody else")

// OwnedBy is an error unless the object belongs to one of them.
func (d Descriptor) OwnedBy(trusted ...string) error {
	switch {
	case d.Owner == "":
		return fmt.Errorf("%w: nobody knows whom", ErrOwner)
	case !slices.Contains(trusted, d.Owner):
		return fmt.Errorf("%w: %s", ErrOwner, Name(d.Owner))
	}
	return nil
}
