package dpapi_test

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/windows"

	"posagent/internal/dpapi"
)

func TestWhatIsSealedOpensWithTheSameEntropyOnly(t *testing.T) {
	secret, entropy := []byte("a secret of some length"), []byte("purpose")
	sealed, err := dpapi.Seal(secret, entropy, "test")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, secret) {
		t.Error("the secret lies open in what was sealed")
	}
	got, err := dpapi.Open(sealed, entropy)
	if err != nil || !bytes.Equal(got, secret) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := dpapi.Open(sealed, []byte("another purpose")); !errors.Is(err, dpapi.ErrSealed) {
		t.Errorf("another purpose: %v", err)
	}
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil {
		t.Skip("wine's API does not notice damage")
	}
	sealed[len(sealed)/2] ^= 1
	if _, err := dpapi.Open(sealed, entropy); !errors.Is(err, dpapi.ErrSealed) {
		t.Errorf("damaged: %v", err)
	}
}
