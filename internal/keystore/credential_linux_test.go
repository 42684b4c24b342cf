package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// memory is a directory as systemd makes it for credentials: in memory, and closed.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "posagent-credentials-")
	if err != nil {
		t.Skipf("no file system in memory at /dev/shm: %v", err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(dir, 0o700)
		_ = os.RemoveAll(dir)
	})
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil || st.Type != unix.TMPFS_MAGIC {
		t.Skipf("/dev/shm is not in memory: %v", err)
	}
	return dir
}

func hand(t *testing.T, dir string, fileMode, dirMode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, "alipay-key")
	if err := os.WriteFile(path, armour("PRIVATE KEY", pkcs8(testKey())), 0o600); err != nil {
		t.Fatal(err)
	}
	for p, mode := range map[string]os.FileMode{path: fileMode, dir: dirMode} {
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestACredentialIsReadByItsName(t *testing.T) {
	for _, mode := range []os.FileMode{0o400, 0o440} {
		dir := memory(t)
		path := hand(t, dir, mode, 0o550)
		t.Setenv("CREDENTIALS_DIRECTORY", dir)
		for _, name := range []string{"credential:alipay-key", path} {
			key, err := LoadPrivate(name)
			if err != nil || !key.RSA().Equal(testKey()) {
				t.Errorf("%s with mode %04o: %v, %v", name, mode, key, err)
			}
		}
	}
}

func TestAGroupsBitIsRefusedWhereSystemdDidNotMakeIt(t *testing.T) {
	for _, row := range []struct {
		name              string
		fileMode, dirMode os.FileMode
		env, onDisk       bool
	}{
		{"in memory, but not in the directory of credentials", 0o440, 0o550, false, false},
		{"others may read it", 0o444, 0o550, true, false},
		{"the group may write it", 0o460, 0o550, true, false},
		{"its owner may write it", 0o640, 0o550, true, false},
		{"others may enter the directory", 0o440, 0o555, true, false},
		{"the group may put files there", 0o440, 0o570, true, false},
		{"on a disk", 0o440, 0o550, true, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := memory(t)
			if row.onDisk {
				dir = t.TempDir()
				if inMemory(dir) {
					t.Skip("temporary files lie in memory here")
				}
			}
			path := hand(t, dir, row.fileMode, row.dirMode)
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			t.Setenv("CREDENTIALS_DIRECTORY", "")
			if row.env {
				t.Setenv("CREDENTIALS_DIRECTORY", dir)
			}
			if _, err := LoadPrivate(path); !errors.Is(err, ErrExposed) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func TestALinkInTheDirectoryOfCredentialsIsJudgedByWhereItLeads(t *testing.T) {
	dir := memory(t)
	elsewhere := filepath.Join(memory(t), "key")
	if err := os.WriteFile(elsewhere, armour("PRIVATE KEY", pkcs8(testKey())), 0o440); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(elsewhere, 0o440); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, "alipay-key")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if _, err := LoadPrivate("credential:alipay-key"); !errors.Is(err, ErrExposed) {
		t.Errorf("it says %v", err)
	}
}

func TestACredentialThatIsNotThereIsToldByWhatIsMissing(t *testing.T) {
	dir := memory(t)
	for _, row := range []struct {
		name, env string
		want      error
		says      string
	}{
		{"credential:alipay-key", dir, ErrMissing, "alipay-key"},
		{"credential:alipay-key", "", ErrNotHandedOver, "LoadCredentialEncrypted=alipay-key:FILE"},
		{"credential:", dir, ErrFormat, "not a plain name"},
		{"credential:../../etc/shadow", dir, ErrFormat, "not a plain name"},
		{"credential:..", dir, ErrFormat, "not a plain name"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("CREDENTIALS_DIRECTORY", row.env)
			if _, err := LoadPrivate(row.name); !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("it says %v", err)
			}
		})
	}
}
