package ui

import (
	"bytes"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"posagent/offline/cashier"
	"posagent/ui/model"
	"posagent/ui/words"
)

var writeManual = flag.Bool("manual.update", false, "draw the pictures of docs/cashier anew")

const manualFolder = "../docs/cashier"

// manualPictures are the screens that the quick start shows, by the names of their files.
func manualPictures() map[string]string {
	return map[string]string{
		"waiting": "waiting", "paid": "paid", "refused": "code.USER_BALANCE_NOT_ENOUGH", "unknown": "checking",
	}
}

// heaviest is the largest that a picture of the manual may be, in bytes.
const heaviest = 60_000

func TestTheManualShowsTheWindowAsItIs(t *testing.T) {
	for _, lang := range cashier.Langs() {
		if raceEnabled && lang != cashier.Thai && !*writeManual {
			continue
		}
		t.Run(string(lang), func(t *testing.T) {
			test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
			b, err := NewBoard(Options{Palette: DarkPalette(), Faces: Faces(), Do: func(model.Event) {}})
			if err != nil {
				t.Fatal(err)
			}
			w := test.NewTempWindow(t, b)
			w.SetPadded(false)
			w.Resize(fyne.NewSize(800, 600))
			all := gallery(t, lang, false, plain())
			for file, name := range manualPictures() {
				i := slices.IndexFunc(all, func(s shown) bool { return strings.HasPrefix(s.name, name+" (") })
				b.Apply(withoutCue(all[i].screen))
				path := filepath.Join(manualFolder, "img", string(lang)+"-"+file+".png")
				drawn := reduced(w.Canvas().Capture())
				if *writeManual {
					writePicture(t, path, drawn)
				}
				comparePicture(t, path, drawn)
			}
		})
	}
}

// withoutCue is a screen after its sound is over.
func withoutCue(s model.Screen) model.Screen {
	s.Cue = model.Cue{}
	return s
}

func writePicture(t *testing.T, path string, img image.Image) {
	t.Helper()
	var data bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := errors.Join(enc.Encode(&data, img), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// comparePicture asks whether a committed picture shows what is drawn. Another
// processor rounds the edges of letters otherwise; another word changes more.
func comparePicture(t *testing.T, path string, drawn image.Image) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v: make manual draws it", err)
		return
	}
	if len(data) > heaviest {
		t.Errorf("%s has %d bytes, more than %d", path, len(data), heaviest)
	}
	kept, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if n := differ(kept, drawn); n > 60 {
		t.Errorf("%s differs from the window in %d pixels: make manual draws it anew", path, n)
	}
}

func differ(a, b image.Image) int {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if far(a.At(x, y), b.At(x, y)) > 3*80*80 {
				n++
			}
		}
	}
	return n
}

// far is the square of the distance of two colours, each channel from 0 to 255.
func far(a, b color.Color) int {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	square := func(x, y uint32) int { d := int(x>>8) - int(y>>8); return d * d }
	return square(ar, br) + square(ag, bg) + square(ab, bb)
}

// reduced is a picture in the 64 colours that it has most of; the others, edges of
// letters all of them, get the nearest.
func reduced(img image.Image) *image.Paletted {
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	area := img.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	var list []color.RGBA
	for c := range count {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b color.RGBA) int {
		if n := count[b] - count[a]; n != 0 {
			return n
		}
		return (int(a.R)<<16 | int(a.G)<<8 | int(a.B)) - (int(b.R)<<16 | int(b.G)<<8 | int(b.B))
	})
	var palette color.Palette
	for _, c := range list[:min(64, len(list))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range list {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(image.Rect(0, 0, area.Dx(), area.Dy()), palette)
	for y := range area.Dy() {
		for x := range area.Dx() {
			out.SetColorIndex(x, y, nearest[at(area.Min.X+x, area.Min.Y+y)])
		}
	}
	return out
}

// manualTold are the texts that every language's page has to name: the way of a
// sale, each end of one, and what is done afterwards.
func manualTold() []string {
	return []string{
		"waiting", "processing", "confirming", "checking", "paid", "declined", "declined.top_up", "declined.rescan", "reversing", "cancelled",
		"cancelled.closed", "cancelled.returned", "expired", "attention",
		"button.new", "button.charge", "button.next", "button.cancel", "button.cancel_yes", "button.cancel_no", "button.check",
		"button.copy", "button.history", "button.details", "button.refund", "button.void", "button.reprint", "button.shift", "button.shift_close",
		"button.cases", "button.warnings", "button.language", "label.action", "label.say", "idle.title", "offline.title", "pin.title",
		"shift.nothing_open", "shift.open",
	}
}

// quoted finds the window's words on a page, and the key that it gives for a button.
var quoted = regexp.MustCompile(`\*\*([^*]+)\*\*(?: ?[（(]([A-Za-z0-9]+)[)）])?`)

func TestTheManualQuotesTheWindowsOwnWords(t *testing.T) {
	for _, lang := range languages() {
		page, err := os.ReadFile(filepath.Join(manualFolder, string(lang)+".md"))
		if err != nil {
			t.Error(err)
			continue
		}
		own, keys := ownWords(t, lang)
		named := map[string]bool{}
		for _, m := range quoted.FindAllStringSubmatch(string(page), -1) {
			text, key := m[1], m[2]
			named[text] = true
			if !own[text] {
				t.Errorf("%s.md: %q stands on no screen in this language", lang, text)
			}
			if key != "" && !keys[text][model.Key(key)] {
				t.Errorf("%s.md: %q has not the key %s, but %v", lang, text, key, keys[text])
			}
		}
		for _, cells := range rowsOfResults(string(page)) {
			do, say := cells[3], cells[4]
			if !strings.Contains(do, "**") && !own[do] || say != "" && !own[say] {
				t.Errorf("%s.md: %q and %q stand on no screen in this language", lang, do, say)
			}
		}
		for _, key := range manualTold() {
			text := wordOf(t, lang, key)
			if !named[text] {
				t.Errorf("%s.md does not name %q (%s)", lang, text, key)
			}
		}
		for file := range manualPictures() {
			if !strings.Contains(string(page), "(img/"+string(lang)+"-"+file+".png)") {
				t.Errorf("%s.md does not show the picture %s", lang, file)
			}
		}
	}
}

// rowsOfResults are the rows of the table of results: colour, titles, money, what to
// do, what to say.
func rowsOfResults(page string) [][]string {
	var rows [][]string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 3 {
		return nil
	}
	return rows[2:] // below the head
}

// wordOf is a text of the window, or the title of a message.
func wordOf(t *testing.T, lang cashier.Lang, key string) string {
	t.Helper()
	w, err := words.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	if text := w.T(key); text != key {
		return text
	}
	return cashier.In(lang, key).Title
}

// ownWords are all texts of a language's screens, and the keys of what is a button.
func ownWords(t *testing.T, lang cashier.Lang) (own map[string]bool, keys map[string]map[model.Key]bool) {
	t.Helper()
	own, keys = map[string]bool{}, map[string]map[model.Key]bool{}
	w, err := words.New(lang)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range w.Keys() {
		own[w.T(key)] = true
	}
	for _, key := range cashier.Keys() {
		text := cashier.In(lang, key)
		for _, part := range []string{text.Title, text.Money, text.Action, text.Say} {
			own[part] = true
		}
	}
	for _, s := range gallery(t, lang, false, plain()) {
		own[s.screen.Band.Title] = true
		for _, b := range s.screen.Buttons {
			if keys[b.Label] == nil {
				keys[b.Label] = map[model.Key]bool{}
			}
			keys[b.Label][b.Key] = true
		}
	}
	return own, keys
}
