// Package windowtest drives the real window from outside, as a cashier does: keys and
// clicks on an X server without a screen, a scanner on a pseudo-terminal, the daemon
// and the pretend gateway behind it. It has tests only; "make window-test" builds the
// window and runs them.
package windowtest
