// Package keystream tells a scanner that types from a person who types, by the
// time between keys alone: whatever has the focus, whatever the keyboard's layout,
// and without keeping a person's keys for longer than Hold.
//
// Keys are held back while they may be the beginning of a scan. They are a scan
//
//   - from LongScan keys on, if each came within Hold of the one before, or
//   - from ShortScan keys on, if half of the gaps are at most Quick as well,
//
// and if at least three different characters are among them: a key that is held
// down repeats at a scanner's pace. A run ends with Enter or Tab, which then belongs
// to it, or with silence. All else is typing and is given back in its order.
//
// People do not reach these figures: the fastest typists on record sustain 55 to
// 60 ms a key over whole words, data entry on a number pad 80 ms and more, and
// fingers that roll over the keys make short gaps for four or five keys, not for
// eight. Scanners in keyboard mode type at 1 to 20 ms a key; with a delay
// configured that is longer than Hold they cannot be told from people and must be
// set faster.
package keystream

import (
	"slices"
	"strings"
	"time"
)

// The figures that tell scans from typing.
const (
	// Hold is the longest gap within a scan, and so how long a key is held back.
	Hold = 60 * time.Millisecond
	// Quick is what half of the gaps of a short scan do not exceed.
	Quick = 30 * time.Millisecond
	// LongScan is the number of keys from which the pace of Hold alone decides: the
	// shortest payment code.
	LongScan = 16
	// ShortScan is the number of keys below which nothing is a scan: the shortest
	// label of a product has eight digits.
	ShortScan = 8
	// Stutter is the longest gap within a run that is a scan already, and the
	// longest one before its Enter. A busy computer holds keys up.
	Stutter = 250 * time.Millisecond
	// MaxScan is the longest scan, in keys.
	MaxScan = 256
)

// Key is one key that makes a character, or ends a label.
type Key struct {
	At   time.Time
	Rune rune // 0 if the layout or an input method makes no character of it
	End  bool // Enter or Tab
	// Digit is the key's place, '0' to '9', if it is one of the digits' on a US
	// keyboard; 0 if it is another or the place is not known.
	Digit rune
	Shift bool
	Tag   any // comes back with the key
}

// Output is what a key, or time, brings about: a key that was typed, or a scan.
type Output struct {
	Typed *Key
	// Scan is the text of a scan, "" for a key.
	Scan string
	// TooLong tells of a scan longer than MaxScan; Scan is its beginning.
	TooLong bool
	// Retract is how many keys, given out last as typed, turned out to be the
	// beginning of this scan.
	Retract int
}

// Stream takes in keys and gives them out as typing or scans. The zero value is
// ready. Times must not go back; one that does counts as no time passed.
type Stream struct {
	held    []Key
	last    time.Time // of the newest held key
	sure    bool      // held is a scan, whatever follows
	tooLong bool

	// shed are keys given out as typed that may still be the beginning of a scan
	// that stutters.
	shed     []Key
	shedLast time.Time
	// swallow is until when an Enter belongs to the scan that ended by silence.
	swallow time.Time
}

// Press takes in a key.
func (s *Stream) Press(k Key) []Output {
	out := s.Flush(k.At)
	if k.End {
		return append(out, s.end(k)...)
	}
	s.swallow = time.Time{}
	if len(s.held) >= MaxScan {
		s.tooLong, s.last = true, later(s.last, k.At)
		return out
	}
	s.held = append(s.held, k)
	s.last = later(s.last, k.At)
	s.sure = s.sure || scan(s.held)
	if !s.sure && heldDown(s.held) {
		out = append(out, s.give()...)
	}
	return out
}

// heldDown tells of a key that repeats because nobody lets go of it.
func heldDown(run []Key) bool {
	const same = 6
	if len(run) < same {
		return false
	}
	last := meaning(run[len(run)-1])
	for _, k := range run[len(run)-same:] {
		if meaning(k) != last {
			return false
		}
	}
	return true
}

// end takes in Enter or Tab.
func (s *Stream) end(k Key) []Output {
	if o, ok := s.asScan(); ok {
		s.swallow = k.At.Add(Hold) // CR LF is one end
		return []Output{o}
	}
	if k.At.Before(s.swallow) {
		s.swallow = time.Time{}
		return nil
	}
	out := s.give()
	s.shed = nil
	return append(out, Output{Typed: &k})
}

// Flush gives out what need not be held any longer at a time.
func (s *Stream) Flush(now time.Time) []Output {
	if len(s.shed) > 0 && len(s.held) == 0 && now.Sub(s.shedLast) > Stutter {
		s.shed = nil
	}
	if at := s.Deadline(); at.IsZero() || now.Before(at) {
		return nil
	}
	return s.conclude()
}

