package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"posagent/internal/config"
	"posagent/internal/localapi/client"
	"posagent/ui/model"
	"posagent/ui/sound"
)

// window is what the cashier's window is made of, whatever draws it.
type window struct {
	options  windowOptions
	cfg      *config.Config
	client   *client.Client
	log      *slog.Logger
	lesson   *lesson
	lock     *flock.Flock
	texts    texts
	settings settings
	path     string // of the settings
	sounds   *sound.Player
	chores   chan func() error // what must not be done while the window waits
	tell     func(model.Event) // to the session
}

// newWindow connects to the daemon, which need not run yet, and makes sure that the
// till has one window only.
func (p *program) newWindow(o windowOptions, l *lesson) (*window, error) {
	c, cfg, err := p.daemon()
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(p.err, nil))
	w := &window{
		options: o, cfg: cfg, client: c, log: log, lesson: l,
		sounds: sound.New(log), chores: make(chan func() error, 16),
	}
	if w.lock, err = lockWindow(cfg); err != nil {
		return nil, errors.Join(err, w.close())
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		dir = os.TempDir() // a session without a home: kept until the next start of the computer
	}
	w.path = filepath.Join(dir, "posagent", "window.json")
	if w.settings, err = loadSettings(w.path); err != nil {
		log.Warn("settings", "error", err)
	}
	asked := o.lang
	if asked == "" {
		asked = w.settings.Lang
	}
	if w.settings.Lang, err = language(asked, systemLanguage(p.env)); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if w.texts, err = readTexts(); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if o.volume >= 0 {
		w.settings.Volume = o.volume
	}
	return w, nil
}

func (w *window) close() error {
	w.client.Close()
	if w.lock == nil {
		return nil
	}
	return w.lock.Close()
}

// lockWindow takes the till's one place for a window. The system gives it back when
// the process ends, however it ends.
func lockWindow(cfg *config.Config) (*flock.Flock, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, "posagent")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the window's lock cannot be made: %w", err)
	}
	till := sha256.Sum256([]byte(cfg.API.Socket + "\x00" + cfg.API.Listen))
	lock := flock.New(filepath.Join(dir, "window-"+hex.EncodeToString(till[:6])+".lock"))
	free, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the window's lock cannot be taken: %w", err)
	}
	if !free {
		return nil, withExit(exitTemporarily, errors.New("a window of this till is open already; look for it on the screen, or close it first"))
	}
	return lock, nil
}

// modelConfig is the till as its window's model knows it.
func (w *window) modelConfig() model.Config {
	c := model.Config{
		Header:   header(w.cfg.Terminal),
		Currency: w.cfg.Terminal.Currency,
		Words:    w.texts.in, Languages: languages(), Lang: w.settings.Lang,
		AmountEntry: !w.options.noEntry, Kiosk: w.options.kiosk,
		Volume: w.settings.Volume,
		NewID:  func(prefix string) string { return prefix + "-" + rand.Text()[:12] },
	}
	if w.lesson != nil {
		c.Training = true
		c.Pretend = w.lesson.pretend()
	}
	return c
}

// systemLanguage is what the session of the computer speaks (POSIX locale).
func systemLanguage(env []string) string {
	for _, name := range []string{"LC_ALL=", "LC_MESSAGES=", "LANG="} {
		for _, v := range env {
			if value, ok := strings.CutPrefix(v, name); ok && value != "" {
				return value
			}
		}
	}
	return ""
}

func header(t config.Terminal) string {
	name := t.StoreName
	if name == "" {
		name = t.StoreID
	}
	return name + " · " + t.TerminalID
}

// act carries out what concerns this computer. It is called from the session's
// goroutine; what may take long is left to the chores.
func (w *window) act(c model.Command) {
	switch c := c.(type) {
	case model.PlaySound:
		w.sounds.Play(c.Sound, c.Volume)
	case model.SetLanguage:
		w.settings.Lang = c.Lang
		w.keep()
	case model.SetVolume:
		w.settings.Volume = c.Volume
		w.keep()
	case model.Print:
		w.later(func() error {
			file, err := printReceipt(c.Receipt)
			w.tell(model.Printed{File: file, Err: err})
			return err
		})
	case model.PretendScan:
		if w.lesson != nil {
			w.later(func() error { return w.lesson.scan(c.ID) })
		}
	}
}

func (w *window) keep() {
	s := w.settings
	w.later(func() error { return s.save(w.path) })
}

func (w *window) later(chore func() error) {
	select {
	case w.chores <- chore:
	default:
		w.log.Warn("too much to do at once; something was left out")
	}
}

// background does chores and plays sounds until ctx ends.
func (w *window) background(ctx context.Context) error {
	var sounds sync.WaitGroup
	var played error
	sounds.Go(func() { played = w.sounds.Run(ctx) })
	for {
		select {
		case chore := <-w.chores:
			if err := chore(); err != nil {
				w.log.Warn("the window", "error", err)
			}
		case <-ctx.Done():
			sounds.Wait()
			return played
		}
	}
}
