package queue

import bolt "go.etcd.io/bbolt"

// WithSchema makes options of a program whose schema has another version.
func WithSchema(opt Options, version int, steps map[int]func(*bolt.Tx) error) Options {
	opt.schema = &schema{version, steps}
	return opt
}
