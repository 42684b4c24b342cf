// Package admin is the listener for store IT: is the process alive, can it
// sell, and what do its counters say. It holds no payment code, no order number
// and no key, neither in answers nor in labels.
package admin
