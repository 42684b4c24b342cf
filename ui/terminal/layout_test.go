package terminal

import (
	"strings"
	"testing"
	"unicode"

	"github.com/gdamore/tcell/v2"

	"posagent/internal/localapi/wire"
	"posagent/ui"
	"posagent/ui/model"
)

// squashed is a text without blanks, so that line breaks do not count.
func squashed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

func TestNothingThatMattersIsCutOn80By24InAnyLanguage(t *testing.T) {
	for _, lang := range languages() {
		for kind, s := range screens(t, lang.Tag) {
			for _, plain := range []bool{false, true} {
				text := newLook(full, plain).compose(s, 80, 24).grid.String()
				if plain && lang.Tag != "en" {
					continue // never drawn
				}
				// Beside a label a text has rows of its own, so it is looked for by its
				// words in their order.
				for _, part := range []string{s.Band.Title, s.Money, s.Action, s.Say, s.Notice.Title, s.Notice.Text, s.Countdown.Text} {
					if plain {
						part = strings.ReplaceAll(part, "…", "~")
					}
					for _, row := range strings.Fields(part) {
						if !inOrder(squashed(text), squashed(row)) {
							t.Errorf("%s %s: %q is not on the screen:\n%s", lang.Tag, kind, row, text)
						}
					}
				}
				for _, b := range s.Buttons {
					if !strings.Contains(text, b.KeyText+" "+b.Label) {
						t.Errorf("%s %s: the button %s %s is not on the screen:\n%s", lang.Tag, kind, b.KeyText, b.Label, text)
					}
				}
				for _, in := range s.Indicators {
					if !strings.Contains(text, in.Label) || in.Level == model.LevelBad && !strings.Contains(text, in.State) {
						t.Errorf("%s %s: the indicator %s %s is not on the screen:\n%s", lang.Tag, kind, in.Label, in.State, text)
					}
				}
			}
		}
	}
}

// inOrder tells whether a word stands in a text, perhaps with a label of the next
// row in between.
func inOrder(text, word string) bool {
	if strings.Contains(text, word) {
		return true
	}
	runes := []rune(word)
	for cut := 1; cut < len(runes); cut++ {
		head, tail := string(runes[:cut]), string(runes[cut:])
		if i := strings.Index(text, head); i >= 0 && strings.Contains(text[i:], tail) {
			return true
		}
	}
	return false
}

func TestNoSizeOfATerminalBreaksAScreen(t *testing.T) {
	all := screens(t, "th")
	l := newLook(sixteen, false)
	for _, w := range []int{0, 1, 2, 20, 79, 120, 300} {
		for _, h := range []int{0, 1, 3, 5, 10, 16, 25, 100} {
			for kind, s := range all {
				p := l.compose(s, w, h)
				if p.grid.w != w || p.grid.h != h {
					t.Fatalf("%s on %d × %d is drawn on %d × %d", kind, w, h, p.grid.w, p.grid.h)
				}
				for _, target := range p.targets {
					if target.y >= h || target.y < 0 {
						t.Fatalf("%s on %d × %d: %+v is outside", kind, w, h, target)
					}
				}
			}
		}
	}
}

func TestAResultStaysOnTheSmallestTerminal(t *testing.T) {
	for kind, s := range screens(t, "en") {
		for _, size := range [][2]int{{60, 16}, {50, 14}} {
			text := newLook(full, false).compose(s, size[0], size[1]).grid.String()
			for _, part := range []string{s.Band.Title, s.Money} {
				if !inOrder(squashed(text), squashed(part)) {
					t.Errorf("%s on %v: %q is not on the screen:\n%s", kind, size, part, text)
				}
			}
			for _, b := range s.Buttons {
				if kind != model.KindDetails && !strings.Contains(text, b.Label) { // seven buttons and a trail need more
					t.Errorf("%s on %v: the button %s is not on the screen:\n%s", kind, size, b.Label, text)
				}
			}
		}
	}
}

func TestTheChosenRowIsAlwaysInView(t *testing.T) {
	s := history(t, "en")
	for i := range 9 {
		picture := newLook(mono, false).compose(s.m.Screen(), 80, 14)
		list := s.m.Screen().List
		if want := list.Rows[list.Selected].Small; !strings.Contains(picture.grid.String(), want) {
			t.Fatalf("after %d steps down the chosen row %s is out of view:\n%s", i, want, picture.grid)
		}
		s.do(model.KeyPressed{At: s.now, Key: model.KeyDown})
	}
}

func TestAWideTerminalShowsTheLatestSales(t *testing.T) {
	s := idle(t, "en").m.Screen()
	if text := newLook(full, false).compose(s, 140, 40).grid.String(); !strings.Contains(text, s.RecentHead) || !strings.Contains(text, "08:59") {
		t.Errorf("the latest sales are missing:\n%s", text)
	}
	if text := newLook(full, false).compose(s, 80, 24).grid.String(); strings.Contains(text, s.RecentHead) {
		t.Errorf("there is no room for the latest sales:\n%s", text)
	}
}

func TestAPINIsNeverDrawn(t *testing.T) {
	s := screens(t, "en")[model.KindPIN]
	text := newLook(full, false).compose(s, 80, 24).grid.String()
	if strings.Contains(text, "4711") || !strings.Contains(text, "****") {
		t.Errorf("the PIN:\n%s", text)
	}
	for i := range s.Fields { // even if a screen held it
		if s.Fields[i].Secret {
			s.Fields[i].Text = "4711"
		}
	}
	if text := newLook(full, false).compose(s, 80, 24).grid.String(); strings.Contains(text, "4711") {
		t.Errorf("the PIN:\n%s", text)
	}
}

