package sound

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"posagent/ui/model"
)

// Rate is the number of samples a second.
const Rate = 22050

// note is a tone of a pitch in Hz; 0 is a pause.
type note struct {
	pitch   float64
	seconds float64
}

// melody is what a sound is made of. The sounds differ in direction and length and
// not in pitch alone, so that they can be told apart in a noisy shop and by ears
// that do not hear high tones.
func melody(s model.Sound) ([]note, error) {
	switch s {
	case model.SoundGoodRead:
		return []note{{1047, 0.07}}, nil
	case model.SoundWrongCode:
		return []note{{330, 0.12}, {0, 0.06}, {330, 0.12}}, nil
	case model.SoundPaid:
		return []note{{659, 0.11}, {784, 0.11}, {1047, 0.24}}, nil
	case model.SoundNotPaid:
		return []note{{523, 0.18}, {392, 0.18}, {262, 0.34}}, nil
	case model.SoundAttention:
		return []note{{880, 0.16}, {587, 0.16}, {880, 0.16}, {587, 0.16}, {880, 0.16}, {587, 0.16}}, nil
	}
	return nil, fmt.Errorf("sound: there is no sound %q", s)
}

// WAV is a sound as a file of 16-bit mono PCM. Volume is 1 to 3; anything else is
// taken for the nearest.
func WAV(s model.Sound, volume int) ([]byte, error) {
	notes, err := melody(s)
	if err != nil {
		return nil, err
	}
	amplitude := math.MaxInt16 * 0.8 / math.Pow(2.2, float64(3-min(max(volume, 1), 3)))
	var samples []int16
	for _, n := range notes {
		samples = append(samples, tone(n, amplitude)...)
	}
	return file(samples)
}

// tone is one note, faded in and out so that it does not click.
func tone(n note, amplitude float64) []int16 {
	out := make([]int16, int(n.seconds*Rate))
	const fade = Rate * 8 / 1000
	for i := range out {
		if n.pitch == 0 {
			continue
		}
		phase := 2 * math.Pi * n.pitch * float64(i) / Rate
		// The octave above carries through a shop where the tone alone would drown.
		v := 0.75*math.Sin(phase) + 0.25*math.Sin(2*phase)
		edge := min(1, float64(min(i, len(out)-1-i))/fade)
		out[i] = int16(v * edge * amplitude)
	}
	return out
}

// file puts the header of a RIFF WAVE file before the samples.
func file(samples []int16) ([]byte, error) {
	size := uint32(2 * len(samples))
	var b bytes.Buffer
	for _, part := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16),
		uint16(1), uint16(1), uint32(Rate), uint32(2 * Rate), uint16(2), uint16(16),
		[]byte("data"), size, samples,
	} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return nil, fmt.Errorf("sound: %w", err)
		}
	}
	return b.Bytes(), nil
}
