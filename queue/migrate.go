package queue

// migration brings a journal from one schema to the next.
type migration struct {
	from int
}

func (j *Journal) migrate() error { return nil }
