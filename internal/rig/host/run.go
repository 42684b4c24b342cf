package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"posagent/internal/rig/image"
	"posagent/internal/rig/machine"
)

// options are the command's flags.
type options struct {
	quick, verbose, instructions bool
	run, dir, tags               string
	limit                        time.Duration
}

// modules are what the machine's kernel loads beside what these need. Each
// stands for a kind of scanner, or for a side of the USB bus.
func modules() []string {
	return []string{
		"xhci-pci", "hid-generic", "usbhid", "evdev", "uinput", "cdc-acm", "ftdi_sio",
		"usb_f_hid", "usb_f_acm", "usb_f_fs", "dummy_hcd",
	}
}

// run is the whole of the command; ok says that everything held.
func run(ctx context.Context, o options, out io.Writer) (ok bool, err error) {
	begun := time.Now()
	step := func(name string) {
		fmt.Fprintf(out, "%6.1fs  %s\n", time.Since(begun).Seconds(), name)
	}
	deb, err := kernelPackage(o.dir)
	if err != nil {
		return false, err
	}
	step("unpacking the kernel of " + filepath.Base(deb))
	kernel, err := image.Unpack(ctx, deb, filepath.Join(o.dir, strings.TrimSuffix(filepath.Base(deb), ".deb")))
	if err != nil {
		return false, err
	}
	step("building posagent and the guest")
	for _, b := range []build{
		{name: "posagent", pkg: "./cmd/posagent", tags: o.tags},
		{name: "guest", pkg: "./internal/rig/guest"},
	} {
		if err := b.run(ctx, o.dir); err != nil {
			return false, err
		}
	}
	root := filepath.Join(o.dir, "root.cpio")
	if err := makeRoot(kernel, o.dir, root); err != nil {
		return false, err
	}
	args := []string{"-run", o.run}
	if o.quick {
		args = append(args, "-quick")
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	step("booting the machine")
	t := &tally{out: out, verbose: o.verbose}
	err = machine.Run(ctx, machine.Config{
		Kernel: kernel.Image, Initrd: root, Args: args, Instructions: o.instructions, Console: t.console,
	})
	if ctx.Err() != nil {
		err = errors.Join(err, fmt.Errorf("the machine was ended after %s", o.limit))
	}
	step("the machine is off")
	return t.verdict(), err
}

// kernelPackage is the Debian package of a kernel that lies in dir: the newest.
func kernelPackage(dir string) (string, error) {
	debs, err := filepath.Glob(filepath.Join(dir, "linux-image-*.deb"))
	if err != nil {
		return "", err
	}
	if len(debs) == 0 {
		return "", fmt.Errorf("no linux-image-*.deb lies in %s: .ci/need rig fetches one", dir)
	}
	newest, at := "", time.Time{}
	for _, d := range debs {
		info, err := os.Stat(d)
		if err != nil {
			return "", err
		}
		if newest == "" || info.ModTime().After(at) {
			newest, at = d, info.ModTime()
		}
	}
	return newest, nil
}

// build is a program for the machine.
type build struct {
	name, pkg, tags string
}

// run links statically: the machine has no C library. NO_ICONV: hidapi converts
// a device's strings with iconv, which loads its tables at run time; without
// them every string is empty.
func (b build) run(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath",
		"-tags", strings.Trim(b.tags+",netgo,osusergo", ","),
		"-ldflags", `-s -w -linkmode external -extldflags "-static"`,
		"-o", filepath.Join(dir, b.name), b.pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS=-O2 -g -DNO_ICONV")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s: %w", b.pkg, err)
	}
	return nil
}

// makeRoot puts modules and programs into the initial file system.
func makeRoot(kernel *image.Kernel, dir, to string) error {
	order, err := kernel.LoadOrder(modules()...)
	if err != nil {
		return err
	}
	a, err := image.CreateArchive(to)
	if err != nil {
		return err
	}
	for _, d := range []string{"bin", "dev", "modules", "proc", "run", "sys", "tmp"} {
		a.Dir(d)
	}
	a.Device("dev/console", 5, 1)
	a.Copy("init", 0o755, filepath.Join(dir, "guest"))
	a.Copy("bin/posagent", 0o755, filepath.Join(dir, "posagent"))
	var list strings.Builder
	for _, m := range order {
		name := filepath.Base(m)
		a.Copy("modules/"+name, 0o644, m)
		fmt.Fprintf(&list, "/modules/%s%s\n", name, parameters(name))
	}
	a.File("modules/list", 0o644, strings.NewReader(list.String()), int64(list.Len()))
	return a.Close()
}

// parameters of a module: four ports that a gadget can be plugged into.
func parameters(module string) string {
	if strings.HasPrefix(module, "dummy_hcd.") {
		return " num=4"
	}
	return ""
}
