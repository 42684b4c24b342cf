package fonts

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/cashier"
	"posagent/ui/words"
)

var update = flag.Bool("update", false, "write the files in chars anew, for make fonts")

// texts are all that can be read in a language: the catalogue, the window's words,
// amounts, times and the language's name.
func texts(t *testing.T, lang cashier.Lang) []string {
	t.Helper()
	told, err := cashier.Translate(lang)
	if err != nil {
		t.Fatal(err)
	}
	w, err := words.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{lang.Name()}
	for _, key := range told.Keys() {
		text, _ := told.Find(key)
		list = append(list, text.Title, text.Money, text.Action, text.Say)
	}
	for _, key := range w.Keys() {
		list = append(list, w.T(key))
	}
	for _, c := range offline.Currencies() {
		list = append(list, w.Money(wire.Money{Currency: c, Value: -1234567890}))
	}
	for m := time.January; m <= time.December; m++ {
		at := time.Date(2026, m, 3, 14, 56, 7, 0, time.UTC)
		list = append(list, w.Day(at), w.Moment(at), w.Clock(at), w.Span(1234567*time.Second))
	}
	return list
}

// common are characters that any language's screen may show beside its own texts:
// codes, numbers, names of keys, masks of payment codes and PINs, arrows of the
// trail.
func common() []rune {
	var list []rune
	for r := rune(' '); r <= '~'; r++ {
		list = append(list, r)
	}
	for r := rune(0xa1); r <= 0xff; r++ {
		if r != 0xad { // the soft hyphen is not drawn
			list = append(list, r)
		}
	}
	return append(list, []rune("•…–—‘’“”")...)
}

// shown are the characters that the font of a language must have.
func shown(t *testing.T, lang cashier.Lang) []rune {
	t.Helper()
	set := map[rune]bool{}
	for _, r := range common() {
		set[r] = true
	}
	for _, s := range texts(t, lang) {
		for _, r := range s {
			set[r] = true
		}
	}
	var list []rune
	for r := range set {
		list = append(list, r)
	}
	slices.Sort(list)
	return list
}

