package model

// Key names a key of the keyboard that is no character. The names are the usual
// ones of key caps; a view translates its toolkit's.
type Key string

// The keys. Both Enter keys, of the letters and of the number pad, are KeyEnter.
const (
	KeyNone      Key = ""
	KeyEnter     Key = "Enter"
	KeyEscape    Key = "Esc"
	KeyTab       Key = "Tab"
	KeyBackspace Key = "Backspace"
	KeyDelete    Key = "Delete"
	KeyUp        Key = "Up"
	KeyDown      Key = "Down"
	KeyLeft      Key = "Left"
	KeyRight     Key = "Right"
	KeyPageUp    Key = "PageUp"
	KeyPageDown  Key = "PageDown"
	KeyHome      Key = "Home"
	KeyEnd       Key = "End"
	KeyF1        Key = "F1"
	KeyF2        Key = "F2"
	KeyF3        Key = "F3"
	KeyF4        Key = "F4"
	KeyF5        Key = "F5"
	KeyF6        Key = "F6"
	KeyF7        Key = "F7"
	KeyF8        Key = "F8"
	KeyF9        Key = "F9"
	KeyF10       Key = "F10"
	KeyF11       Key = "F11" // the view's own: full screen
	KeyF12       Key = "F12"
)
