package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
)

// windowProgram is the build of this program that has the window; it is
// installed beside this one by a package of its own.
const windowProgram = "posagent-ui"

// exitNoDisplay is how the build with the window tells the one without that there
// is nothing to draw on.
const exitNoDisplay = 69

// errNoDisplay: a window cannot be opened on this computer, in this session.
var errNoDisplay = errors.New("no display with OpenGL")

// windowOptions are how the cashier's window looks and what it may do.
type windowOptions struct {
	text       bool
	fullscreen bool
	kiosk      bool
	customer   bool
	light      bool
	noEntry    bool
	lang       string
	volume     int
	scale      float32
}

func (o *windowOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.text, "text", false, "draw in the terminal instead of a window")
	f.BoolVar(&o.fullscreen, "fullscreen", true, "take the whole display; F11 changes it, --fullscreen=false begins with a window")
	f.BoolVar(&o.kiosk, "kiosk", false, "full screen, and the cashier cannot close it")
	f.BoolVar(&o.customer, "customer", false, "open a second window for the customer's display")
	f.BoolVar(&o.light, "light", false, "dark letters on a bright ground, for bright shops")
	f.BoolVar(&o.noEntry, "no-entry", false, "amounts come from the register alone; none is typed here")
	f.StringVar(&o.lang, "lang", "", "`language`: en, zh-Hans, zh-Hant, ja, ko or th (default: the one chosen last)")
	f.IntVar(&o.volume, "volume", -1, "0 (silent) to 3 (default: the one chosen last)")
	f.Float32Var(&o.scale, "scale", 0, "size of everything, 0.5 to 4 (default: the display's)")
}

func (o *windowOptions) check() error {
	if o.volume < -1 || o.volume > 3 {
		return withExit(exitUsage, fmt.Errorf("--volume %d: give 0 (silent) to 3", o.volume))
	}
	if o.scale != 0 && (o.scale < 0.5 || o.scale > 4) {
		return withExit(exitUsage, fmt.Errorf("--scale %g: give 0.5 to 4", o.scale))
	}
	return nil
}

func uiCommand(p *program) *cobra.Command {
	var o windowOptions
	var auto bool
	c := &cobra.Command{
		Use:   "ui",
		Short: "Open the cashier window of a running daemon",
		Long: `Open the cashier's window. It may be started before the daemon, and it survives the
daemon's restart. Where a window cannot be drawn (no display, no OpenGL) the same
screens are drawn in the terminal.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if auto {
				wanted, err := p.autostart(&o)
				if err != nil || !wanted {
					return err
				}
			}
			return p.showWindow(cmd, "ui", o, nil)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&auto, "autostart", false, "open as [window] of the configuration wants it, or not at all: for the start of a session")
	return c
}

// autostart tells whether the configuration wants a window in every cashier's
// session, and makes it as it says there.
func (p *program) autostart(o *windowOptions) (bool, error) {
	cfg, err := p.reach()
	if err != nil {
		return false, err
	}
	o.kiosk = o.kiosk || cfg.Window.Kiosk
	o.customer = o.customer || cfg.Window.Customer
	return cfg.Window.Autostart, nil
}

// showWindow opens the window in this process, in that of the build that has it, or
// in the terminal. lesson is the pretend shop of a training till, or nil.
func (p *program) showWindow(cmd *cobra.Command, name string, o windowOptions, lesson *lesson) (err error) {
	if !o.text {
		err = p.openOrHandOver(cmd, name, o, lesson)
		if !errors.Is(err, errNoDisplay) {
			return err
		}
		if !terminal(p.in) || !terminal(p.out) {
			return withExit(exitNoDisplay, fmt.Errorf("the window cannot be opened: %w. In a terminal, \"posagent %s --text\" draws the same screens", err, name))
		}
		fmt.Fprintf(p.err, "posagent: the window cannot be opened (%v); the same screens follow in this terminal\n", err)
	}
	w, err := p.newWindow(o, lesson)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	return runTextWindow(cmd.Context(), p, w)
}

func (p *program) openOrHandOver(cmd *cobra.Command, name string, o windowOptions, lesson *lesson) (err error) {
	if !hasWindow {
		return p.handToWindow(cmd, name)
	}
	w, err := p.newWindow(o, lesson)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	return w.open(cmd.Context())
}

// terminal tells whether a person sits at the other end.
func terminal(v any) bool {
	f, ok := v.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// handToWindow runs the same command of the build that has the window.
func (p *program) handToWindow(cmd *cobra.Command, name string) error {
	path, err := findWindow()
	if err != nil {
		return fmt.Errorf("%w: this build has no window, and %s is not installed (package posagent-ui)", errNoDisplay, windowProgram)
	}
	args := []string{name}
	if p.explicit {
		args = append(args, "--config", p.configPath)
	}
	for _, flag := range []string{"fullscreen", "kiosk", "customer", "light", "no-entry", "lang", "volume", "scale", "training"} {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
			args = append(args, "--"+flag+"="+f.Value.String())
		}
	}
	return p.runWindow(cmd, path, args...)
}

// The toolkit keeps the picture of each text for a minute after it was last drawn, in
// the graphics library's memory, and reads this variable before main begins.
const (
	cacheVariable = "FYNE_CACHE"
	cacheTime     = "15s"
)

// runWindow runs the build that draws until it ends. Its standard input stays here:
// the terminal's screens may be needed next. Errors: errNoDisplay, or the exit code
// of a window that has told its error itself.
func (p *program) runWindow(cmd *cobra.Command, path string, args ...string) error {
	window := exec.CommandContext(cmd.Context(), path, args...) //nolint:gosec // a fixed name beside this program or in PATH
	window.Cancel = func() error { return window.Process.Signal(os.Interrupt) }
	window.Stdout, window.Stderr = p.out, p.err
	if os.Getenv(cacheVariable) == "" {
		window.Env = append(os.Environ(), cacheVariable+"="+cacheTime)
	}
	err := window.Run()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended) && ended.ExitCode() == exitNoDisplay:
		return errNoDisplay
	case errors.As(err, &ended):
		return quietly(ended.ExitCode())
	}
	return err
}

func findWindow() (string, error) {
	name := windowProgram
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	return exec.LookPath(name)
}

// displayed tells whether there is a window system to ask at all.
func displayed() bool {
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
