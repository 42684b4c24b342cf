//go:build race

package ui

// raceEnabled: drawing takes ten times as long; it belongs to one goroutine.
const raceEnabled = true
