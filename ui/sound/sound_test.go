package sound

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/ui/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEverySoundIsAWholeWAVFile(t *testing.T) {
	seen := map[string]model.Sound{}
	for _, s := range model.Sounds() {
		wav, err := WAV(s, 3)
		if err != nil {
			t.Fatal(err)
		}
		if string(wav[:4]) != "RIFF" || string(wav[8:16]) != "WAVEfmt " || string(wav[36:40]) != "data" {
			t.Errorf("%s: the header is % x", s, wav[:44])
		}
		if got := binary.LittleEndian.Uint32(wav[4:]); int(got) != len(wav)-8 {
			t.Errorf("%s: RIFF length %d in a file of %d bytes", s, got, len(wav))
		}
		if got := binary.LittleEndian.Uint32(wav[40:]); int(got) != len(wav)-44 {
			t.Errorf("%s: data length %d in a file of %d bytes", s, got, len(wav))
		}
		if length := time.Duration(len(wav)-44) * time.Second / (2 * Rate); length < 50*time.Millisecond || length > time.Second {
			t.Errorf("%s lasts %v", s, length)
		}
		if other, ok := seen[string(wav)]; ok {
			t.Errorf("%s sounds like %s", s, other)
		}
		seen[string(wav)] = s
	}
}

func TestVolumeMakesASoundLouder(t *testing.T) {
	var last int16
	for volume := 1; volume <= 3; volume++ {
		got := loudest(t, volume)
		if got <= last {
			t.Errorf("volume %d has a peak of %d, volume %d one of %d", volume, got, volume-1, last)
		}
		last = got
	}
	if loudest(t, 9) != last {
		t.Error("a volume above 3 is not taken for 3")
	}
}

func loudest(t *testing.T, volume int) int16 {
	t.Helper()
	wav, err := WAV(model.SoundPaid, volume)
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]int16, (len(wav)-44)/2)
	if err := binary.Read(bytes.NewReader(wav[44:]), binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	var peak int16
	for _, v := range samples {
		peak = max(peak, v)
	}
	return peak
}

func TestAnUnknownSoundIsAnError(t *testing.T) {
	if _, err := WAV("fanfare", 2); err == nil || !strings.Contains(err.Error(), "fanfare") {
		t.Errorf("got %v", err)
	}
}

func TestANewerSoundTakesThePlaceOfOneThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan int, 10)
		release := make(chan struct{})
		p := New(nil)
		p.play = func(_ context.Context, wav []byte) error {
			heard <- len(wav)
			<-release
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		p.Play(model.SoundGoodRead, 2)
		synctest.Wait()
		p.Play(model.SoundNotPaid, 2)
		p.Play(model.SoundPaid, 2)
		close(release)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		close(heard)
		var got []int
		for n := range heard {
			got = append(got, n)
		}
		paid, err := WAV(model.SoundPaid, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[1] != len(paid) {
			t.Errorf("played files of %v bytes, the second should be \"paid\" with %d", got, len(paid))
		}
	})
}

func TestAComputerThatCannotPlayIsToldOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := New(slog.New(slog.NewTextHandler(&log, nil)))
		p.play = func(context.Context, []byte) error { return ErrSilent }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		for range 3 {
			p.Play(model.SoundPaid, 1)
			synctest.Wait()
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if n := strings.Count(log.String(), "cannot be played"); n != 1 {
			t.Errorf("told %d times:\n%s", n, log.String())
		}
	})
}

func TestASoundThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(nil)
		var got error
		p.play = func(ctx context.Context, _ []byte) error {
			<-ctx.Done()
			got = ctx.Err()
			return got
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		p.Play(model.SoundPaid, 1)
		time.Sleep(longest + time.Second)
		synctest.Wait()
		if !errors.Is(got, context.DeadlineExceeded) {
			t.Errorf("the sound ended with %v", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}
