package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"posagent/device/decode"
	"posagent/internal/rig"
)

// labels sends very many labels through the driver of each kind, as fast as the
// bus takes them, and holds every one that arrives against what was sent.
func labels(ctx context.Context, s *stage) error {
	models := fourModels()
	fast := keyboardModel()
	fast.called, fast.encode = "keyboard without pauses between keys", typedFast
	models = append(models, fast)
	for i, m := range models {
		count := s.count(10_000, 300)
		if fast := i == len(models)-1; fast {
			count /= 10
		}
		if err := s.labelsOf(ctx, m, i, count); err != nil {
			return err
		}
	}
	return nil
}

func (s *stage) labelsOf(ctx context.Context, m model, source, count int) (err error) {
	e, err := s.emulate(m, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.remove()) }()
	if err := e.plug(ctx); err != nil {
		return err
	}
	took, err := roundTrip(ctx, e, source, count)
	text := fmt.Sprintf("in %s", ms(took))
	if err != nil {
		text = err.Error()
	}
	s.check(err == nil, fmt.Sprintf("%d labels of %s arrive, none lost, doubled or mixed", count, e.called), "%s", text)
	return nil
}

// roundTrip sends labels as fast as they are taken, and compares.
func roundTrip(ctx context.Context, e *emulated, source, count int) (time.Duration, error) {
	sc, err := scannerOf(e.model)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan struct{})
	sent := make(chan error, 1)
	var begun time.Time
	go func() {
		select {
		case <-ready:
		case <-ctx.Done():
			sent <- ctx.Err()
			return
		}
		begun = time.Now()
		for n := range count {
			if err := e.send(ctx, rig.Label(source, n)); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	want := 0
	var wrong error
	err = pump(ctx, sc, func() { close(ready) }, func(f decode.Frame) bool {
		if f.Err != nil {
			wrong = fmt.Errorf("label %d: %w", want, f.Err)
			return true
		}
		from, n, ok := rig.ParseLabel(f.Text.Reveal())
		if !ok || from != source || n != want {
			wrong = fmt.Errorf("label %d was to come, and %q came", want, f.Text.Reveal())
			return true
		}
		want++
		return want == count
	})
	if wrong != nil {
		cancel()
	}
	if err != nil {
		err = fmt.Errorf("%d of %d labels came: %w", want, count, err)
	}
	err = errors.Join(wrong, err, <-sent)
	return time.Since(begun), err
}
