// Package service tells systemd how the daemon stands: that it is ready, what it
// waits for, that it is alive, that it stops.
//
// The messages are those of sd_notify(3). Where no service manager asked for
// them (NOTIFY_SOCKET is not set, or the system is not Linux) nothing is sent and
// nothing else changes.
//
// Ready means that the local API has answered a real request. A till that cannot
// sell, because the scanner is unplugged or the gateway refuses it, is ready all
// the same and says so in its status line: were it not, systemd would start it
// anew again and again, which plugs no scanner in.
//
// Alive means that the parts everything else waits for have moved since the last
// look. A process that merely runs gets no further ping, and systemd ends it with
// SIGABRT, upon which the Go runtime writes the stack of every goroutine.
package service
