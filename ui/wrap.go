package ui

import (
	"slices"
	"strings"

	"github.com/go-text/typesetting/segmenter"

	"posagent/ui/phrase"
)

// measurer tells how wide a line of text is.
type measurer func(line string) float32

// torn tells whether a word is wider than a line, so that wrap has to break it.
func torn(text string, width float32, wide measurer) bool {
	if wide(text) <= width {
		return false
	}
	return slices.ContainsFunc(phrase.Split(text), func(piece string) bool { return wide(strings.TrimRight(piece, " \n")) > width })
}

// wrap breaks text into lines no wider than width, where the language allows it:
// between words or phrases, between most Chinese characters, and never between a
// letter and its marks. A word that is wider than a line is broken between letters.
func wrap(text string, width float32, wide measurer) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		lines = append(lines, wrapParagraph(paragraph, width, wide)...)
	}
	return lines
}

// even breaks a text anew if its last line is a short rest, so that one word, or one
// full stop, does not stand alone: into as many lines, of three quarters of the width.
func even(text string, width float32, lines []string, wide measurer) []string {
	if n := len(lines); n < 2 || wide(lines[n-1]) > width/4 || strings.Contains(text, "\n") {
		return lines
	}
	for _, part := range []float32{0.85, 0.75, 0.65} {
		if again := wrap(text, width*part, wide); len(again) == len(lines) && !torn(text, width*part, wide) {
			lines = again
		}
	}
	return lines
}

func wrapParagraph(text string, width float32, wide measurer) []string {
	if wide(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, piece := range pieces(text, width, wide) {
		if line != "" && wide(strings.TrimRight(line+piece, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += piece
	}
	return append(lines, strings.TrimRight(line, " "))
}

// pieces are the parts of a text that stay on one line: its phrases, or less of
// those that are wider than a line.
func pieces(text string, width float32, wide measurer) []string {
	narrow := func(piece string) bool { return wide(strings.TrimRight(piece, " ")) <= width }
	var out []string
	for _, piece := range phrase.Split(text) {
		if narrow(piece) {
			out = append(out, piece)
			continue
		}
		for _, part := range phrase.Legal(piece) {
			if narrow(part) {
				out = append(out, part)
				continue
			}
			out = append(out, letters(part)...)
		}
	}
	return out
}

// letters are what a reader takes for one letter each: a Thai consonant with its
// vowel and tone marks is one.
func letters(text string) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var out []string
	for g := seg.GraphemeIterator(); g.Next(); {
		next := string(g.Grapheme().Text)
		if n := len(out); n > 0 && !phrase.Within(out[n-1], next) {
			out[n-1] += next
			continue
		}
		out = append(out, next)
	}
	return out
}
