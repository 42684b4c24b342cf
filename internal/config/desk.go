package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"posagent/internal/receipt"
	"posagent/internal/supervisor"
)

// Supervisor says what a cashier may not do alone.
type Supervisor struct {
	// File with the supervisors' names and the hashes of their PINs, mode 0600; "posagent supervisor set" writes it.
	// Wrong tries are counted in a file beside it, so the daemon must be allowed to write into its directory.
	File string `toml:"file" path:"file" reload:"live"`
	// Refunds need a supervisor's PIN, those that undo a whole sale on its own day included.
	Refund bool `toml:"refund" reload:"live"`
	// Refunds that undo a whole sale on its own business day need a supervisor's PIN. Refund covers these too.
	Void bool `toml:"void" reload:"live"`
	// Cancelling a sale needs a supervisor's PIN once a payment was sent.
	Cancel bool `toml:"cancel" reload:"live"`
	// Recording what a person found out about a sale or refund in doubt needs a supervisor's PIN.
	Resolve bool `toml:"resolve" reload:"live"`
	// Ending a shift needs a supervisor's PIN.
	CloseShift bool `toml:"close_shift" reload:"live"`
}

// Any tells whether anything needs a PIN.
func (s Supervisor) Any() bool { return s.Refund || s.Void || s.Cancel || s.Resolve || s.CloseShift }

// Receipt says what a receipt looks like. Its language is that of the terminal.
type Receipt struct {
	// Characters in a line of a plain receipt, 24 to 80: 32 for paper of 58 mm, 42 or 48 for 80 mm.
	Width int `toml:"width" min:"24" max:"80" reload:"live"`
	// Last line of a receipt, such as the shop's address or a word of thanks; at most 256 bytes. Empty: none.
	Footer string `toml:"footer" reload:"live"`
	// TrueType font (.ttf) for receipts as PDF, needed for what is not Latin. Empty: the PDF reader's own Helvetica.
	FontFile string `toml:"font_file" path:"file" reload:"live"`
}

// checkDesk judges the tables of what happens after the sale.
func (l *loader) checkDesk() {
	s, r := &l.cfg.Supervisor, &l.cfg.Receipt
	if s.Any() && s.File == "" {
		l.fault("supervisor.file", "is empty, but PINs are asked for", "name the file with the PINs' hashes; the default is "+defaultSupervisors())
	}
	if len(r.Footer) > 256 || hasControl(r.Footer) || !utf8.ValidString(r.Footer) {
		l.fault("receipt.footer", "is longer than 256 bytes or holds a control character", "shorten it to one line of text")
	}
	if r.FontFile != "" && !strings.HasSuffix(strings.ToLower(r.FontFile), ".ttf") {
		l.fault("receipt.font_file", quotePath(r.FontFile)+" is no TrueType font", "give a file that ends in .ttf; collections (.ttc) and .otf do not work")
	}
}

// checkDeskFiles opens the files of those tables.
func (l *loader) checkDeskFiles() {
	if font := l.cfg.Receipt.FontFile; font != "" {
		info, err := os.Stat(font)
		switch {
		case err != nil:
			l.fault("receipt.font_file", quotePath(font)+" cannot be read: "+reason(err), "correct the path, or leave it out")
		case !info.Mode().IsRegular():
			l.fault("receipt.font_file", quotePath(font)+" is not a file", "correct the path, or leave it out")
		default:
			if _, err := receipt.LoadFont(font); err != nil { // the daemon would not start with it
				l.fault("receipt.font_file", err.Error(), "give a TrueType font that is whole")
			}
			l.keep("receipt.font_file", []byte(fmt.Sprint(info.Size(), info.ModTime())), true)
		}
	}
	if s := l.cfg.Supervisor; s.Any() && s.File != "" {
		list, err := supervisor.Book{Path: s.File}.List()
		var bad *supervisor.FileError
		switch {
		case errors.As(err, &bad) && !errors.Is(err, fs.ErrNotExist):
			l.fault("supervisor.file", quotePath(bad.Path)+" "+bad.Problem, bad.Hint)
		case len(list) == 0:
			l.note("supervisor.file", "nobody can allow what needs a PIN: no supervisor is set up", `add one with "posagent supervisor set NAME"`)
		}
	}
}
