//go:build race

package keyboard

// raceEnabled: the race detector makes everything ten times slower, and there is
// one goroutine here.
const raceEnabled = true
