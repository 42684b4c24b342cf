//go:build linux

package bench_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"net"
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
	near   net.Conn
	far    net.Conn
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
	l.line()
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

// both is one signature beside the syncs, on two processors where there are two:
// what the machine takes for both at once, with nothing of the till around it.
func (l *limits) both(beside func(func())) time.Duration {
	done := make(chan struct{})
	begun := time.Now()
	beside(func() {
		defer close(done)
		l.sync()
	})
	l.sign()
	<-done
	return time.Since(begun)
}

func (l *limits) verify() time.Duration {
	begun := time.Now()
	err := rsa.VerifyPKCS1v15(&l.key.PublicKey, crypto.SHA256, l.digest[:], l.sig)
	took := time.Since(begun)
	l.must(0, err)
	return took
}

// wake is how long a byte takes through loopback TCP to a goroutine that sleeps:
// the price of telling another process anything, which is paid twice between an
// answer and its event.
func (l *limits) wake() time.Duration {
	woken := make(chan time.Time)
	go func() {
		_, err := l.far.Read(make([]byte, 1))
		woken <- time.Now()
		l.must(0, err)
	}()
	time.Sleep(pace)
	begun := time.Now()
	l.must(l.near.Write([]byte{0}))
	return (<-woken).Sub(begun)
}

// line is a connection to nobody but this process.
func (l *limits) line() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	l.must(0, err)
	defer func() { _ = listener.Close() }()
	l.near, err = net.Dial("tcp", listener.Addr().String())
	l.must(0, err)
	l.far, err = listener.Accept()
	l.must(0, err)
	l.tb.Cleanup(func() {
		_ = l.near.Close()
		_ = l.far.Close()
	})
}

func (l *limits) must(_ int, err error) {
	if err != nil {
		l.tb.Helper()
		l.tb.Fatal(err)
	}
}
