package support

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"posagent/internal/diskspace"
)

// runner runs a command and returns what it says on both outputs.
type runner func(ctx context.Context, name string, args ...string) ([]byte, error)

const commandTime = 5 * time.Second

func runCommand(ctx context.Context, name string, args ...string) ([]byte, error) {
	return runWithin(ctx, commandTime, name, args...)
}

// runWithin runs one of the system's own tools, for a limited time, without a terminal and in the language of its
// makers. Its words are of use even where it fails.
func runWithin(ctx context.Context, limit time.Duration, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not on this system", name)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // the names are this package's own
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=")
	cmd.WaitDelay = time.Second
	out := newest{most: partLimit}
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	switch text := bytes.TrimSpace(out.text); {
	case ctx.Err() != nil:
		return out.text, fmt.Errorf("%s did not end within %s", name, limit)
	case err != nil && len(text) == 0:
		return nil, fmt.Errorf("%s: %w", name, err)
	case len(text) == 0:
		return nil, fmt.Errorf("%s says nothing; a user of the group adm or systemd-journal may see more", name)
	}
	return out.text, nil
}

// command makes a collector of a command.
func (b *bundle) command(name string, args ...string) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) { return b.opt.commands(ctx, name, args...) }
}

// systemParts are facts of the machine.
func (b *bundle) systemParts() []part {
	list := []part{{name: "system/facts.json", about: "system, user, time zone, language, room on the disk", collect: b.facts}}
	add := func(name, about, command string, args ...string) {
		list = append(list, part{name: "system/" + name, about: about, collect: b.command(command, args...)})
	}
	if runtime.GOOS == "windows" {
		add("service.txt", "the service's state", "sc.exe", "query", "posagent")
		add("service-config.txt", "the service's set-up", "sc.exe", "qc", "posagent")
		add("time.txt", "whether the clock is set by the network", "w32tm.exe", "/query", "/status")
		return list
	}
	for _, f := range []struct{ name, path, about string }{
		{"os-release", "/etc/os-release", "the system and its version"},
		{"kernel.txt", "/proc/version", "the kernel"},
		{"memory.txt", "/proc/meminfo", "memory"},
		{"uptime.txt", "/proc/uptime", "seconds since the machine started"},
		{"load.txt", "/proc/loadavg", "how busy the machine is"},
		{"mounts.txt", "/proc/self/mounts", "file systems and how they are mounted"},
	} {
		list = append(list, part{name: "system/" + f.name, about: f.about, collect: func(context.Context) ([]byte, error) { return readSmall(f.path) }})
	}
	add("unit.txt", "the systemd unit as it is loaded, and its state", "systemctl", "show", Unit, "--no-pager", "--property",
		"Id,LoadState,ActiveState,SubState,Result,StatusText,NRestarts,ExecMainStartTimestamp,ExecMainStatus,MemoryCurrent,TasksCurrent,FragmentPath,DropInPaths,User,Group,SupplementaryGroups")
	add("time.txt", "whether the clock is set by the network", "timedatectl", "show")
	add("groups.txt", "groups that may open scanners", "getent", "group", "posagent", "posagent-scanner", "dialout", "input", "plugdev")
	add("devices.txt", "device files of scanners", "sh", "-c", "ls -l /dev/ttyUSB* /dev/ttyACM* /dev/hidraw* /dev/input/event* /dev/serial/by-id/* 2>/dev/null")
	add("packages.txt", "the installed packages", "sh", "-c", "dpkg-query -W 'posagent*' 2>/dev/null || rpm -q posagent posagent-ui")
	return list
}

func (b *bundle) facts(context.Context) ([]byte, error) {
	host, err := os.Hostname()
	if err != nil {
		host = err.Error()
	}
	zone, offset := b.opt.Now.Zone()
	f := struct {
		OS        string            `json:"os"`
		Arch      string            `json:"arch"`
		CPUs      int               `json:"cpus"`
		Host      string            `json:"host"`
		UID       int               `json:"uid"`
		GID       int               `json:"gid"`
		Groups    []int             `json:"groups"`
		Zone      string            `json:"timeZone"`
		UTCOffset int               `json:"utcOffsetSeconds"`
		Locale    map[string]string `json:"locale"`
		Disks     map[string]string `json:"disks"`
	}{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Host: host, UID: os.Getuid(), GID: os.Getgid(),
		Zone: zone, UTCOffset: offset, Locale: map[string]string{}, Disks: map[string]string{},
	}
	if f.Groups, err = os.Getgroups(); err != nil {
		f.Groups = []int{}
	}
	for _, name := range []string{"LANG", "LC_ALL", "LANGUAGE", "TZ"} {
		if v := os.Getenv(name); v != "" {
			f.Locale[name] = v
		}
	}
	if c := b.opt.Config; c != nil {
		for _, path := range []string{c.Journal.Path, c.Log.File} {
			if path == "" {
				continue
			}
			space, err := diskspace.Free(filepath.Dir(path))
			if err != nil {
				f.Disks[path] = err.Error()
				continue
			}
			f.Disks[path] = formatSize(int64(min(space.Free, 1<<62))) + " free"
		}
	}
	return asJSON(f, nil)
}

// readSmall reads one of the kernel's or the system's own small files.
func readSmall(path string) (content []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content, err = io.ReadAll(io.LimitReader(f, 64<<10))
	if err == nil && strings.TrimSpace(string(content)) == "" {
		err = fmt.Errorf("%s is empty", path)
	}
	return content, err
}
