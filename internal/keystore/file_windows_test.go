package keystore

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/windows"

	"posagent/internal/acl"
)

// wine keeps a file's mode and no list.
func needsLists(t *testing.T) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("wine keeps no access lists of files")
	}
}

func TestAKeyThatAllUsersCanReadIsRefusedAndProtectClosesAndSealsIt(t *testing.T) {
	needsLists(t)
	path := put(t, armour("PRIVATE KEY", pkcs8(testKey())), 0o644)
	if err := acl.Apply(path, "D:P(A;;FA;;;BA)(A;;FR;;;WD)"); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadPrivate(path); !errors.Is(err, ErrExposed) {
		t.Fatalf("everybody may read it: %v", err)
	}
	if _, err := Protect(path); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(must(os.ReadFile(path)), []byte("BEGIN PRIVATE KEY")) {
		t.Error("the key lies open")
	}
	key, err := LoadPrivate(path)
	if err != nil || !key.RSA().Equal(testKey()) {
		t.Errorf("%v %v", key, err)
	}
}

func TestANewKeyIsClosedFromTheStart(t *testing.T) {
	needsLists(t)
	pair := PairIn(t.TempDir(), "terminal")
	if _, err := Generate(pair); err != nil {
		t.Fatal(err)
	}
	d, err := acl.OfFile(pair.Private)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := acl.Trusted()
	if err != nil {
		t.Fatal(err)
	}
	if others := d.Others(acl.Reading|acl.Changing, trusted...); len(others) != 0 {
		t.Errorf("open to %s", acl.Names(others))
	}
}
