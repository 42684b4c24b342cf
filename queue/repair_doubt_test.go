package queue_test

import (
	"bytes"
	"testing"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// The page with the newest records of a sale is lost, an older copy of it is
// found: in that one the sale still waits for a code. It must not pass for one of
// which nothing was sent.
func TestASaleWhosePaymentMayBeLostWaitsForAPerson(t *testing.T) {
	for _, row := range []struct {
		name   string
		before func(s *queuetest.Script) []offline.Write
	}{
		{"its only payment", func(s *queuetest.Script) []offline.Write {
			return []offline.Write{s.Open("R-99")}
		}},
		{"its second payment", func(s *queuetest.Script) []offline.Write {
			return []offline.Write{s.Start("R-99", "M-98", queuetest.Code(98)), s.Declined("R-99", "M-98")}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			j, err := queue.Open(world(t), queue.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Close() })
			s := queuetest.NewScript(j)
			queuetest.Commit(t, j, row.before(s)...)
			queuetest.Commit(t, j, s.Pay("R-99", "M-99", queuetest.Code(99)))
			data := readFile(t, j.Path()) // as a power cut would leave it
			lost := 0
			for at := 2 * pageSize; at+pageSize <= len(data); at += pageSize {
				if page := data[at : at+pageSize]; bytes.Contains(page, []byte("M-99")) {
					clear(page)
					lost++
				}
			}
			if lost == 0 {
				t.Fatal("no page holds the payment")
			}
			path := place(t, data)
			r := mustRepair(t, path)
			sale := mustReadAll(t, path)["R-99"]
			sale = sale.SeenBy("boot-2")
			if sale.ID == "" || sale.State() != offline.SaleStateAttention || sale.CanRescan() {
				t.Errorf("the sale is %q with payments %+v, want it to wait for a person; findings %v", sale.State(), sale.Payments, r.Findings)
			}
			if len(r.Parked) == 0 || sale.Current() == nil || r.Parked[len(r.Parked)-1] != sale.Current().ID {
				t.Errorf("the report names %v as waiting for a person", r.Parked)
			}
		})
	}
}
