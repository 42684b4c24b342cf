package device

import (
	"context"
	"slices"
)

// Replace puts other scanners in the place of those there are. One without a
// Driver stands for the one of that name that there is already, which goes on
// untouched: its port stays open. The ports of the others that were there are
// closed before a new one is opened, as two names may mean one device; a driver
// that hangs is waited for until ctx ends. A claim, and somebody who waits for a
// scan, stay as they are. On an error nothing was changed; after the end of Run
// it is ErrStopped.
func (m *Manager) Replace(ctx context.Context, list []Scanner) error {
	m.replacing.Lock()
	defer m.replacing.Unlock()
	next, err := m.build(list)
	if err != nil {
		return err
	}
	m.mu.Lock()
	if m.ended {
		m.mu.Unlock()
		return ErrStopped
	}
	old, running := m.scanners, m.launch != nil
	m.mu.Unlock()
	if running {
		retire(ctx, slices.DeleteFunc(slices.Clone(old), func(s *scanner) bool { return slices.Contains(next, s) }))
	}
	m.mu.Lock()
	m.scanners = next
	if m.launch != nil {
		for _, s := range next {
			if !slices.Contains(old, s) {
				m.launch(s)
			}
		}
	}
	m.mu.Unlock()
	m.healthChanged()
	return nil
}

// retire stops scanners and waits for their ports to close.
func retire(ctx context.Context, list []*scanner) {
	for _, s := range list {
		s.stop()
	}
	for _, s := range list {
		select {
		case <-s.done:
		case <-ctx.Done():
			s.log.Warn("a scanner that is no longer wanted does not give its port back yet", "port", s.snapshot().Port)
		}
	}
}

// list is what there is now; nobody writes into it.
func (m *Manager) list() []*scanner {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.scanners
}

func (m *Manager) named(name string) *scanner {
	for _, s := range m.list() {
		if s.cfg.Name == name {
			return s
		}
	}
	return nil
}
