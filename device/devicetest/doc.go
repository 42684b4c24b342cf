// Package devicetest has the tests that every device.Driver must pass, whatever
// its transport. A driver's own tests call Run with a rig that can plug, unplug
// and make the scanner read something.
package devicetest
