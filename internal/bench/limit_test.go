//go:build linux

package bench_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// limits measures what no journal and no client can go below: the syncs of one
// commit on this disk, one signature and one verification on this processor.
type limits struct {
	tb     testing.TB
	file   *os.File
	at     int64
	key    *rsa.PrivateKey
	digest [32]byte
	sig    []byte
}

const (
	pageSize = 4096
	// dirtyPages is what one commit of the journal writes before its first sync,
	// counted with strace: leaf and branch of the bucket, the root, the list of
	// free pages. The head follows with the second sync.
	dirtyPages = 4
	filePages  = 512
)

func newLimits(tb testing.TB, dir string, key *rsa.PrivateKey) *limits {
	tb.Helper()
	l := &limits{tb: tb, key: key, digest: sha256.Sum256([]byte("a message"))}
	var err error
	if l.file, err = os.Create(filepath.Join(dir, "limit")); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = l.file.Close()
		_ = os.Remove(l.file.Name())
	})
	if _, err = l.file.Write(make([]byte, filePages*pageSize)); err == nil {
		err = l.file.Sync()
	}
	if err == nil {
		l.sig, err = key.Sign(rand.Reader, l.digest[:], crypto.SHA256)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// sync writes as many pages as a commit does, each where bbolt would find a free
// one, syncs, writes one of the two heads and syncs again.
func (l *limits) sync() time.Duration {
	page := make([]byte, pageSize)
	fd := int(l.file.Fd())
	begun := time.Now()
	for range dirtyPages {
		l.at = 2 + (l.at+7)%(filePages-2)
		page[0]++
		l.must(unix.Pwrite(fd, page, l.at*pageSize))
	}
	l.must(0, unix.Fdatasync(fd))
	l.must(unix.Pwrite(fd, page, l.at%2*pageSize))
	l.must(0, unix.Fdatasync(fd))
	return time.Since(begun)
}

func (l *limits) sign() time.Duration {
	begun := time.Now()
	sig, err := l.key.Sign(rand.Reader, l.digest[:], crypto.SHA256)
	took := time.Since(begun)
	l.must(len(sig), err)
	return took
}

func (l *limits) verify() time.Duration {
	begun := time.Now()
	err := rsa.VerifyPKCS1v15(&l.key.PublicKey, crypto.SHA256, l.digest[:], l.sig)
	took := time.Since(begun)
	l.must(0, err)
	return took
}

func (l *limits) must(_ int, err error) {
	if err != nil {
		l.tb.Helper()
		l.tb.Fatal(err)
	}
}
