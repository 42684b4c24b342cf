package localapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi"
	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/internal/shift"
	"posagent/offline"
)

// ledger serves on with a ledger of shifts, which begin now. It returns its file.
func (b *bench) ledger() string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "shifts.json")
	l := shift.New(path, b.journal)
	if err := l.Begin(b.t.Context(), time.Now()); err != nil {
		b.t.Fatal(err)
	}
	b.shifts = l
	b.serve(b.till)
	synctest.Wait()
	return path
}

func (b *bench) shift(a answer, status int) (s wire.Shift) {
	b.t.Helper()
	if a.status != status {
		b.t.Errorf("HTTP %d, want %d: %s", a.status, status, a.body)
	}
	a.decode(b.t, &s)
	return s
}

func TestAShiftIsSummedAndClosedUnderANumber(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode) // before the first shift
		b.ledger()
		s := b.shift(b.call("GET", "/v1/shift", ""), 200)
		if len(s.Totals) != 1 || s.Totals[0].Paid != 0 || s.Totals[0].PaidSum.Currency != "HKD" || s.OpenCount != 0 || s.Number != 0 {
			b.t.Errorf("%+v", s)
		}
		b.gateway.Expect(offline.OpRefund, success())
		b.call("POST", "/v1/sales/A/refunds", `{"refundId":"F","amount":{"currency":"HKD","value":"850"}}`)
		pass(time.Hour)
		b.attention("B", otherCode)
		s = b.shift(b.call("GET", "/v1/shift", ""), 200)
		if tt := s.Totals[0]; tt.Paid != 0 || tt.Refunded != 1 || tt.RefundedSum.Value != 850 || s.OpenCount != 1 || s.Open[0].SaleID != "B" {
			b.t.Errorf("%+v", s)
		}
		end := `{"shiftId":"S-1","by":"till 3"}`
		closed := b.shift(b.call("POST", "/v1/shift/close", end), 201)
		if closed.Number != 1 || closed.By != "till 3" || closed.OpenCount != 1 || closed.Totals[0].Refunded != 1 || !closed.To.After(closed.From) {
			b.t.Errorf("%+v", closed)
		}
		if again := b.shift(b.call("POST", "/v1/shift/close", end), 200); again.Number != 1 || !again.To.Equal(closed.To) || len(again.Open) != 1 {
			b.t.Errorf("%+v", again)
		}
		if s = b.shift(b.call("GET", "/v1/shift", ""), 200); s.Totals[0].Refunded != 0 || s.OpenCount != 1 || !s.From.Equal(closed.To) {
			b.t.Errorf("%+v", s)
		}
		for body, field := range map[string]string{
			`{"by":"x"}`: "shiftId", `{"shiftId":"a/b","by":"x"}`: "shiftId", `{"shiftId":"S-2"}`: "by",
			`{"shiftId":"S-2","by":""}`: "by", `{"shiftId":"S-2","by":"x","number":7}`: "number",
		} {
			if p := b.wantProblem(b.call("POST", "/v1/shift/close", body), 400, wire.CodeInvalidRequest); p.Field != field {
				b.t.Errorf("%s: field %q", body, p.Field)
			}
		}
		b.wantProblem(b.call("GET", "/v1/shift?x=1", ""), 400, wire.CodeInvalidRequest)
		b.wantProblem(b.call("POST", "/v1/shift/close?x=1", end), 400, wire.CodeInvalidRequest)
	})
}

func TestTheEndOfAShiftCanNeedASupervisor(t *testing.T) {
	run(t, func(b *bench) {
		b.ledger()
		b.supervised(localapi.Needs{CloseShift: true})
		end := `{"shiftId":"S-1","by":"till 3"}`
		b.wantProblem(b.call("POST", "/v1/shift/close", end), 403, wire.CodeSupervisorRequired)
		b.wantProblem(b.call("POST", "/v1/shift/close", allowed(end, "Ann", wrongPIN)), 403, wire.CodeSupervisorRefused)
		if s := b.shift(b.call("POST", "/v1/shift/close", allowed(end, "Ann", goodPIN)), 201); s.By != "till 3, allowed by Ann" {
			b.t.Errorf("%+v", s)
		}
		b.shift(b.call("POST", "/v1/shift/close", end), 200) // its answer was lost
	})
}

func TestAShiftThatCannotBeKeptSaysSo(t *testing.T) {
	run(t, func(b *bench) {
		path := b.ledger()
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			b.t.Fatal(err)
		}
		p := b.wantProblem(b.call("POST", "/v1/shift/close", `{"shiftId":"S-1","by":"x"}`), 503, wire.CodeShiftUnavailable)
		if !strings.Contains(p.Hint, "shifts.json") {
			b.t.Errorf("%+v", p)
		}
		b.wantProblem(b.call("GET", "/v1/shift", ""), 503, wire.CodeShiftUnavailable)
		b.shifts = nil
		b.serve(b.till)
		synctest.Wait()
		b.wantProblem(b.call("GET", "/v1/shift", ""), 503, wire.CodeShiftUnavailable)
		b.wantProblem(b.call("POST", "/v1/shift/close", `{"shiftId":"S-1","by":"x"}`), 503, wire.CodeShiftUnavailable)
	})
}

func TestTheClientClosesAShift(t *testing.T) {
	run(t, func(b *bench) {
		b.ledger()
		b.supervised(localapi.Needs{CloseShift: true})
		c, err := client.New(client.Options{Socket: "memory", Dial: b.socket.dial})
		if err != nil {
			b.t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Shift(b.t.Context()); err != nil {
			b.t.Error(err)
		}
		end := wire.ShiftEnd{ShiftID: "S-1", By: "till 3", Supervisor: &wire.Supervisor{Name: "Ann", PIN: wire.NewPIN(goodPIN)}}
		if s, closed, err := c.CloseShift(b.t.Context(), end); err != nil || !closed || s.Number != 1 {
			b.t.Errorf("%+v, %t, %v", s, closed, err)
		}
		if s, closed, err := c.CloseShift(b.t.Context(), end); err != nil || closed || s.Number != 1 {
			b.t.Errorf("again: %+v, %t, %v", s, closed, err)
		}
	})
}
