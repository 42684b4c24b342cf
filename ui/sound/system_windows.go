package sound

import (
	"context"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Flags of PlaySoundW (mmsystem.h).
const (
	sndNoDefault = 0x0002 // silence rather than the system's chime
	sndMemory    = 0x0004 // the first argument points to a file in memory
)

// system plays through winmm, which every Windows has.
func system() player {
	playSound := windows.NewLazySystemDLL("winmm.dll").NewProc("PlaySoundW")
	return func(_ context.Context, wav []byte) error {
		if err := playSound.Find(); err != nil {
			return fmt.Errorf("%w: %w", ErrSilent, err)
		}
		// Plays to its end: the longest sound is one second.
		ok, _, err := playSound.Call(uintptr(unsafe.Pointer(&wav[0])), 0, sndMemory|sndNoDefault)
		runtime.KeepAlive(wav)
		if ok == 0 {
			return err
		}
		return nil
	}
}
