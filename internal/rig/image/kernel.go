// Package image makes what the rig's machine boots: the kernel of a Debian
// package, unpacked, and an initial file system with modules and programs. It
// needs dpkg-deb and xz, and no root.
package image

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Kernel is a kernel as it lies in a folder after Unpack.
type Kernel struct {
	// Image is the path of what QEMU boots.
	Image string
	// Modules are the paths of all modules that were unpacked, by name, with
	// underscores, e.g. "usb_f_hid".
	Modules map[string]string
	// Builtin are the modules that are part of the image.
	Builtin map[string]bool
}

// moduleDirs are the folders of a kernel package, below kernel/, whose modules
// the rig may want: the whole has 400 MB.
func moduleDirs() []string {
	return []string{"drivers/usb/", "drivers/hid/", "drivers/input/", "drivers/net/mii.", "fs/configfs/"}
}

const complete = "complete"

// Unpack takes a kernel out of the Debian package deb into dir, unless it lies
// there already.
func Unpack(ctx context.Context, deb, dir string) (*Kernel, error) {
	if _, err := os.Stat(filepath.Join(dir, complete)); err == nil {
		return open(dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("unpack the kernel: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "modules"), 0o755); err != nil {
		return nil, fmt.Errorf("unpack the kernel: %w", err)
	}
	if err := unpackDeb(ctx, deb, dir); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", deb, err)
	}
	if err := extractImage(ctx, filepath.Join(dir, "vmlinuz"), filepath.Join(dir, "vmlinux")); err != nil {
		return nil, fmt.Errorf("unpack the kernel's image: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, complete), nil, 0o600); err != nil {
		return nil, fmt.Errorf("unpack the kernel: %w", err)
	}
	return open(dir)
}

func unpackDeb(ctx context.Context, deb, dir string) error {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w (Debian's dpkg-deb is needed)", err)
	}
	uerr := unpackTar(ctx, tar.NewReader(out), dir)
	if uerr != nil {
		_, _ = io.Copy(io.Discard, out) // or dpkg-deb waits for a reader for ever
	}
	return errors.Join(uerr, cmd.Wait())
}

func unpackTar(ctx context.Context, r *tar.Reader, dir string) error {
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := path.Clean(h.Name)
		switch target := wanted(name); {
		case target == "":
		case strings.HasSuffix(target, ".xz"):
			err = writeUnxz(ctx, r, filepath.Join(dir, strings.TrimSuffix(target, ".xz")))
		default:
			err = writeFile(r, filepath.Join(dir, target))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// wanted is where a file of the package goes; empty: nowhere.
func wanted(name string) string {
	if strings.HasPrefix(name, "boot/vmlinuz-") {
		return "vmlinuz"
	}
	_, inner, ok := strings.Cut(name, "lib/modules/")
	if !ok {
		return ""
	}
	_, inner, _ = strings.Cut(inner, "/")
	if inner == "modules.builtin" {
		return inner
	}
	inner, ok = strings.CutPrefix(inner, "kernel/")
	if ok && slices.ContainsFunc(moduleDirs(), func(d string) bool { return strings.HasPrefix(inner, d) }) {
		return "modules/" + path.Base(inner)
	}
	return ""
}

func writeFile(r io.Reader, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

func writeUnxz(ctx context.Context, r io.Reader, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(unxz(ctx, r, f), f.Close())
}

func unxz(ctx context.Context, r io.Reader, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "xz", "-dc", "--single-stream")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r, w, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("xz: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}

// extractImage takes the kernel's ELF file out of a bzImage: unpacking it is
// otherwise done by the machine, slowly. What is not packed with xz is booted as
// it is.
func extractImage(ctx context.Context, from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	packed, err := payload(b)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(packed, []byte("\xfd7zXZ\x00")) {
		return os.WriteFile(to, b, 0o600)
	}
	return writeUnxz(ctx, bytes.NewReader(packed), to)
}

// payload is the packed kernel inside a bzImage, as the x86 boot protocol 2.08
// and later lays it out (Documentation/arch/x86/boot.rst): the set-up sectors,
// the offset behind them, the length. Its last four bytes are the unpacked size.
func payload(b []byte) ([]byte, error) {
	const magic, sectors, version, offset, length = 0x202, 0x1f1, 0x206, 0x248, 0x24c
	if len(b) < length+4 || string(b[magic:magic+4]) != "HdrS" {
		return nil, errors.New("not a bzImage")
	}
	if v := binary.LittleEndian.Uint16(b[version:]); v < 0x208 {
		return nil, fmt.Errorf("boot protocol %#x is older than 2.08", v)
	}
	begin := (int(b[sectors])+1)*512 + int(binary.LittleEndian.Uint32(b[offset:]))
	size := int(binary.LittleEndian.Uint32(b[length:]))
	if size < 4 || begin+size > len(b) {
		return nil, errors.New("the payload lies outside of the bzImage")
	}
	return b[begin : begin+size-4], nil
}

// open lists what Unpack left in dir.
func open(dir string) (*Kernel, error) {
	k := &Kernel{Image: filepath.Join(dir, "vmlinux"), Modules: map[string]string{}, Builtin: map[string]bool{}}
	files, err := filepath.Glob(filepath.Join(dir, "modules", "*.ko"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		k.Modules[moduleName(f)] = f
	}
	list, err := os.ReadFile(filepath.Join(dir, "modules.builtin"))
	if err != nil {
		return nil, fmt.Errorf("list the kernel's built-in modules: %w", err)
	}
	for line := range strings.Lines(string(list)) {
		k.Builtin[moduleName(strings.TrimSpace(line))] = true
	}
	return k, nil
}

// moduleName is how the kernel calls a module's file: with underscores.
func moduleName(file string) string {
	name, _, _ := strings.Cut(path.Base(filepath.ToSlash(file)), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}
