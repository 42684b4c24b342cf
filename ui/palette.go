package ui

import (
	"image/color"

	"posagent/ui/model"
)

// Paint is a background and what is written on it.
type Paint struct {
	Back, Fore color.NRGBA
}

// Palette is all colours of a board. Every Fore is readable on its Back, and Text
// and Muted on Ground and on Panel, at a contrast of 7:1 or more (WCAG 2.2, level
// AAA).
type Palette struct {
	Dark    bool
	Ground  color.NRGBA // behind all
	Panel   color.NRGBA // behind a part
	Text    color.NRGBA
	Muted   color.NRGBA // labels and small print
	Line    color.NRGBA // thin separators
	Focus   color.NRGBA // frame of the field that takes what is typed
	Plain   Paint       // buttons
	Main    Paint
	Danger  Paint
	Off     Paint // a button that does nothing now
	Picked  Paint // the row that is chosen
	roles   map[model.Role]Paint
	levels  map[model.Level]color.NRGBA
	Trouble color.NRGBA // text of a mistake in a field
}

// Role is the colour of a meaning.
func (p *Palette) Role(r model.Role) Paint {
	if paint, ok := p.roles[r]; ok {
		return paint
	}
	return p.roles[model.RoleIdle]
}

// Level is the colour of an indicator's mark.
func (p *Palette) Level(l model.Level) color.NRGBA {
	if c, ok := p.levels[l]; ok {
		return c
	}
	return p.levels[model.LevelOff]
}

// Mark is the colour of a role's mark beside text: clear on Ground and Panel.
func (p *Palette) Mark(r model.Role) color.NRGBA { return p.Role(r).Back }

// roles are the same in the dark and in the light: a cashier learns one set.
func roles() map[model.Role]Paint {
	white, black := hex(0xFFFFFF), hex(0x000000)
	return map[model.Role]Paint{
		model.RoleIdle:      {hex(0x3C4F5A), white},
		model.RoleScan:      {hex(0x0B4F96), white},
		model.RoleBusy:      {hex(0xF5B400), black},
		model.RolePaid:      {hex(0x0E612C), white},
		model.RoleRefused:   {hex(0xA31515), white},
		model.RoleUnknown:   {hex(0x6A1B9A), white},
		model.RoleCancelled: {hex(0x4A4F55), white},
		model.RoleWarning:   {hex(0xFF9A3D), black},
	}
}

// DarkPalette is for dim shops and bright customers.
func DarkPalette() *Palette {
	return &Palette{
		Dark: true, Ground: hex(0x10161C), Panel: hex(0x1B242D), Text: hex(0xF5F8FA), Muted: hex(0xB4C2CE),
		Line: hex(0x3A4855), Focus: hex(0xFFC107), Trouble: hex(0xFFB3AD),
		Plain: Paint{hex(0x2D3B49), hex(0xFFFFFF)}, Main: Paint{hex(0x6CB6FF), hex(0x04121F)},
		Danger: Paint{hex(0x2D3B49), hex(0xFFC4BF)}, Off: Paint{hex(0x161D24), hex(0x8493A0)},
		Picked: Paint{hex(0x0B4F96), hex(0xFFFFFF)},
		roles:  roles(),
		levels: map[model.Level]color.NRGBA{
			model.LevelOK: hex(0x4CC27A), model.LevelWarn: hex(0xFFB84D), model.LevelBad: hex(0xFF7B72), model.LevelOff: hex(0x8493A0),
		},
	}
}

// LightPalette is for bright shops.
func LightPalette() *Palette {
	return &Palette{
		Ground: hex(0xE9EEF3), Panel: hex(0xFFFFFF), Text: hex(0x121A22), Muted: hex(0x3F4B57),
		Line: hex(0xC3CED8), Focus: hex(0xB25600), Trouble: hex(0x8E1010),
		Plain: Paint{hex(0xD3DDE6), hex(0x121A22)}, Main: Paint{hex(0x0B4F96), hex(0xFFFFFF)},
		Danger: Paint{hex(0xD3DDE6), hex(0x7A0C0C)}, Off: Paint{hex(0xE1E7EC), hex(0x66727D)},
		Picked: Paint{hex(0x0B4F96), hex(0xFFFFFF)},
		roles:  roles(),
		levels: map[model.Level]color.NRGBA{
			model.LevelOK: hex(0x0E7A36), model.LevelWarn: hex(0xA85B00), model.LevelBad: hex(0xB71C1C), model.LevelOff: hex(0x66727D),
		},
	}
}

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xFF}
}
