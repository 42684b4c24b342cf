// Package machine runs the rig's virtual machine in QEMU and does for the guest
// what only the world outside can do: plugging QEMU's own USB devices in and
// out, and using them.
package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Program is the emulator that is run.
const Program = "qemu-system-x86_64"

// Config is one run of the machine.
type Config struct {
	// Kernel and Initrd are paths.
	Kernel, Initrd string
	// Args are given to the first process of the guest.
	Args []string
	// MemoryMiB is the machine's memory; zero: 512.
	MemoryMiB int
	// Instructions makes the guest's time follow its instructions, so that a
	// busy host does not make its time-outs fire. It costs half as much again.
	Instructions bool
	// Console gets every line of the console.
	Console func(line string)
}

// startPatience bounds how long QEMU may take to make its sockets.
const startPatience = 20 * time.Second

// Run boots the machine and returns when it has powered off. The end of ctx ends
// it at once.
func Run(ctx context.Context, cfg Config) (err error) {
	// Not below the working folder: a socket's path has room for 108 bytes.
	dir, err := os.MkdirTemp("", "rig")
	if err != nil {
		return fmt.Errorf("run the machine: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	cmd := exec.CommandContext(ctx, Program, cfg.arguments(dir)...)
	cmd.Stderr = os.Stderr
	console, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run the machine: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run the machine: %w", err)
	}
	on, off := context.WithCancel(ctx)
	defer off()
	var group errgroup.Group
	group.Go(func() error {
		defer off() // nobody is left to be served
		copyLines(console, cfg.Console)
		return cmd.Wait()
	})
	group.Go(func() error { return serve(on, dir) })
	if err := group.Wait(); err != nil {
		return fmt.Errorf("run the machine: %w", err)
	}
	return nil
}

// serve answers the guest until the machine is off.
func serve(ctx context.Context, dir string) error {
	monitor, err := dial(ctx, filepath.Join(dir, "qmp"))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = monitor.Close() })
	defer stop()
	q, err := newMonitor(monitor)
	if err != nil {
		return err
	}
	control, err := dial(ctx, filepath.Join(dir, "control"))
	if err != nil {
		return err
	}
	stopControl := context.AfterFunc(ctx, func() { _ = control.Close() })
	defer stopControl()
	h := &hand{monitor: q, cable: filepath.Join(dir, "cable")}
	err = h.serve(ctx, control)
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// dial waits until QEMU has made the socket.
func dial(ctx context.Context, path string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	var d net.Dialer
	for {
		c, err := d.DialContext(ctx, "unix", path)
		if err == nil {
			return c, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("the machine's %s: %w", filepath.Base(path), err)
		}
	}
}

func copyLines(r io.Reader, to func(string)) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			to(strings.TrimRight(line, "\r\n"))
		}
		if err != nil {
			return
		}
	}
}

func (c Config) arguments(dir string) []string {
	memory := c.MemoryMiB
	if memory == 0 {
		memory = 512
	}
	socket := func(id string) string {
		return "socket,id=" + id + ",path=" + filepath.Join(dir, id) + ",server=on,wait=off"
	}
	args := []string{
		"-accel", "tcg,thread=single,tb-size=128", "-cpu", "qemu64", "-m", fmt.Sprint(memory), "-smp", "1",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-kernel", c.Kernel, "-initrd", c.Initrd,
		// What follows -- goes to the first process, and so does a word that the kernel does not know.
		"-append", "console=ttyS0 quiet panic=-1 tsc=unstable mitigations=off random.trust_cpu=on -- " + strings.Join(c.Args, " "),
		"-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
		"-chardev", socket("control"), "-serial", "chardev:control",
		"-qmp", "unix:" + filepath.Join(dir, "qmp") + ",server=on,wait=off",
		"-device", "qemu-xhci,id=xhci",
		// The adapter is plugged while somebody is connected to its socket.
		"-chardev", socket("cable"), "-device", "usb-serial,id=adapter,chardev=cable,bus=xhci.0",
	}
	if c.Instructions {
		args = append(args, "-icount", "shift=2,sleep=on")
	}
	return args
}
