// Package survey looks at scanners as store IT does: what is plugged in, what
// of it is a scanner and in which mode, why one cannot be used, what to write
// into the configuration, and what a scanner's labels tell about how it is set.
//
// No scanner is opened here. What is plugged in is read from sysfs on Linux; other
// systems have no list, and their scanners are named by port.
package survey
