package queue

import (
	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// The file is kept larger than its contents, in written zeros: a commit then
// overwrites blocks that exist. Into the holes of a file that was only made
// longer, the same commit takes half as long again, as the file system first
// has to record the new blocks. A full disk also shows here, where nothing is
// at stake, instead of in the commit of an answer.
const (
	reserveStep = 1 << 20
	// reserveLow is enough for some hundred commits: from here on the file is
	// made longer when a sale is opened that still waits for its code.
	reserveLow = 512 << 10
	// reserveLeast is the room from which on any commit makes the file longer.
	reserveLeast = reserveLow / 2
)

// room is how many bytes of the file were never used. The caller holds write.
func (j *Journal) room() int64 { return j.size - j.used }

// measure notes size and use of the file. The caller holds write.
func (j *Journal) measure() error {
	size, err := fileSize(j.info.Path)
	if err != nil {
		return err
	}
	j.size = size
	return j.read("reading", func(tx *bolt.Tx) error {
		j.used = tx.Size()
		return nil
	})
}

// keepRoom makes the file longer where its room is below least. While it cannot,
// nothing new is begun: what is under way still fits into the room that is left.
// The caller holds write.
func (j *Journal) keepRoom(least int64) {
	if j.room() >= least {
		return
	}
	err := inPlace(j.info.Path, j.file) // never grow a file that is not this journal
	if err == nil {
		err = growFile(j.info.Path, reserveStep)
	}
	if err == nil {
		err = j.measure()
	}
	j.view.Lock()
	j.full = wrap("extending", j.info.Path, err)
	j.view.Unlock()
}

// mayBegin refuses what begins something new while the disk is full.
func (j *Journal) mayBegin(w offline.Write) error {
	if !begins(w) || j.Full() == nil {
		return nil
	}
	j.keepRoom(reserveLow)
	if err := j.Full(); err != nil {
		return failed(err)
	}
	return nil
}

func begins(w offline.Write) bool {
	if w.NewSale != nil {
		return true
	}
	for _, pw := range w.Payments {
		if pw.New != nil {
			return true
		}
	}
	for _, rw := range w.Refunds {
		if rw.New != nil {
			return true
		}
	}
	return false
}

// Full is nil while there is room on the disk. Otherwise the journal begins
// nothing new: Commit refuses new sales, payments and refunds with
// offline.ErrJournal, takes facts about those under way as long as they fit,
// and tries again with every refused write whether there is room now.
func (j *Journal) Full() error {
	j.view.RLock()
	defer j.view.RUnlock()
	return j.full
}
