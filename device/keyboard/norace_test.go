//go:build !race

package keyboard

const raceEnabled = false
