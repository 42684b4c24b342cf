package queue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// schema is a version of the layout with the steps that lead to it.
type schema struct {
	version int
	// steps[v] changes a journal of version v into one of version v+1, inside the
	// transaction that it is given.
	steps map[int]func(*bolt.Tx) error
}

// current is the product's schema. The first one has nothing to come from.
func (o Options) current() schema {
	if o.schema != nil {
		return *o.schema
	}
	return schema{version: schemaVersion}
}

// checkSchema refuses what this program cannot read.
func (j *Journal) checkSchema() error {
	have, want := j.info.Schema, j.opt.current()
	switch {
	case have > want.version:
		return fmt.Errorf("schema %d, this program knows %d: %w", have, want.version, ErrNewerSchema)
	case have < want.version && j.opt.ReadOnly:
		return fmt.Errorf("schema %d has to be brought to %d first: %w", have, want.version, ErrReadOnly)
	}
	for v := have; v < want.version; v++ {
		if want.steps[v] == nil {
			return fmt.Errorf("nothing leads from schema %d to %d: %w", v, v+1, ErrDamaged)
		}
	}
	return nil
}

// migrate brings an older journal to this program's schema: all steps in one
// transaction, after a copy of the file was made beside it. A power cut leaves
// the old journal or the new one.
func (j *Journal) migrate() error {
	have, want := j.info.Schema, j.opt.current()
	if have >= want.version {
		return nil
	}
	backup := fmt.Sprintf("%s.v%d-backup", j.info.Path, have)
	temp, err := j.copyBeside(backup)
	if err != nil {
		return err
	}
	if err := j.opt.Faults.step("copied"); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(temp, backup), syncDir(filepath.Dir(backup))); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := j.opt.Faults.step("backed up"); err != nil {
		return err
	}
	err = j.update("migrating", func(tx *bolt.Tx) error {
		for v := have; v < want.version; v++ {
			if err := want.steps[v](tx); err != nil {
				return fmt.Errorf("from schema %d to %d: %w", v, v+1, err)
			}
		}
		return putMeta(tx, metaSchema, want.version)
	})
	if err != nil {
		return err
	}
	j.info.Migrated, j.info.Schema = have, want.version
	return j.opt.Faults.step("migrated")
}
