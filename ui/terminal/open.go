package terminal

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// Terminal is a terminal that can be drawn on.
type Terminal struct {
	Screen tcell.Screen
	// Plain: its font has little beyond ASCII.
	Plain bool
}

// ErrUnknown: there is no terminal, or none that is known.
var ErrUnknown = errors.New("no usable terminal")

// Open finds the terminal of this process; nothing is drawn yet. getenv is the
// environment: TERM says which terminal it is, NO_COLOR that no colours are wanted.
//
// A locale without a character set ("C", "POSIX", none) is taken for UTF-8, which
// all terminals of today speak: otherwise each letter beyond ASCII, in amounts and
// in five of the six languages, would be a question mark.
func Open(getenv func(string) string) (Terminal, error) {
	tcell.RegisterEncoding("US-ASCII", tcell.GetEncoding("UTF-8"))
	screen, err := newScreen()
	if err != nil {
		return Terminal{}, fmt.Errorf("%w: TERM is %q: %w. Set TERM to the terminal's kind, such as xterm-256color", ErrUnknown, getenv("TERM"), err)
	}
	term := getenv("TERM")
	return Terminal{Screen: screen, Plain: term == "linux" || strings.HasPrefix(term, "linux-") || strings.HasPrefix(term, "vt")}, nil
}

func newScreen() (tcell.Screen, error) {
	if runtime.GOOS == "windows" {
		return tcell.NewScreen() // a console has no terminal to be read
	}
	tty, err := tcell.NewDevTty()
	if err != nil {
		return nil, err
	}
	v := newValve(tty)
	screen, err := tcell.NewTerminfoScreenFromTty(v)
	if err != nil {
		return nil, errors.Join(err, tty.Close())
	}
	return &gentle{Screen: screen, valve: v}, nil
}

// Draws tells whether the terminal's font can be expected to have a language's
// letters: those of a Linux console are Latin.
func (t Terminal) Draws(lang string) bool { return !t.Plain || lang == "en" }