// Break ends a run at once: for a key that no scanner types.
func (s *Stream) Break() []Output {
	out := s.conclude()
	s.shed, s.swallow = nil, time.Time{}
	return out
}

// conclude ends the run of held keys without an Enter.
func (s *Stream) conclude() []Output {
	if len(s.held) == 0 {
		return nil
	}
	last := s.last
	if s.sure {
		if o, ok := s.asScan(); ok {
			s.swallow = last.Add(2 * Stutter)
			return []Output{o}
		}
	}
	if o, ok := s.joined(); ok {
		s.swallow = last.Add(2 * Stutter)
		return []Output{o}
	}
	return s.give()
}

// Deadline is when Flush is due; zero if nothing is held.
func (s *Stream) Deadline() time.Time {
	switch {
	case len(s.held) == 0:
		return time.Time{}
	case s.sure:
		return s.last.Add(Stutter)
	}
	return s.last.Add(Hold + time.Nanosecond)
}

// asScan ends the run as a scan if it is one, alone or with what was given out
// before it.
func (s *Stream) asScan() (Output, bool) {
	if o, ok := s.joined(); ok {
		return o, true
	}
	if !s.sure {
		return Output{}, false
	}
	o := Output{Scan: text(s.held), TooLong: s.tooLong}
	s.reset()
	return o, true
}

// joined makes one scan of the keys given out and those held, if these two alone
// make a payment code and the held ones do not: a scanner that paused early.
func (s *Stream) joined() (Output, bool) {
	if len(s.shed) == 0 || len(s.held) == 0 || s.tooLong || paymentCode(text(s.held)) {
		return Output{}, false
	}
	all := slices.Concat(s.shed, s.held)
	if !paymentCode(text(all)) || median(all) > Quick || distinct(all) < 3 {
		return Output{}, false
	}
	o := Output{Scan: text(all), Retract: len(s.shed)}
	s.reset()
	return o, true
}

func (s *Stream) reset() {
	s.held, s.shed, s.sure, s.tooLong = nil, nil, false, false
}

// give gives the held keys out as typed.
func (s *Stream) give() []Output {
	out := make([]Output, len(s.held))
	for i := range s.held {
		out[i].Typed = &s.held[i]
	}
	if len(s.held) > 0 {
		if len(s.shed) > 0 && s.held[0].At.Sub(s.shedLast) > Stutter || len(s.shed) > LongScan {
			s.shed = nil
		}
		s.shed, s.shedLast = append(s.shed, s.held...), s.last
	}
	s.held, s.sure, s.tooLong = nil, false, false
	return out
}

// scan tells whether a run, whose gaps are known to be short enough, is no typing.
func scan(run []Key) bool {
	switch {
	case len(run) < ShortScan || distinct(run) < 3:
		return false
	case len(run) >= LongScan:
		return true
	}
	return median(run) <= Quick
}

func median(run []Key) time.Duration {
	gaps := make([]time.Duration, 0, len(run))
	for i := 1; i < len(run); i++ {
		gaps = append(gaps, run[i].At.Sub(run[i-1].At))
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// distinct counts different keys, up to three.
func distinct(run []Key) int {
	seen := make([]rune, 0, 3)
	for _, k := range run {
		if r := meaning(k); !slices.Contains(seen, r) {
			if seen = append(seen, r); len(seen) == 3 {
				break
			}
		}
	}
	return len(seen)
}

// text is what a scanner typed.
func text(run []Key) string {
	var b strings.Builder
	for _, k := range run {
		if r := meaning(k); r != 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// meaning is the character that a scanner meant by a key. A digit is one in every
// layout that makes it so, in any script. Where the layout makes something else of
// the digits' row, or an input method keeps the character to itself, the place of
// the key counts: scanners are set to the US layout when they leave the factory.
func meaning(k Key) rune {
	if d, ok := digit(k.Rune); ok {
		return d
	}
	if k.Digit != 0 && !k.Shift {
		return k.Digit
	}
	return k.Rune
}

// digit turns a decimal digit of the scripts that keyboards and input methods of
// this trade make into an ASCII one.
func digit(r rune) (rune, bool) {
	for _, zero := range [...]rune{'0', '０', '๐', '٠', '۰', '०'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero, true
		}
	}
	return 0, false
}

// paymentCode tells whether a text has the shape of a payment code: 16 to 24
// digits that begin with 25 to 30.
func paymentCode(s string) bool {
	if len(s) < 16 || len(s) > 24 || s[:2] < "25" || s[:2] > "30" {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
