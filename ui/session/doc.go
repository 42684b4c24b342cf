// Package session brings the window's model to life: it follows the daemon over the
// local API, carries out what the model asks for, lets time pass, and hands each
// new Screen to a view. It knows no toolkit.
//
// One goroutine owns the model. Views and the API's calls reach it through a
// queue; a flood of keys is taken in as a whole before the next Screen is made.
package session
