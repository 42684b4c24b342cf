// Package agent puts the daemon together: it is the only place that knows every
// concrete type. Start: keys, journal, engine (it resumes before anything is
// sold), scanners, till, listeners. Stop: the same in reverse, so that no new
// sale begins while what is in flight is being finished.
package agent
