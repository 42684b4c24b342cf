package image

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatTheRigNeedsIsTakenOutOfAKernelPackage(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, content := range map[string]string{
		"./boot/vmlinuz-6.1.0-1-amd64":                                           "image",
		"./lib/modules/6.1.0-1-amd64/modules.builtin":                            "kernel/drivers/tty/serial/8250/8250.ko\n",
		"./lib/modules/6.1.0-1-amd64/kernel/drivers/usb/gadget/udc/dummy_hcd.ko": "dummy",
		"./usr/lib/modules/6.1.0-1-amd64/kernel/drivers/hid/hid-generic.ko":      "generic",
		"./lib/modules/6.1.0-1-amd64/kernel/drivers/gpu/drm/big.ko":              "big",
		"./usr/share/doc/linux-image/copyright":                                  "text",
	} {
		must(t, w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: 0o644}))
		_, err := w.Write([]byte(content))
		must(t, err)
	}
	must(t, w.Close())
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "modules"), 0o755))
	must(t, unpackTar(t.Context(), tar.NewReader(&b), dir))
	k, err := open(dir)
	must(t, err)
	if len(k.Modules) != 2 || k.Modules["dummy_hcd"] == "" || k.Modules["hid_generic"] == "" || !k.Builtin["8250"] {
		t.Errorf("unpacked modules %v, built in %v", k.Modules, k.Builtin)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "vmlinuz")); err != nil || string(text) != "image" {
		t.Errorf("the image holds %q: %v", text, err)
	}
}

// bzImage has a header, set-up sectors and a payload as the boot protocol wants.
func bzImage(packed []byte) []byte {
	const sectors, gap = 3, 100
	b := make([]byte, (sectors+1)*512+gap)
	copy(b[0x202:], "HdrS")
	b[0x1f1] = sectors
	binary.LittleEndian.PutUint16(b[0x206:], 0x20f)
	binary.LittleEndian.PutUint32(b[0x248:], gap)
	binary.LittleEndian.PutUint32(b[0x24c:], uint32(len(packed)+4))
	return append(append(b, packed...), 1, 2, 3, 4, 9, 9)
}

func TestTheKernelIsTakenOutOfItsBootImage(t *testing.T) {
	if _, err := exec.LookPath("xz"); err != nil {
		t.Skip("needs xz")
	}
	want := []byte("\x7fELF the kernel")
	pack := exec.Command("xz", "-c")
	pack.Stdin = bytes.NewReader(want)
	packed, err := pack.Output()
	must(t, err)
	for name, c := range map[string]struct{ image, want []byte }{
		"packed with xz":     {bzImage(packed), want},
		"packed in some way": {bzImage([]byte("lz4")), bzImage([]byte("lz4"))},
	} {
		from, to := filepath.Join(t.TempDir(), "vmlinuz"), filepath.Join(t.TempDir(), "vmlinux")
		must(t, os.WriteFile(from, c.image, 0o600))
		must(t, extractImage(t.Context(), from, to))
		if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestWhatIsNoBootImageIsRefused(t *testing.T) {
	good := bzImage([]byte("packed"))
	old := slices.Clone(good)
	binary.LittleEndian.PutUint16(old[0x206:], 0x207)
	for name, b := range map[string][]byte{
		"nothing": nil, "short": good[:100], "text": bytes.Repeat([]byte("x"), 4096),
		"an old protocol": old, "cut off": good[:len(good)-8],
	} {
		if p, err := payload(b); err == nil {
			t.Errorf("%s: has the payload %q", name, p)
		}
	}
}

func TestModulesAreLoadedAfterWhatTheyNeed(t *testing.T) {
	for info, want := range map[string]string{
		"":                                   "",
		"license=GPL\x00depends=\x00":        "",
		"depends=hid,usb-core\x00name=x\x00": "hid usb_core",
	} {
		if got := strings.Join(parseDepends([]byte(info)), " "); got != want {
			t.Errorf("%q needs %q, want %q", info, got, want)
		}
	}
	k := &Kernel{Modules: map[string]string{}, Builtin: map[string]bool{"usbcore": true}}
	if _, err := k.LoadOrder("no-such"); err == nil || !strings.Contains(err.Error(), "no_such") {
		t.Errorf("a module that is not there: %v", err)
	}
	if order, err := k.LoadOrder("usbcore"); err != nil || len(order) != 0 {
		t.Errorf("a module of the image: %v, %v", order, err)
	}
}

func TestTheInitialFileSystemIsOneThatCpioReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "root.cpio")
	a, err := CreateArchive(path)
	must(t, err)
	a.Dir("bin")
	a.File("bin/tool", 0o755, strings.NewReader("12345"), 5)
	a.Dir("dev")
	a.File("note", 0o644, strings.NewReader(""), 0)
	must(t, a.Close())
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("needs cpio")
	}
	list := exec.Command("cpio", "-tv", "--quiet", "-F", path)
	out, err := list.CombinedOutput()
	must(t, err)
	for _, want := range []string{"bin", "bin/tool", "dev", "note", "-rwxr-xr-x", "       5 "} {
		if !strings.Contains(string(out), want) {
			t.Errorf("cpio does not list %q:\n%s", want, out)
		}
	}
}

func TestAnArchiveTellsWhatWentWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "root.cpio")
	a, err := CreateArchive(path)
	must(t, err)
	a.Copy("init", 0o755, filepath.Join(t.TempDir(), "absent"))
	if err := a.Close(); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("a file that is not there: %v", err)
	}
	a, err = CreateArchive(path)
	must(t, err)
	a.File("short", 0o644, strings.NewReader("12"), 3)
	if err := a.Close(); err == nil || !strings.Contains(err.Error(), "short") {
		t.Errorf("a file that is too short: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