func parse(t *testing.T, data []byte) *font.Face {
	t.Helper()
	f, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// lacking are the characters of a list that a font has no glyph for.
func lacking(f *font.Face, list []rune) string {
	var s strings.Builder
	for _, r := range list {
		if g, ok := f.NominalGlyph(r); !ok || g == 0 {
			fmt.Fprintf(&s, "%c (%U) ", r, r)
		}
	}
	return s.String()
}

// file is the list of characters that make fonts puts into a font.
func file(lang cashier.Lang) string { return "chars/" + string(lang) + ".txt" }

func TestCharactersAreListedForMakingTheFonts(t *testing.T) {
	for _, lang := range cashier.Langs()[1:] {
		want := shown(t, lang)
		if *update {
			var b strings.Builder
			list := append(slices.Clone(want), additional(lang)...)
			slices.Sort(list)
			for _, r := range slices.Compact(list) {
				fmt.Fprintf(&b, "%04X\n", r)
			}
			if err := os.WriteFile(file(lang), []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(file(lang))
		if err != nil {
			t.Fatal(err)
		}
		listed := map[rune]bool{}
		for _, hex := range strings.Fields(string(data)) {
			n, err := strconv.ParseInt(hex, 16, 32)
			if err != nil {
				t.Fatalf("%s: %v", file(lang), err)
			}
			listed[rune(n)] = true
		}
		for _, r := range want {
			if !listed[r] {
				t.Errorf("%s lacks %c (%U): run make fonts", file(lang), r, r)
			}
		}
	}
}

// additional are letters that no text has, but that the font gets with its own
// script: the names of the other languages in their list, and all of a script that
// is small, for what is typed.
func additional(lang cashier.Lang) []rune {
	var list []rune
	add := func(from, to rune) {
		for r := from; r <= to; r++ {
			if unicode.IsGraphic(r) {
				list = append(list, r)
			}
		}
	}
	switch lang {
	case cashier.Japanese:
		add(0x3001, 0x3003)
		add(0x300c, 0x300f)
		add(0x3041, 0x3096)
		add(0x30a0, 0x30ff)
	case cashier.Thai:
		add(0x0e01, 0x0e3a)
		add(0x0e3f, 0x0e5b)
		return list
	case cashier.SimplifiedChinese, cashier.TraditionalChinese:
		add(0x3001, 0x3003)
		add(0x300a, 0x3011)
	case cashier.Korean, cashier.English:
	}
	list = append(list, []rune("→")...)
	for _, l := range cashier.Langs()[1:5] {
		list = append(list, []rune(l.Name())...)
	}
	return list
}

func TestEveryFontHasEveryCharacterOfItsLanguage(t *testing.T) {
	faces := Faces()
	if len(faces) != len(cashier.Langs())-1 {
		t.Fatalf("%d faces", len(faces))
	}
	for _, face := range faces {
		want := shown(t, face.Lang)
		for weight, data := range map[string][]byte{"regular": face.Regular, "bold": face.Bold} {
			if s := lacking(parse(t, data), want); s != "" {
				t.Errorf("%s %s has no glyph for %s: run make fonts", face.Lang, weight, s)
			}
		}
		if bytes.Equal(face.Regular, face.Bold) {
			t.Errorf("%s: bold is not bold", face.Lang)
		}
	}
}

func TestTheToolkitsFontHasEveryCharacterOfEnglish(t *testing.T) {
	want := shown(t, cashier.English)
	for _, r := range []struct {
		weight string
		data   []byte
	}{{"regular", theme.DefaultTextFont().Content()}, {"bold", theme.DefaultTextBoldFont().Content()}} {
		if s := lacking(parse(t, r.data), want); s != "" {
			t.Errorf("%s has no glyph for %s: say it in other words", r.weight, s)
		}
	}
}

func TestFontsAreDrawnAtTheSameSizeInBothWeights(t *testing.T) {
	for _, face := range Faces() {
		var seen [2]font.FontExtents
		for i, data := range [][]byte{face.Regular, face.Bold} {
			f := parse(t, data)
			e, ok := f.FontHExtents()
			if !ok || f.Upem() != 1000 {
				t.Fatalf("%s: no height", face.Lang)
			}
			seen[i] = e
		}
		if seen[0] != seen[1] {
			t.Errorf("%s: %+v in regular, %+v in bold: lines would jump", face.Lang, seen[0], seen[1])
		}
	}
}

// Two vowels below and a consonant with a tail reach far under the line; what is
// lower than the font says is cut off.
func TestThaiVowelsBelowTheLineAreNotCutOff(t *testing.T) {
	for _, face := range Faces() {
		if face.Lang != cashier.Thai {
			continue
		}
		for _, data := range [][]byte{face.Regular, face.Bold} {
			f := parse(t, data)
			extents, _ := f.FontHExtents()
			for _, r := range "ฺุูญฐ่้๊๋ี" {
				g, _ := f.NominalGlyph(r)
				box, ok := f.GlyphExtents(g)
				if bottom := box.YBearing + box.Height; !ok || bottom < extents.Descender || box.YBearing > extents.Ascender {
					t.Errorf("%c reaches from %v to %v, the line from %v to %v", r, box.YBearing, bottom, extents.Ascender, extents.Descender)
				}
			}
			if len(f.GSUB.Lookups) == 0 && len(f.GPOS.Lookups) == 0 {
				t.Error("the rules for placing marks are gone")
			}
		}
	}
}

// A subset stays small, so that a window of six languages is not twice the program.
func TestAllFontsTogetherAreSmall(t *testing.T) {
	total := 0
	for _, face := range Faces() {
		total += len(face.Regular) + len(face.Bold)
		t.Logf("%s: regular %d, bold %d bytes", face.Lang, len(face.Regular), len(face.Bold))
	}
	if total > 2<<20 {
		t.Errorf("%d bytes", total)
	}
}

// The OFL asks that the licence goes with the fonts.
func TestTheLicenceIsInEveryFontAndBesideThem(t *testing.T) {
	ofl, err := os.ReadFile("noto/OFL.txt")
	if err != nil || !bytes.Contains(ofl, []byte("SIL OPEN FONT LICENSE Version 1.1")) {
		t.Errorf("no licence: %v", err)
	}
	for _, face := range Faces() {
		for _, data := range [][]byte{face.Regular, face.Bold} {
			wide := strings.Join(strings.Split("SIL Open Font License", ""), "\x00")
			if !bytes.Contains(data, []byte(wide)) {
				t.Errorf("%s has lost the name of its licence", face.Lang)
			}
		}
	}
}
