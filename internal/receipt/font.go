package receipt

import (
	"bytes"
	"fmt"
	"os"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

// Font is a TrueType font for receipts as PDF. Only the characters that a receipt
// uses go into it.
type Font struct {
	path string
	data []byte
	sfnt *sfnt.Font
}

// FontError is a font that cannot be used.
type FontError struct {
	Path, Problem string
}

// Error names file, problem and remedy.
func (e *FontError) Error() string {
	return e.Path + ": " + e.Problem + "; receipt.font_file must be a TrueType font (.ttf) with glyf outlines"
}

// RuneError is a character that the font of a PDF does not have. Leaving it out
// would print another name than the shop's.
type RuneError struct{ Rune rune }

func (e *RuneError) Error() string {
	return fmt.Sprintf("the font of the receipt has no %q (U+%04X)", e.Rune, e.Rune)
}

// LoadFont reads a TrueType font and makes a trial page with it, so that a bad one
// is found at the start and not at the customer. The error is a *FontError.
func LoadFont(path string) (*Font, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &FontError{path, err.Error()}
	}
	parsed, err := sfnt.Parse(data)
	if err != nil {
		return nil, &FontError{path, "is not a font that can be read"}
	}
	f := &Font{path: path, data: data, sfnt: parsed}
	if err := f.try(); err != nil {
		return nil, &FontError{path, err.Error()}
	}
	return f, nil
}

// try makes a page. The library trusts fonts and panics on broken ones.
func (f *Font) try() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("is damaged: %v", v)
		}
	}()
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("shop", "", f.data)
	pdf.AddPage()
	pdf.SetFont("shop", "", 10)
	pdf.Cell(10, 10, "0")
	return pdf.Output(&bytes.Buffer{})
}

// missing returns the first character of the text that the font lacks, or 0.
func (f *Font) missing(text string) rune {
	if f == nil {
		for _, r := range text {
			if r > 0xFF || r > 0x7E && r < 0xA0 {
				return r
			}
		}
		return 0
	}
	var buf sfnt.Buffer
	for _, r := range text {
		if i, err := f.sfnt.GlyphIndex(&buf, r); err != nil || i == 0 {
			return r
		}
	}
	return 0
}

// latin1 is the text in the encoding of the built-in fonts.
func latin1(text string) string {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		out = append(out, byte(r)) // missing has let nothing else through
	}
	return string(out)
}
