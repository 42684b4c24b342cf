package receipt

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// The measures of a page, in millimetres and points: a roll of 80 mm.
const (
	pageWidth  = 80.0
	margin     = 5.0
	lineHeight = 4.4
	smallSize  = 8.0
	largeSize  = 12.0
)

// sheet is a page that is being filled.
type sheet struct {
	pdf  *fpdf.Fpdf
	font *Font
	y    float64
}

// PDF is the receipt as one page of 80 mm width and the length that it needs. The
// same slip gives the same bytes. It fails with a *RuneError where the font lacks a
// character; [Printer.ForPDF] sees to it that this is never one of the receipt's own
// words.
func (slip *Slip) PDF() ([]byte, error) {
	if r := slip.missing(slip.printer.Font); r != 0 {
		return nil, &RuneError{r}
	}
	// The first pass measures, the second draws on a page of that length.
	length := slip.draw(&fpdf.SizeType{Wd: pageWidth, Ht: 1000}).y + margin
	done := slip.draw(&fpdf.SizeType{Wd: pageWidth, Ht: length})
	var out bytes.Buffer
	if err := done.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("making the receipt's PDF: %w", err)
	}
	return out.Bytes(), nil
}

// missing returns the first character of the slip that the font lacks, or 0.
func (slip *Slip) missing(f *Font) rune {
	texts := append(append([]string{slip.title, slip.mark}, slip.head...), slip.foot...)
	for _, r := range append(append([]row{}, slip.amounts...), slip.rows...) {
		texts = append(texts, r.name, r.value)
	}
	for _, text := range texts {
		if r := f.missing(text); r != 0 {
			return r
		}
	}
	return 0
}

func (slip *Slip) draw(size *fpdf.SizeType) *sheet {
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: *size})
	pdf.SetCreationDate(slip.at.UTC())
	pdf.SetModificationDate(slip.at.UTC())
	pdf.SetCatalogSort(true)
	pdf.SetProducer("posagent", true)
	pdf.SetTitle(slip.title, true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCellMargin(0)
	sh := &sheet{pdf: pdf, font: slip.printer.Font, y: margin}
	if sh.font != nil {
		pdf.AddUTF8FontFromBytes("shop", "", sh.font.data)
	}
	pdf.AddPage()
	sh.centre(largeSize, slip.head...)
	sh.centre(smallSize, slip.title)
	if slip.mark != "" {
		sh.centre(largeSize, slip.mark)
	}
	sh.rule()
	for _, r := range slip.amounts {
		sh.pair(r, largeSize)
	}
	sh.rule()
	for _, r := range slip.rows {
		sh.pair(r, smallSize)
	}
	if len(slip.foot) > 0 {
		sh.rule()
		sh.centre(smallSize, slip.foot...)
	}
	return sh
}

func (sh *sheet) size(points float64) {
	switch {
	case sh.font != nil:
		sh.pdf.SetFont("shop", "", points)
	case points == largeSize:
		sh.pdf.SetFont("Helvetica", "B", points)
	default:
		sh.pdf.SetFont("Helvetica", "", points)
	}
}

// text is a text as the font wants it.
func (sh *sheet) text(text string) string {
	if sh.font != nil {
		return text
	}
	return latin1(text)
}

// parts breaks a text into lines that fit, between any two characters.
func (sh *sheet) parts(text string, width float64) []string {
	var parts []string
	line := ""
	for _, r := range text {
		if next := line + string(r); line == "" || sh.pdf.GetStringWidth(sh.text(next)) <= width {
			line = next
			continue
		}
		parts, line = append(parts, line), string(r)
	}
	return append(parts, line)
}

func (sh *sheet) line(text, align string, points float64) {
	sh.pdf.SetXY(margin, sh.y)
	height := lineHeight * points / smallSize
	sh.pdf.CellFormat(pageWidth-2*margin, height, sh.text(text), "", 0, align, false, 0, "")
	sh.y += height
}

func (sh *sheet) centre(points float64, list ...string) {
	sh.size(points)
	for _, text := range list {
		for _, part := range sh.parts(text, pageWidth-2*margin) {
			sh.line(part, "C", points)
		}
	}
}

func (sh *sheet) rule() {
	sh.y += 1.5
	sh.pdf.Line(margin, sh.y, pageWidth-margin, sh.y)
	sh.y += 1.5
}

// pair puts name and value on one line, or the value below its name.
func (sh *sheet) pair(r row, points float64) {
	const gap = 3
	sh.size(points)
	room := pageWidth - 2*margin
	width := func(text string) float64 { return sh.pdf.GetStringWidth(sh.text(text)) }
	if width(r.name)+gap+width(r.value) <= room {
		top := sh.y
		sh.line(r.name, "L", points)
		sh.y = top
		sh.line(r.value, "R", points)
		return
	}
	for _, part := range sh.parts(r.name, room) {
		sh.line(part, "L", points)
	}
	for _, part := range sh.parts(r.value, room) {
		sh.line(part, "R", points)
	}
}
