package queue

import bolt "go.etcd.io/bbolt"

// WithSchema makes options of a program whose schema has another version.
func WithSchema(opt Options, version int, steps map[int]func(*bolt.Tx) error) Options {
	opt.schema = &schema{version, steps}
	return opt
}

// Wrap classifies a failure.
func Wrap(op, path string, err error) error { return wrap(op, path, err) }

// Seal makes a stored value with a right checksum of any JSON.
func Seal(key, json []byte) []byte { return seal(key, json) }