func TestATrainingTillSaysSoOnEveryScreen(t *testing.T) {
	s := idle(t, "en", func(c *model.Config) { c.Training = true }).m.Screen()
	if s.Training == "" {
		t.Fatal("the model says nothing of training")
	}
	if text := newLook(full, false).compose(s, 80, 24).grid.String(); !strings.Contains(text, s.Training) {
		t.Errorf("no band of training:\n%s", text)
	}
}

func TestTheCursorStandsWhereTheNextCharacterGoes(t *testing.T) {
	p := newLook(full, false).compose(screens(t, "en")[model.KindPIN], 80, 24)
	row := strings.Split(p.grid.String(), "\n")[p.cursorY]
	if p.cursorX < 0 || !strings.HasSuffix(row[:p.cursorX], "****") {
		t.Errorf("the cursor is at %d, %d: %q", p.cursorX, p.cursorY, row)
	}
	if p := newLook(full, false).compose(screens(t, "en")[model.KindPaid], 80, 24); p.cursorX >= 0 {
		t.Error("a cursor where nothing is typed")
	}
}

func TestColoursAreThoseOfTheWindow(t *testing.T) {
	palette := ui.DarkPalette()
	for _, r := range []model.Role{
		model.RoleIdle, model.RoleScan, model.RoleBusy, model.RolePaid, model.RoleRefused, model.RoleUnknown, model.RoleCancelled, model.RoleWarning,
	} {
		back, fore := roleColors(r)
		want := palette.Role(r)
		if rgb(want.Back.R, want.Back.G, want.Back.B) != back || rgb(want.Fore.R, want.Fore.G, want.Fore.B) != fore {
			t.Errorf("%s is %06x on %06x here and %v in the window", r, fore, back, want)
		}
	}
}

func TestButtonsAndTextHaveTheColoursOfTheWindow(t *testing.T) {
	l, palette := newLook(full, false), ui.DarkPalette()
	for _, row := range []struct {
		name  string
		style tcell.Style
		want  ui.Paint
	}{
		{"text", l.ground, ui.Paint{Back: palette.Ground, Fore: palette.Text}},
		{"labels", l.muted, ui.Paint{Back: palette.Ground, Fore: palette.Muted}},
		{"mistakes", l.trouble, ui.Paint{Back: palette.Ground, Fore: palette.Trouble}},
		{"buttons", l.label, palette.Plain}, {"the main button", l.main, palette.Main}, {"dangerous buttons", l.danger, palette.Danger},
		{"buttons that do nothing", l.off, palette.Off}, {"the chosen row", l.picked, palette.Picked},
	} {
		fore, back, _ := row.style.Decompose()
		if back.Hex() != rgb(row.want.Back.R, row.want.Back.G, row.want.Back.B) || fore.Hex() != rgb(row.want.Fore.R, row.want.Fore.G, row.want.Fore.B) {
			t.Errorf("%s: %06x on %06x here, %v in the window", row.name, fore.Hex(), back.Hex(), row.want)
		}
	}
}

func TestAConsoleIsSentOnlyWhatItsFontHas(t *testing.T) {
	const beyondASCII = "·█▀▄░→ÄÖÜäöüßéè£¥" // of code page 437
	for kind, s := range screens(t, "en") {
		for _, r := range newLook(sixteen, true).compose(s, 80, 24).grid.String() {
			if r > '~' && !strings.ContainsRune(beyondASCII, r) && kind != model.KindLanguage { // a console is offered English alone
				t.Errorf("%s: %q cannot be drawn on a console", kind, r)
			}
		}
	}
}

func rgb(r, g, b uint8) int32 { return int32(r)<<16 | int32(g)<<8 | int32(b) }

func TestRolesCanBeToldApartWithoutColours(t *testing.T) {
	if depthOf(0) != mono || depthOf(8) != sixteen || depthOf(16) != sixteen || depthOf(256) != full || depthOf(1<<24) != full {
		t.Error("the depth of colours is misjudged")
	}
	l := newLook(mono, true)
	_, _, attributes := l.role(model.RolePaid).Decompose()
	if attributes&tcell.AttrReverse == 0 {
		t.Error("a band without colours is not reversed")
	}
	all := screens(t, "en")
	seen := map[string]model.Kind{}
	for _, kind := range []model.Kind{model.KindPaid, model.KindDeclined, model.KindAttention, model.KindChecking, model.KindReversing, model.KindWaiting} {
		band := l.icon(all[kind].Band.Icon) + all[kind].Band.Title
		if other, ok := seen[band]; ok {
			t.Errorf("%s looks like %s", kind, other)
		}
		seen[band] = kind
	}
}

func TestADisabledButtonIsDrawnAsSuchAndCannotBeClicked(t *testing.T) {
	s := selling(t, "en", saleOf(wire.Confirming, "confirming")).press("check").m.Screen()
	p := newLook(mono, false).compose(s, 80, 24)
	if !strings.Contains(p.grid.String(), "(Ask again)") {
		t.Errorf("the button looks as if it did something:\n%s", p.grid)
	}
	for _, target := range p.targets {
		if target.event == (model.Pressed{ID: "check"}) {
			t.Error("a disabled button can be clicked")
		}
	}
}
