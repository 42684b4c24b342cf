package ui

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"

	"posagent/ui/model"
)

type iconKey struct {
	icon  model.Icon
	color color.NRGBA
}

// picture is an icon in a colour, made once.
func (s *sheet) picture(icon model.Icon, c color.NRGBA) fyne.Resource {
	key := iconKey{icon, c}
	if r, ok := s.icons[key]; ok {
		return r
	}
	rgb := fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 48 48">`+
		`<g fill="none" stroke="%s" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">%s</g></svg>`, rgb, strokes(icon))
	r := fyne.NewStaticResource(fmt.Sprintf("icon-%s-%s.svg", icon, rgb[1:]), []byte(svg))
	s.icons[key] = r
	return r
}

// strokes are an icon's lines on a square of 48: drawn thick, to be told apart from
// three metres and on a screen without colours.
func strokes(icon model.Icon) string {
	switch icon {
	case model.IconNone:
		return ""
	case model.IconReady:
		return `<circle cx="24" cy="24" r="18"/><path d="M24 14 L24 24 L32 28"/>`
	case model.IconScan:
		return `<path d="M5 14 L5 6 L13 6 M35 6 L43 6 L43 14 M43 34 L43 42 L35 42 M13 42 L5 42 L5 34"/><path d="M14 15 L14 33 M21 15 L21 33 M28 15 L28 33 M34 15 L34 33"/>`
	case model.IconWait:
		return `<path d="M12 5 L36 5 M12 43 L36 43 M14 5 L14 12 L24 24 L34 12 L34 5 M14 43 L14 36 L24 24 L34 36 L34 43"/>`
	case model.IconPhone:
		return `<path d="M13 4 L35 4 L35 44 L13 44 Z"/><path d="M22 37 L26 37"/>`
	case model.IconCheck:
		return `<path d="M6 26 L19 39 L42 10"/>`
	case model.IconCross:
		return `<path d="M9 9 L39 39 M39 9 L9 39"/>`
	case model.IconBack:
		return `<path d="M18 8 L6 20 L18 32 M7 20 L30 20 L36 22 L41 27 L42 33 L42 40"/>`
	case model.IconAsk:
		return `<path d="M14 16 L15 11 L19 7 L24 6 L29 7 L33 11 L34 16 L32 21 L26 25 L24 28 L24 31"/><path d="M24 41 L24 42"/>`
	case model.IconPerson:
		return `<circle cx="24" cy="14" r="9"/><path d="M6 43 L8 35 L14 30 L24 28 L34 30 L40 35 L42 43"/>`
	case model.IconWarning:
		return `<path d="M24 5 L45 42 L3 42 Z"/><path d="M24 18 L24 28 M24 35 L24 36"/>`
	case model.IconClock:
		return `<circle cx="24" cy="24" r="19"/><path d="M24 12 L24 24 L15 31"/>`
	case model.IconPlug:
		return `<path d="M16 4 L16 14 M32 4 L32 14 M9 15 L39 15 L39 22 L36 29 L30 33 L24 34 L18 33 L12 29 L9 22 Z M24 34 L24 44"/>`
	case model.IconLock:
		return `<path d="M9 22 L39 22 L39 43 L9 43 Z M14 22 L14 14 L17 8 L24 5 L31 8 L34 14 L34 22"/><path d="M24 30 L24 35"/>`
	case model.IconList:
		return `<path d="M16 10 L43 10 M16 24 L43 24 M16 38 L43 38 M5 10 L6 10 M5 24 L6 24 M5 38 L6 38"/>`
	case model.IconSound:
		return `<path d="M5 18 L13 18 L24 8 L24 40 L13 30 L5 30 Z M32 17 L34 21 L34 27 L32 31 M39 11 L42 18 L42 30 L39 37"/>`
	}
	return `<circle cx="24" cy="24" r="18"/>`
}
