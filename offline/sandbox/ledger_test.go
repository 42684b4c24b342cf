package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posagent/offline"
)

func hkd(v int64) offline.Money { return offline.Money{Currency: "HKD", Value: v} }

func TestTheAuditCatchesEveryKindOfUnsoundBooks(t *testing.T) {
	charge := Entry{Kind: Charge, MerchantTransID: "T1", AcquirementID: "A1", Amount: hkd(100), Code: offline.CodeDigest{Hash: "c1", Masked: "28…1234"}}
	with := func(change func(*Entry)) Entry { e := charge; change(&e); return e }
	back := with(func(e *Entry) { e.Kind = Return })
	part := with(func(e *Entry) { e.Kind, e.Amount, e.RefundID = Refund, hkd(40), "R1" })
	tests := []struct {
		name    string
		entries []Entry
		want    string // in the first sentence; "" for sound books
	}{
		{"nothing at all is sound", nil, ""},
		{"one charge is sound", []Entry{charge}, ""},
		{"a charge given back is sound", []Entry{charge, back}, ""},
		{"parts refunded are sound", []Entry{charge, part, with(func(e *Entry) { e.Kind, e.Amount, e.RefundID = Refund, hkd(60), "R2" })}, ""},
		{"two charges under one id", []Entry{charge, charge}, "charged 2 times"},
		{"two charges with another code", []Entry{charge, with(func(e *Entry) { e.Code.Hash = "c2" })}, "charged 2 times"},
		{"a charge after its return", []Entry{charge, back, charge}, "charged 2 times"},
		{"one code under two ids", []Entry{charge, with(func(e *Entry) { e.MerchantTransID, e.AcquirementID = "T2", "A2" })}, "one code"},
		{"one acquirementId under two ids", []Entry{charge, with(func(e *Entry) { e.MerchantTransID, e.Code.Hash = "T2", "c2" })}, "acquirementId A1"},
		{"a return of what was never charged", []Entry{back}, "never charged"},
		{"a refund of what was never charged", []Entry{part}, "never charged"},
		{"two returns", []Entry{charge, back, back}, "100 more than was charged"},
		{"a return after a refund", []Entry{charge, part, back}, "40 more than was charged"},
		{"one refund twice", []Entry{charge, part, part}, "made twice"},
		{"another currency", []Entry{charge, with(func(e *Entry) { e.Kind, e.Amount.Currency = Return, "CNY" })}, "CNY"},
		{"an amount of nothing", []Entry{with(func(e *Entry) { e.Amount = hkd(0) })}, "0.00"},
		{"a kind that nobody knows", []Entry{charge, with(func(e *Entry) { e.Kind = "gift" })}, "gift"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &Ledger{}
			for _, e := range tt.entries {
				if err := l.Append(e); err != nil {
					t.Fatal(err)
				}
			}
			faults := l.Audit()
			if tt.want == "" && len(faults) > 0 || tt.want != "" && (len(faults) == 0 || !strings.Contains(faults[0], tt.want)) {
				t.Errorf("audit says %q, want %q", faults, tt.want)
			}
		})
	}
}

func TestADoubleChargeInTheGatewaysOwnBooksIsFound(t *testing.T) {
	g := newGateway(t)
	newWallet(t, g).pay("T1", testCode, 100)
	if twice := g.Ledger().ChargedTwice(); len(twice) != 0 {
		t.Fatalf("charged twice: %v", twice)
	}
	if err := g.Ledger().Append(g.Ledger().Entries()[0]); err != nil {
		t.Fatal(err)
	}
	if twice := g.Ledger().ChargedTwice(); len(twice) != 1 || twice[0] != "T1" {
		t.Errorf("charged twice: %v", twice)
	}
	if faults := g.Ledger().Audit(); len(faults) != 1 {
		t.Errorf("audit: %q", faults)
	}
	if b := g.Ledger().Balance("T1"); b != hkd(200) {
		t.Errorf("balance %s", b)
	}
}

func TestTheLedgerFileCanBeAuditedAndGoesOnAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	persist := func(o *Options) { o.LedgerPath = path }

	first := newGateway(t, persist)
	w := newWallet(t, first)
	kept := w.pay("T1", codeFor(1), 100)
	w.pay("T2", codeFor(2), 200)
	w.cancel("T2")
	refunded := w.pay("T3", codeFor(3), 300)
	w.refund(refunded.Body.AcquirementID, "R1", 50)

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadLedger(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Entries()) != 5 || len(read.Audit()) != 0 || read.Balance("T3") != hkd(250) || read.Balance("T2").Value != 0 {
		t.Errorf("read back: %+v, audit %q", read.Trades(), read.Audit())
	}
	if strings.Contains(string(data), codeFor(1)) {
		t.Error("the file holds a whole payment code")
	}

	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newGateway(t, persist)
	w = newWallet(t, second)
	if a := w.pay("T1", codeFor(1), 100); a.Body.AcquirementID != kept.Body.AcquirementID {
		t.Errorf("after a restart the trade is another one: %+v", a)
	}
	wantResult(t, w.pay("T9", codeFor(2), 100), "F INVALID_PAYMENT_CODE")
	wantResult(t, w.pay("T2", codeFor(2), 200), "F ORDER_IS_CLOSED")
	wantResult(t, w.refund(refunded.Body.AcquirementID, "R1", 50), "S SUCCESS")
	wantResult(t, w.refund(refunded.Body.AcquirementID, "R2", 251), "F REFUND_AMOUNT_EXCEED")
	wantBalance(t, second, "T1", 100)
	wantBalance(t, second, "T3", 250)
}

func TestALedgerFile(t *testing.T) {
	write := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "ledger.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := `{"at":"2026-11-21T10:00:00+08:00","kind":"charge","merchantTransId":"T1","acquirementId":"A1","amount":{"currency":"HKD","value":"100"},"code":{"hash":"h","masked":"m"}}` + "\n"
	t.Run("an entry cut short by a killed process is dropped, and the next one is readable", func(t *testing.T) {
		path := write(t, whole+whole[:40])
		l, err := OpenLedger(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Append(Entry{At: time.Now(), Kind: Return, MerchantTransID: "T1", AcquirementID: "A1", Amount: hkd(100)}); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := OpenLedger(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(again.Entries()); n != 2 {
			t.Errorf("%d entries", n)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a broken line in the middle is named", func(t *testing.T) {
		_, err := OpenLedger(write(t, whole+"{}}\n"+whole))
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("what cannot be written down does not happen", func(t *testing.T) {
		g := newGateway(t, func(o *Options) { o.LedgerPath = write(t, "") })
		w := newWallet(t, g)
		if err := g.ledger.file.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := w.try(t.Context(), "offline.pay", payBody("T1", testCode, 100))
		if !errors.Is(err, errUnproven) {
			t.Errorf("the terminal is told %v", err)
		}
		if n := len(g.Ledger().Entries()); n != 0 {
			t.Errorf("%d entries", n)
		}
		g.ledger.file = nil // closed already
	})
	t.Run("a directory that does not exist is an error", func(t *testing.T) {
		if _, err := OpenLedger(filepath.Join(t.TempDir(), "no", "ledger.jsonl")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	})
}
