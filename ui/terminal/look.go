package terminal

import (
	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// depth is how many colours a terminal has.
type depth string

const (
	mono    depth = "mono"    // none, or none wanted
	sixteen depth = "sixteen" // the names of ANSI; eight are taken for sixteen
	full    depth = "full"    // 256 and more: the window's own colours, or the nearest
)

func depthOf(colors int) depth {
	switch {
	case colors >= 256:
		return full
	case colors >= 8:
		return sixteen
	}
	return mono
}

// look is how the parts of a screen are drawn: styles for one depth of colours, and
// icons for one set of characters.
type look struct {
	depth depth
	// plain: the terminal's font has little beyond ASCII, as on a Linux console.
	plain bool

	ground, muted, strong, trouble tcell.Style
	key, label, off, main, danger  tcell.Style
	picked                         tcell.Style
}

func newLook(d depth, plain bool) look {
	l := look{depth: d, plain: plain}
	base := tcell.StyleDefault
	switch d {
	case full:
		l.ground = base.Background(tcell.NewHexColor(0x10161C)).Foreground(tcell.NewHexColor(0xF5F8FA))
		l.muted = l.ground.Foreground(tcell.NewHexColor(0xB4C2CE))
		l.trouble = l.ground.Foreground(tcell.NewHexColor(0xFFB3AD)).Bold(true)
		l.label = base.Background(tcell.NewHexColor(0x2D3B49)).Foreground(tcell.NewHexColor(0xFFFFFF))
		l.main = base.Background(tcell.NewHexColor(0x6CB6FF)).Foreground(tcell.NewHexColor(0x04121F))
		l.danger = l.label.Foreground(tcell.NewHexColor(0xFFC4BF))
		l.off = base.Background(tcell.NewHexColor(0x161D24)).Foreground(tcell.NewHexColor(0x8493A0))
		l.picked = base.Background(tcell.NewHexColor(0x0B4F96)).Foreground(tcell.NewHexColor(0xFFFFFF))
	case sixteen:
		l.ground = base.Background(tcell.ColorBlack).Foreground(tcell.ColorWhite)
		l.muted = l.ground.Foreground(tcell.ColorSilver)
		l.trouble = l.ground.Foreground(tcell.ColorYellow).Bold(true)
		l.label = base.Background(tcell.ColorSilver).Foreground(tcell.ColorBlack)
		l.main = base.Background(tcell.ColorNavy).Foreground(tcell.ColorWhite)
		l.danger = base.Background(tcell.ColorMaroon).Foreground(tcell.ColorWhite)
		l.off = l.ground.Foreground(tcell.ColorSilver)
		l.picked = base.Background(tcell.ColorNavy).Foreground(tcell.ColorWhite)
	case mono:
		l.ground, l.muted, l.off = base, base, base.Dim(true)
		l.trouble = base.Bold(true)
		l.label, l.danger = base.Reverse(true), base.Reverse(true)
		l.main, l.picked = base.Reverse(true).Bold(true), base.Reverse(true)
	}
	l.strong = l.ground.Bold(true)
	l.key = l.label.Bold(true)
	return l
}

// role is a band in a role's colour.
func (l look) role(r model.Role) tcell.Style {
	base := tcell.StyleDefault.Bold(true)
	switch l.depth {
	case full:
		back, fore := roleColors(r)
		return base.Background(tcell.NewHexColor(back)).Foreground(tcell.NewHexColor(fore))
	case sixteen:
		back, fore := roleNames(r)
		return base.Background(back).Foreground(fore)
	case mono:
	}
	return base.Reverse(true)
}

// roleColors are those of the window: a cashier learns one set.
func roleColors(r model.Role) (back, fore int32) {
	const white, black = 0xFFFFFF, 0x000000
	switch r {
	case model.RoleScan:
		return 0x0B4F96, white
	case model.RoleBusy:
		return 0xF5B400, black
	case model.RolePaid:
		return 0x0E612C, white
	case model.RoleRefused:
		return 0xA31515, white
	case model.RoleUnknown:
		return 0x6A1B9A, white
	case model.RoleCancelled:
		return 0x4A4F55, white
	case model.RoleWarning:
		return 0xFF9A3D, black
	case model.RoleIdle:
	}
	return 0x3C4F5A, white
}

// roleNames are the nearest of the sixteen that can be read: white on ANSI's green
// or yellow cannot.
func roleNames(r model.Role) (back, fore tcell.Color) {
	switch r {
	case model.RoleScan:
		return tcell.ColorNavy, tcell.ColorWhite
	case model.RoleBusy, model.RoleWarning:
		return tcell.ColorOlive, tcell.ColorBlack
	case model.RolePaid:
		return tcell.ColorGreen, tcell.ColorBlack
	case model.RoleRefused:
		return tcell.ColorMaroon, tcell.ColorWhite
	case model.RoleUnknown:
		return tcell.ColorPurple, tcell.ColorWhite
	case model.RoleIdle, model.RoleCancelled:
	}
	return tcell.ColorSilver, tcell.ColorBlack
}

// mark is an icon in its role's colour. It stands in a cell of that colour and not
// as coloured text: dark roles could not be seen on the ground.
func (l look) mark(r model.Role) tcell.Style {
	if r == "" {
		return l.ground
	}
	return l.role(r)
}

// icon is a picture of one cell that usual fonts of terminals have, or of letters
// where the font has little.
func (l look) icon(i model.Icon) string {
	if l.plain {
		return plainIcon(i)
	}
	switch i {
	case model.IconReady:
		return "●"
	case model.IconScan:
		return "►"
	case model.IconWait:
		return "…"
	case model.IconPhone:
		return "□"
	case model.IconCheck:
		return "✓"
	case model.IconCross:
		return "✗"
	case model.IconBack:
		return "←"
	case model.IconAsk:
		return "?"
	case model.IconPerson, model.IconWarning, model.IconPlug:
		return "!"
	case model.IconClock:
		return "○"
	case model.IconLock:
		return "*"
	case model.IconList:
		return "≡"
	case model.IconSound:
		return "♪"
	case model.IconNone:
	}
	return ""
}

func plainIcon(i model.Icon) string {
	switch i {
	case model.IconReady:
		return "-"
	case model.IconScan:
		return "#"
	case model.IconWait, model.IconClock:
		return "~"
	case model.IconPhone:
		return "T"
	case model.IconCheck:
		return "OK"
	case model.IconCross:
		return "X"
	case model.IconBack:
		return "<"
	case model.IconAsk:
		return "?"
	case model.IconPerson, model.IconWarning, model.IconPlug:
		return "!"
	case model.IconLock:
		return "*"
	case model.IconList:
		return "="
	case model.IconSound:
		return ")"
	case model.IconNone:
	}
	return ""
}

// level is an indicator's mark.
func (l look) level(v model.Level) (string, tcell.Style) {
	switch v {
	case model.LevelOK:
		if l.plain {
			return "+", l.levelStyle(0x4CC27A, tcell.ColorGreen)
		}
		return "●", l.levelStyle(0x4CC27A, tcell.ColorGreen)
	case model.LevelWarn:
		return "!", l.levelStyle(0xFFB84D, tcell.ColorYellow).Bold(true)
	case model.LevelBad:
		if l.plain {
			return "X", l.levelStyle(0xFF7B72, tcell.ColorRed).Bold(true)
		}
		return "✗", l.levelStyle(0xFF7B72, tcell.ColorRed).Bold(true)
	case model.LevelOff:
	}
	if l.plain {
		return "-", l.muted
	}
	return "○", l.muted
}

func (l look) levelStyle(rgb int32, name tcell.Color) tcell.Style {
	switch l.depth {
	case full:
		return l.ground.Foreground(tcell.NewHexColor(rgb))
	case sixteen:
		return l.ground.Foreground(name)
	case mono:
	}
	return l.ground
}
