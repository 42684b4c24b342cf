package sound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"posagent/ui/model"
)

// ErrSilent: this computer has nothing that plays sounds.
var ErrSilent = errors.New("nothing on this computer plays sounds")

// player plays a WAV file to its end. It must return soon after ctx ends.
type player func(ctx context.Context, wav []byte) error

// Player plays one sound at a time; a newer one takes the place of one that waits.
type Player struct {
	next chan request
	play player
	log  *slog.Logger
}

type request struct {
	sound  model.Sound
	volume int
}

// New makes a player; Run plays. A nil log hears nothing.
func New(log *slog.Logger) *Player {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Player{next: make(chan request, 1), play: system(), log: log}
}

// Play asks for a sound and does not wait for it. Only one goroutine may call it.
func (p *Player) Play(s model.Sound, volume int) {
	select {
	case <-p.next: // outdated before it was heard
	default:
	}
	p.next <- request{s, volume} // never waits: the place was emptied, and nobody else fills it
}

// longest is more than any sound takes, and what a hanging sound server may cost.
const longest = 4 * time.Second

// Run plays until ctx ends, and returns nil then. A computer that cannot play is
// told of once.
func (p *Player) Run(ctx context.Context) error {
	silent := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-p.next:
			err := p.one(ctx, r)
			if err != nil && ctx.Err() == nil && !silent {
				p.log.Info("sounds cannot be played; the screen shows them", "error", err)
				silent = errors.Is(err, ErrSilent)
			}
		}
	}
}

func (p *Player) one(ctx context.Context, r request) error {
	wav, err := WAV(r.sound, r.volume)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := p.play(ctx, wav); err != nil {
		return fmt.Errorf("playing %s: %w", r.sound, err)
	}
	return nil
}
