// Package terminal draws the cashier's window as a full-screen terminal: the same
// model.Screen, words, colours and keys, for computers where no window can be
// opened (remote desktops and virtual machines without OpenGL, consoles, SSH).
//
// It decides nothing and does no I/O but with the terminal. A Window gets screens
// from any goroutine, draws the newest, and hands back keys, pastes and clicks as
// model.Events. Times of keys are those at which the terminal delivered them, so
// that a scanner in keyboard mode is told from typing by the model as in any other
// view.
//
// # How a screen is laid out
//
// 80 columns and 24 rows hold every screen. Where there is more room the amount is
// drawn with larger digits, and lines stand apart; where there is less, small print
// goes first, then what to say, and never the result, the amount and the buttons.
// Colours come in three depths: full, sixteen, and none (NO_COLOR, monochrome
// terminals), where reverse video, an icon and a word say the same.
package terminal
