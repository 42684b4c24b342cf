package ui

import (
	"image/color"
	"math"
	"testing"

	"posagent/ui/model"
)

// contrast is that of WCAG 2.2: relative luminance of sRGB, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func TestContrastIsComputedAsWCAGDoes(t *testing.T) {
	if got := contrast(hex(0xFFFFFF), hex(0x000000)); math.Abs(got-21) > 0.01 {
		t.Errorf("white on black is %.2f, not 21", got)
	}
	if got := contrast(hex(0x777777), hex(0xFFFFFF)); math.Abs(got-4.48) > 0.01 {
		t.Errorf("#777 on white is %.2f, not 4.48", got)
	}
}

func TestEveryTextHasAContrastOfSevenToOne(t *testing.T) {
	for name, p := range map[string]*Palette{"dark": DarkPalette(), "light": LightPalette()} {
		pairs := map[string]Paint{
			"text on ground": {p.Ground, p.Text}, "text on panel": {p.Panel, p.Text},
			"muted on ground": {p.Ground, p.Muted}, "muted on panel": {p.Panel, p.Muted},
			"mistake on panel": {p.Panel, p.Trouble}, "mistake on ground": {p.Ground, p.Trouble},
			"plain button": p.Plain, "main button": p.Main, "dangerous button": p.Danger, "chosen row": p.Picked,
		}
		for _, r := range allRoles() {
			if _, ok := p.roles[r]; !ok {
				t.Errorf("%s: role %q has no colour", name, r)
			}
			pairs["band of "+string(r)] = p.Role(r)
		}
		for what, pair := range pairs {
			if got := contrast(pair.Back, pair.Fore); got < 7 {
				t.Errorf("%s: %s has a contrast of %.2f, less than 7", name, what, got)
			}
		}
	}
}

// WCAG 2.2 asks 3:1 of what is no text (1.4.11).
func TestMarksAndFramesCanBeSeen(t *testing.T) {
	for name, p := range map[string]*Palette{"dark": DarkPalette(), "light": LightPalette()} {
		for _, l := range []model.Level{model.LevelOK, model.LevelWarn, model.LevelBad, model.LevelOff} {
			if got := contrast(p.Level(l), p.Ground); got < 3 {
				t.Errorf("%s: the mark of %q has a contrast of %.2f, less than 3", name, l, got)
			}
		}
		if got := contrast(p.Focus, p.Panel); got < 3 {
			t.Errorf("%s: the frame of the focused field has a contrast of %.2f, less than 3", name, got)
		}
		if got := contrast(p.Off.Back, p.Off.Fore); got < 3 {
			t.Errorf("%s: a button that is off has a contrast of %.2f, less than 3", name, got)
		}
	}
}

func TestNoTwoMeaningsShareAColour(t *testing.T) {
	p := DarkPalette()
	seen := map[color.NRGBA]model.Role{}
	for _, r := range allRoles() {
		if other, ok := seen[p.Role(r).Back]; ok {
			t.Errorf("%s looks like %s", r, other)
		}
		seen[p.Role(r).Back] = r
	}
}

func allRoles() []model.Role {
	return []model.Role{
		model.RoleIdle, model.RoleScan, model.RoleBusy, model.RolePaid,
		model.RoleRefused, model.RoleUnknown, model.RoleCancelled, model.RoleWarning,
	}
}
