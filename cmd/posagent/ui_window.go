//go:build window

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver/desktop"

	"posagent/ui"
	"posagent/ui/model"
	"posagent/ui/session"
)

// hasWindow: this build draws with OpenGL.
const hasWindow = true

// Variables of the environment for tests of the window.
const (
	// traceVariable has each screen that was drawn told on standard error.
	traceVariable = "POSAGENT_UI_TRACE"
	// checkVariable has the toolkit watch that it is called on its own thread, which
	// it does not do for programs that say that they keep to the rule.
	checkVariable = "POSAGENT_UI_CHECK_THREAD"
)

// open runs the window until it is closed or ctx ends. It must be called on the
// main goroutine: that is where the window system talks to.
func (w *window) open(ctx context.Context) error {
	if !displayed() {
		return errNoDisplay
	}
	if w.options.scale > 0 {
		if err := os.Setenv("FYNE_SCALE", fmt.Sprint(w.options.scale)); err != nil {
			return err
		}
	}
	app.SetMetadata(fyne.AppMetadata{
		ID: "posagent.ui", Name: "posagent", Version: thisBuild().Version,
		Migrations: map[string]bool{"fyneDo": os.Getenv(checkVariable) == ""},
	})
	a := app.NewWithID("posagent.ui")
	palette := ui.DarkPalette()
	if w.options.light {
		palette = ui.LightPalette()
	}
	a.Settings().SetTheme(ui.NewTheme(palette))

	d := &desk{window: w, app: a, painted: make(chan struct{})}
	if err := d.furnish(palette); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	var failed [2]error
	begun := false
	a.Lifecycle().SetOnStarted(func() {
		begun = true
		running.Go(func() { failed[0] = d.session.Run(ctx) })
		running.Go(func() { failed[1] = w.background(ctx) })
		running.Go(func() {
			<-ctx.Done()
			fyne.Do(a.Quit)
		})
		running.Go(func() { d.giveUp(ctx, stop) })
		if os.Getenv(traceVariable) != "" {
			running.Go(func() { weigh(ctx) })
		}
	})
	shown := showAndRun(d.main)
	stop()
	running.Wait()
	if shown != nil || !begun || !d.seen() {
		return errNoDisplay // the toolkit has logged what the driver said
	}
	return errors.Join(failed[0], failed[1])
}

// paintTime is how long after its start the toolkit may take to paint: by then the
// graphics library is loaded, which is what can take long.
const paintTime = 15 * time.Second

// giveUp ends a window that nothing paints: the toolkit runs on where it found no
// OpenGL, and says so in its log alone.
func (d *desk) giveUp(ctx context.Context, stop context.CancelFunc) {
	timer := time.NewTimer(paintTime)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-d.painted:
	case <-timer.C:
		stop()
	}
}

// seen tells whether anything was ever painted.
func (d *desk) seen() bool {
	select {
	case <-d.painted:
		return true
	default:
		return false
	}
}

// desk is the windows on the screen.
type desk struct {
	*window
	app      fyne.App
	main     fyne.Window
	customer fyne.Window
	views    *ui.Views
	session  *session.Session
	painted  chan struct{} // closed once something was
}

// furnish makes the windows and connects them with the session.
func (d *desk) furnish(palette *ui.Palette) error {
	o := ui.Options{Palette: palette, Faces: ui.Faces(), Do: func(e model.Event) { d.session.Do(e) }}
	board, err := ui.NewBoard(o)
	if err != nil {
		return err
	}
	d.views = &ui.Views{Board: board}
	d.main = d.app.NewWindow(header(d.cfg.Terminal))
	d.main.SetMaster()
	d.main.SetPadded(false)
	d.main.SetContent(ui.WhenPainted(board, sync.OnceFunc(func() { close(d.painted) })))
	d.main.Resize(fyne.NewSize(800, 600)) // no toolkit function tells how large the display is
	d.main.SetFullScreen(d.options.fullscreen || d.options.kiosk)
	d.main.SetCloseIntercept(func() { d.session.Do(model.CloseAsked{}) })
	d.listen()
	if d.options.customer {
		if err := d.openCustomer(o); err != nil {
			return err
		}
	}
	if os.Getenv(traceVariable) != "" {
		d.views.OnDrawn(d.trace)
	}
	d.session = session.New(session.Config{
		Model: d.modelConfig(), API: d.client, View: d.views, Act: d.act, PDF: noPrinter, Log: d.log,
	})
	d.tell = d.session.Do
	return nil
}

// listen connects the keyboard. Nothing on the board takes the focus, so that every
// key comes here.
func (d *desk) listen() {
	keys := ui.NewKeyboard(d.pressed, fyne.Do)
	c := d.main.Canvas()
	c.SetOnTypedRune(keys.Rune)
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyF11 && !d.options.kiosk {
			d.main.SetFullScreen(!d.main.FullScreen())
			return
		}
		keys.Typed(e)
	})
	if raw, ok := c.(desktop.Canvas); ok {
		raw.SetOnKeyDown(keys.Down)
		raw.SetOnKeyUp(keys.Up)
	}
	c.AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) {
		d.session.Do(model.Pasted{Text: d.app.Clipboard().Content()})
	})
}

// openCustomer opens the customer's window, on the second display if there is one.
func (d *desk) openCustomer(o ui.Options) error {
	board, err := ui.NewCustomerBoard(o)
	if err != nil {
		return err
	}
	d.views.Customer = board
	d.customer = d.app.NewWindow(header(d.cfg.Terminal) + " · customer")
	d.customer.SetPadded(false)
	d.customer.SetContent(board)
	d.customer.Resize(fyne.NewSize(800, 600))
	d.customer.SetCloseIntercept(func() {}) // it goes with the cashier's
	if second, ok := d.customer.(desktop.Window); ok && d.options.kiosk {
		// With one display only it would lie over the cashier's: a kiosk is set up by hand.
		second.RequestFullScreenSecondary()
	}
	d.customer.Show()
	return nil
}

// act adds to the window's commands those that need the toolkit.
func (d *desk) act(c model.Command) {
	switch c := c.(type) {
	case model.Copy:
		fyne.Do(func() { d.app.Clipboard().SetContent(c.Text) })
	case model.Quit:
		fyne.Do(d.app.Quit)
	default:
		d.window.act(c)
	}
}
