package supervisor

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what one hash takes: memory in KiB, passes, lanes.
type cost struct {
	memory, time uint32
	lanes        uint8
}

// usual is the cost of new hashes: 19 MiB, t=2, p=1.
func usual() cost { return cost{memory: 19 << 10, time: 2, lanes: 1} }

// sane bounds what a file may ask for: one that somebody has put there must not
// take up the machine that takes the payments.
func (c cost) sane() bool {
	return c.memory >= 8 && c.memory <= 256<<10 && c.time >= 1 && c.time <= 16 && c.lanes >= 1 && c.lanes <= 4
}

const (
	saltSize = 16
	keySize  = 32
)

var errHash = errors.New("not an Argon2id hash of this program")

// hash is one Argon2id hash with its salt and cost.
type hash struct {
	cost      cost
	salt, key []byte
}

func newHash(p PIN, c cost) (hash, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return hash{}, fmt.Errorf("making a salt: %w", err)
	}
	return hash{c, salt, c.key(p, salt)}, nil
}

func (c cost) key(p PIN, salt []byte) []byte {
	return argon2.IDKey([]byte(p.text), salt, c.time, c.memory, c.lanes, keySize)
}

// matches compares in a time that does not depend on where they differ.
func (h hash) matches(p PIN) bool {
	return subtle.ConstantTimeCompare(h.cost.key(p, h.salt), h.key) == 1
}

// String is the form in which Argon2's own tools write a hash:
// $argon2id$v=19$m=19456,t=2,p=1$SALT$KEY.
func (h hash) String() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.memory, h.cost.time, h.cost.lanes,
		b.EncodeToString(h.salt), b.EncodeToString(h.key))
}

func parseHash(text string) (hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return hash{}, errHash
	}
	var h hash
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.memory, &h.cost.time, &h.cost.lanes); n != 3 || err != nil || !h.cost.sane() {
		return hash{}, errHash
	}
	var err error
	b := base64.RawStdEncoding.Strict()
	if h.salt, err = b.DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return hash{}, errHash
	}
	if h.key, err = b.DecodeString(parts[5]); err != nil || len(h.key) != keySize {
		return hash{}, errHash
	}
	return h, nil
}
