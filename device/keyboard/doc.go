// Package keyboard drives scanners that present themselves as a keyboard, which
// nearly all do when they leave the factory. On Linux it takes their keys away
// from the desktop; on other systems nobody can, and the driver says so.
//
// # Taking the keys
//
// The keys are read from the scanner's event nodes, which are grabbed
// (EVIOCGRAB): while the program runs, nothing of a payment code reaches the
// window that has the focus. The kernel undoes a grab with the handle, however
// the process ends. A grab waits until no key is down, since the desktop would
// never see that key go up. All nodes of the device that can type are taken, no
// others; and a device is taken only when its ids are configured. The cashier's
// keyboard is one too.
//
// # From keys to text
//
// A key is a position. Which character it means depends on the layout that the
// scanner is set to, not on the computer's, nor on Caps Lock, Num Lock or an
// input method: these come behind the events that are read here. A Decoder knows
// the layouts, dead keys, control characters typed with Ctrl, and ALT codes on
// the number pad, which are the same in every layout.
//
// Enter, or Tab, ends a label; without either silence does. What cannot be read
// is never guessed: a key without a character, one that is held, events that the
// kernel had to drop or that two keyboards of one device mixed, all drop the
// label whole, with what is left of it, and are reported.
package keyboard
