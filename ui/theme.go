package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Theme is what Fyne itself asks for: the colour behind the board. All else the
// board draws with its own Palette.
type Theme struct{ palette *Palette }

// NewTheme makes the theme of a palette; the system's own choice of dark or light
// is not followed, so that a till looks the same every day.
func NewTheme(p *Palette) *Theme { return &Theme{p} }

// Color is a colour of the palette where Fyne draws by itself.
func (t *Theme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch n {
	case theme.ColorNameBackground:
		return t.palette.Ground
	case theme.ColorNameForeground:
		return t.palette.Text
	}
	variant := theme.VariantLight
	if t.palette.Dark {
		variant = theme.VariantDark
	}
	return theme.DefaultTheme().Color(n, variant)
}

// Font is Fyne's own.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon is Fyne's own.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size is Fyne's own, but for the padding around the board: none.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNamePadding {
		return 0
	}
	return theme.DefaultTheme().Size(n)
}
