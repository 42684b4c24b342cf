package queue

import (
	"context"
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

// Migration is what a start of this program would do to a journal.
type Migration struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// TryMigration brings a copy of a journal to this program's schema, verifies the
// result, and removes it again. The journal is not changed.
func TryMigration(ctx context.Context, path string, opt Options) (m Migration, err error) {
	m, err = tryMigration(ctx, path, opt)
	return m, wrap("trying to migrate", path, err)
}

func tryMigration(ctx context.Context, path string, opt Options) (m Migration, err error) {
	unlock, err := lockFile(path, true)
	if err != nil {
		return m, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), filepath.Base(path)+newSuffix+"*")
	if err != nil {
		return m, errors.Join(err, unlock())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	trial := filepath.Join(dir, filepath.Base(path))
	if err := errors.Join(copyFile(path, trial), unlock()); err != nil {
		return m, err
	}
	opt.ReadOnly = false
	j, err := open(trial, opt)
	if err != nil {
		return m, err
	}
	m = Migration{From: j.info.Schema, To: j.info.Schema}
	if j.info.Migrated != 0 {
		m.From = j.info.Migrated
	}
	if err := j.Close(); err != nil {
		return m, err
	}
	r, err := verify(ctx, trial, opt)
	if err == nil && !r.OK() {
		err = fmt.Errorf("the migrated copy does not verify: %s: %w", r.Findings[0], ErrDamaged)
	}
	return m, err
}
