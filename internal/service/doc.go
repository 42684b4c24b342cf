// Package service tells systemd how the daemon stands: that it is ready, what it
// waits for, that it is alive, that it stops.
//
// The messages are those of sd_notify(3). Where no service manager asked for
// them (NOTIFY_SOCKET is not set, or the system is not Linux) nothing is sent and
// nothing else changes.
//
// Ready means that the local API has answered a real request and that the till
// sells: the same word as in the status of the local API and on the admin
// listener. Until then the status line says what is waited for, and the start's
// time-out is put off for as long as the daemon lives, so that nothing starts it
// anew: a refusal of the gateway and a full disk are not mended by that. A till
// that was ready once and cannot sell later stays ready for the service manager
// and says why in the status line.
//
// Alive means that the parts everything else waits for have moved since the last
// look. A process that merely runs gets no further ping, and systemd ends it with
// SIGABRT, upon which the Go runtime writes the stack of every goroutine.
package service
