package offlinetest

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"sync"
)

// sequence is what Bytes returns.
type sequence struct {
	mu sync.Mutex
	n  uint64
}

// Bytes stands in for a source of randomness: distinct bytes without end, the same
// for the same run of a daemon, others for another run. It may be read from any
// goroutine.
func Bytes(run int) io.Reader { return &sequence{n: uint64(run) << 32} }

func (s *sequence) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(p); {
		s.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.n))
		i += copy(p[i:], sum[:])
	}
	return len(p), nil
}
