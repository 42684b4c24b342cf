// Package ui draws the cashier's window with Fyne: it turns a model.Screen into
// shapes and words, and hands back what was pressed or typed as model.Events. It
// decides nothing, keeps nothing and does no I/O.
//
// # How a screen is drawn
//
// A Board is one widget that lays out a whole Screen on a canvas of any size. It
// counts in design units: the canvas is at least 800 × 600 of them, whatever the
// window's size and the system's scale factor are, and text that is too long for
// its place is broken into lines and, if need be, made smaller. Nothing scrolls and
// nothing is cut off. Objects are kept from one screen to the next by name, so that
// a finger that is down while a countdown steps still presses its button.
//
// # Keys
//
// Nothing on a Board can have the keyboard's focus. All keys therefore reach the
// canvas, and from there the model, which alone knows what they mean: a scanner
// that types Space and Enter can press no button.
//
// # Threads
//
// Everything here belongs to the goroutine of the toolkit. Views gets a screen
// there from any other.
package ui
