package windowtest

import (
	"encoding/binary"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const width, height = 1024, 768

// display is an X server whose screen is a file.
type display struct {
	t      *testing.T
	name   string
	home   string
	frame  string
	typist *exec.Cmd // one xdotool for all keys: starting one takes longer than the window
	keys   io.Writer
}

func newDisplay(t *testing.T, dir string, options ...string) *display {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "import"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: apt-get install xvfb xdotool imagemagick libgl1-mesa-dri", tool)
		}
	}
	d := &display{t: t, home: filepath.Join(dir, "home"), frame: filepath.Join(dir, "frame")}
	check(t, os.MkdirAll(d.home, 0o700))
	check(t, os.MkdirAll(d.frame, 0o700))
	read, write, err := os.Pipe()
	check(t, err)
	// The server picks a free number and tells it.
	args := []string{"-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-fbdir", d.frame}
	server := exec.Command("Xvfb", append(args, options...)...)
	server.ExtraFiles = []*os.File{write}
	check(t, server.Start())
	t.Cleanup(func() { stop(t, server, os.Interrupt) })
	check(t, write.Close())
	var number int
	if _, err := fmt.Fscan(read, &number); err != nil {
		t.Fatalf("the X server tells no display: %v", err)
	}
	check(t, read.Close())
	d.name = fmt.Sprintf(":%d", number)

	d.typist = exec.Command("xdotool", "-")
	d.typist.Env = d.env()
	d.keys, err = d.typist.StdinPipe()
	check(t, err)
	check(t, d.typist.Start())
	t.Cleanup(func() { stop(t, d.typist, os.Interrupt) })
	return d
}

// env is a session of its own: no settings, none of the variables of these tests, which
// the program would take for its own, no bus and no sound of whoever runs the
// tests.
func (d *display) env() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "POSAGENT_") && !strings.HasPrefix(v, "DISPLAY=") && !strings.HasPrefix(v, "WAYLAND_DISPLAY=") && !strings.HasPrefix(v, "XDG_") && !strings.HasPrefix(v, "LANG") && !strings.HasPrefix(v, "LC_") {
			env = append(env, v)
		}
	}
	return append(env, "DISPLAY="+d.name, "HOME="+d.home, "DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null")
}

// do hands one line to the typist.
func (d *display) do(format string, args ...any) {
	d.t.Helper()
	if _, err := fmt.Fprintf(d.keys, format+"\n", args...); err != nil {
		d.t.Fatal(err)
	}
}

// key presses keys, one after another, as a person does.
func (d *display) key(names ...string) {
	d.t.Helper()
	for _, name := range names {
		d.do("key %s", name)
		pause(120 * time.Millisecond) // a scanner types faster than this, and no person does
	}
}

// typed types text as a person does.
func (d *display) typed(text string) {
	d.t.Helper()
	for _, r := range text {
		d.key(string(r))
	}
}

func (d *display) click(x, y int) {
	d.t.Helper()
	d.do("mousemove %d %d", x, y)
	d.do("click 1")
}

// pause lets a person's time pass.
func pause(d time.Duration) { <-time.After(d) }

// shoot keeps a picture of the screen.
func (d *display) shoot(name string) {
	d.t.Helper()
	dir := os.Getenv("POSAGENT_SCREENSHOTS")
	if dir == "" {
		return
	}
	pause(150 * time.Millisecond) // laid out is not painted yet
	c := exec.Command("import", "-window", "root", filepath.Join(dir, name+".png"))
	c.Env = d.env()
	if out, err := c.CombinedOutput(); err != nil {
		d.t.Errorf("%v: %s", err, out)
	}
}

// pixel reads one from the server's frame buffer (an XWD file; X11/XWDFile.h).
func (d *display) pixel(x, y int) color.NRGBA {
	d.t.Helper()
	f, err := os.Open(filepath.Join(d.frame, "Xvfb_screen0"))
	check(d.t, err)
	defer f.Close()
	head := make([]byte, 100)
	_, err = io.ReadFull(f, head)
	check(d.t, err)
	word := func(n int) int64 { return int64(binary.BigEndian.Uint32(head[4*n:])) }
	size, colours, line := word(0), word(19), word(12)
	at := make([]byte, 4)
	_, err = f.ReadAt(at, size+12*colours+line*int64(y)+4*int64(x))
	check(d.t, err)
	return color.NRGBA{R: at[2], G: at[1], B: at[0], A: 0xFF}
}

// awaitPixel waits until a place has a colour, and returns when it was seen.
func (d *display) awaitPixel(x, y int, want color.NRGBA) time.Time {
	d.t.Helper()
	end := time.Now().Add(patience)
	for {
		if got := d.pixel(x, y); got == want {
			return time.Now()
		} else if time.Now().After(end) {
			d.t.Fatalf("the pixel at %d, %d is %v and does not become %v", x, y, got, want)
		}
		pause(time.Millisecond)
	}
}
