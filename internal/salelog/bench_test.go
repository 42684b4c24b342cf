package salelog

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"posagent/internal/logx"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// oneSale are the changes of one sale that is paid.
func oneSale(b *testing.B) (changes []offline.Change) {
	s := &shop{t: b, journal: offlinetest.NewJournal()}
	s.gateway = offlinetest.NewGateway(s.journal)
	s.start()
	sub := s.engine.Subscribe(16)
	paid := answer(offline.Success)
	paid.After = 0
	s.gateway.Expect(offline.OpPay, paid)
	s.open("R-1")
	s.pay("R-1")
	for range 3 {
		changes = append(changes, <-sub.C)
	}
	sub.Close()
	s.stop()
	return changes
}

// BenchmarkSale is the processor time that the four lines of a paid sale cost, by format, what the writer does included;
// nothing is written.
func BenchmarkSale(b *testing.B) {
	changes := oneSale(b)
	for _, format := range []logx.Format{logx.FormatText, logx.FormatJSON} {
		b.Run(string(format), func(b *testing.B) {
			log, err := logx.New(logx.Options{Format: format, Stderr: io.Discard})
			if err != nil {
				b.Fatal(err)
			}
			tell(b, changes, log.Logger(), func() { log.Flush(time.Minute) })
			if s := log.Stats(); s.LostMoney+s.LostOrdinary > 0 {
				b.Errorf("lines were lost: %+v", s)
			}
			if err := log.Close(); err != nil {
				b.Error(err)
			}
		})
	}
	b.Run("nothing", func(b *testing.B) { tell(b, changes, slog.New(slog.DiscardHandler), func() {}) })
}

func tell(b *testing.B, changes []offline.Change, log *slog.Logger, flush func()) {
	t := &Teller{log: log, seen: map[offline.SaleID]standing{}, steps: map[offline.SaleID]*steps{}}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for _, c := range changes {
			t.change(c, false)
		}
		if n++; n%100 == 0 {
			flush()
		}
	}
	flush()
}
