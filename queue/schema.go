package queue

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Schema is the layout that this program writes, and the newest that it reads.
const Schema = schemaVersion

// SchemaOf reads the layout of a journal that no other program has, also of one
// that is newer than Schema. Nothing is changed. Errors are *Error, as of Open.
func SchemaOf(path string) (int, error) {
	schema, err := schemaOf(path)
	if err != nil {
		return 0, wrap("reading the schema of", path, err)
	}
	return schema, nil
}

func schemaOf(path string) (schema int, err error) {
	if err := lockAndInspect(path, true); err != nil {
		return 0, err
	}
	db, _, err := openBolt(path, Options{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, guard(db.Close)) }()
	err = guard(func() error {
		return db.View(func(tx *bolt.Tx) error {
			if tx.Bucket([]byte(bucketMeta)) == nil {
				return fmt.Errorf("a bbolt file, but not a journal: %w", ErrDamaged)
			}
			return getMeta(tx, metaSchema, &schema)
		})
	})
	return schema, err
}
