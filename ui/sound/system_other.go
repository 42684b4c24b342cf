//go:build !windows

package sound

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// programs play a WAV file, in order of preference: PipeWire, PulseAudio, ALSA.
func programs() [][]string {
	return [][]string{{"pw-play"}, {"paplay"}, {"aplay", "-q"}}
}

// system plays with the first program that is installed. Which one that is, is
// asked anew each time: a sound server may be installed while the window runs.
func system() player {
	return func(ctx context.Context, wav []byte) error {
		for _, program := range programs() {
			path, err := exec.LookPath(program[0])
			if err != nil {
				continue
			}
			return playFile(ctx, path, program[1:], wav)
		}
		return ErrSilent
	}
}

// playFile plays through a file: not every version of the programs reads a WAV file
// from its standard input.
func playFile(ctx context.Context, path string, args []string, wav []byte) (err error) {
	f, err := os.CreateTemp("", "posagent-sound-*.wav")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(wav)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return exec.CommandContext(ctx, path, append(args, f.Name())...).Run() //nolint:gosec // one of three fixed names
}
