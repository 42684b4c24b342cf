package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// moduleList names the modules in the order of loading, one path and its
// parameters a line. The host makes it.
const moduleList = "/modules/list"

// bootUp does what an init system does before the first login.
func bootUp() error {
	for _, m := range []struct{ kind, at string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}, {"tmpfs", "/run"},
	} {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.at, m.kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	if err := os.Chmod("/tmp", 0o777|os.ModeSticky); err != nil {
		return err
	}
	// Warnings of drivers about devices that are pulled out are no news here.
	if err := os.WriteFile("/proc/sys/kernel/printk", []byte("3"), 0o600); err != nil {
		return err
	}
	if err := loadModules(); err != nil {
		return err
	}
	if err := unix.Mount("none", "/sys/kernel/config", "configfs", 0, ""); err != nil {
		return fmt.Errorf("mount configfs: %w", err)
	}
	return raiseLoopback()
}

func loadModules() error {
	list, err := os.Open(moduleList)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		path, params, _ := strings.Cut(lines.Text(), " ")
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(f.Fd()), params, 0)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("load %s: %w", path, err)
		}
	}
	return errors.Join(lines.Err(), list.Close())
}

// raiseLoopback lets the agent reach the pretend gateway.
func raiseLoopback() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	lo, err := unix.NewIfreq("lo")
	if err == nil {
		lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		err = unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
	}
	return errors.Join(err, unix.Close(s))
}
