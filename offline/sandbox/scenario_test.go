package sandbox

import (
	"bytes"
	"crypto"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/offline"
)

// TestACarefulTerminalEndsAsEveryScenarioSays plays each scenario of the
// catalogue by its amount and compares the end and the customer's money with
// what the table says.
func TestACarefulTerminalEndsAsEveryScenarioSays(t *testing.T) {
	for _, s := range Catalogue() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t)
				value := s.Amount
				if value == 0 {
					value = 12850
				}
				m := &terminal{w: newWallet(t, g), id: "T1", value: value}
				end := m.run(testCode)
				given := int64(0)
				if len(s.Refund) > 0 && end == endPaid {
					if end = m.giveBack("R1", 40); end == "paid, refund made once" {
						given = 40
					}
				}
				if !slices.Contains(strings.Split(s.Ends, " or "), end) {
					t.Errorf("it ends %s, the table says %s", end, s.Ends)
				}
				g.Flush()
				switch {
				case strings.HasPrefix(end, endPaid):
					wantBalance(t, g, "T1", value-given)
				case end == endDeclined, end == endCancelled:
					wantBalance(t, g, "T1", 0)
				}
				if c := g.Calls()[0]; c.Scenario != s.Name || c.Op != offline.OpPay || c.Step != 1 || c.N != 1 || c.Amount.Value != value {
					t.Errorf("the call is recorded as %+v", c)
				}
			})
		})
	}
}

// TestWhatEachScenarioIsFor pins down what a terminal alone cannot tell apart.
func TestWhatEachScenarioIsFor(t *testing.T) {
	tests := []struct {
		name  string
		check func(t *testing.T, g *Gateway, m *terminal)
	}{
		{"cancel_unknown_3", func(t *testing.T, _ *Gateway, m *terminal) {
			if m.asked != 4 {
				t.Errorf("%d cancels", m.asked)
			}
		}},
		{"cancel_unknown_5", func(t *testing.T, _ *Gateway, m *terminal) {
			if m.asked != 6 {
				t.Errorf("%d cancels", m.asked)
			}
		}},
		{"pay_after_cancel", func(t *testing.T, g *Gateway, m *terminal) {
			if !slices.Equal(m.cancelDone, []string{"", "REFUND"}) {
				t.Errorf("cancels did %q", m.cancelDone)
			}
			wantKinds(t, g, Charge, Return)
		}},
		{"pay_after_cancel_query", func(t *testing.T, g *Gateway, m *terminal) {
			if !slices.Equal(m.cancelDone, []string{"", "REFUND"}) {
				t.Errorf("cancels did %q", m.cancelDone)
			}
			wantKinds(t, g, Charge, Return)
		}},
		{"not_exist_though_charged", func(t *testing.T, g *Gateway, _ *terminal) { wantKinds(t, g, Charge, Return) }},
		{"cancel_paid_lost", func(t *testing.T, g *Gateway, _ *terminal) { wantKinds(t, g, Charge, Return) }},
		{"confirm_never", func(t *testing.T, g *Gateway, m *terminal) {
			wantKinds(t, g)
			if !slices.Equal(m.cancelDone, []string{"CLOSE"}) {
				t.Errorf("cancels did %q", m.cancelDone)
			}
		}},
		{"confirm_last", func(t *testing.T, g *Gateway, _ *terminal) {
			if n := countCalls(g, offline.OpQuery); n != 20 {
				t.Errorf("%d queries", n)
			}
		}},
		{"not_exist_twice", func(t *testing.T, g *Gateway, _ *terminal) {
			if n := countCalls(g, offline.OpQuery); n != 3 {
				t.Errorf("%d queries", n)
			}
		}},
		{"arrives_late", func(t *testing.T, g *Gateway, _ *terminal) {
			e := g.Ledger().Entries()
			if len(e) != 1 || e[0].At.Sub(g.Calls()[0].At) != 7*time.Second {
				t.Errorf("entries %+v", e)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, ok := Lookup(tt.name)
				if !ok {
					t.Fatal("no such scenario")
				}
				g := newGateway(t)
				m := &terminal{w: newWallet(t, g), id: "T1", value: s.Amount}
				m.run(testCode)
				tt.check(t, g, m)
			})
		})
	}
}

func wantKinds(t *testing.T, g *Gateway, want ...EntryKind) {
	t.Helper()
	var got []EntryKind
	for _, e := range g.Ledger().Entries() {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, want) {
		t.Errorf("money moved %v, want %v", got, want)
	}
}

func countCalls(g *Gateway, op offline.Op) int {
	n := 0
	for _, c := range g.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

func TestSlowAnswersComeWhenTheySayAndAreChargedAtOnce(t *testing.T) {
	for name, want := range map[string]time.Duration{"slow_3s": 3 * time.Second, "slow_7s": 7 * time.Second, "late_answer": 20 * time.Second, "arrives_late": 7 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t)
				s, _ := Lookup(name)
				began := time.Now()
				wantResult(t, newWallet(t, g).pay("T1", testCode, s.Amount), "S SUCCESS")
				if took := time.Since(began); took != want {
					t.Errorf("it took %s", took)
				}
				wantBalance(t, g, "T1", s.Amount)
				if at := g.Ledger().Entries()[0].At; name != "arrives_late" && !at.Equal(began) {
					t.Errorf("charged %s later", at.Sub(began))
				}
				if a := g.Calls()[0].Answer; a.Status != "S" {
					t.Errorf("the call's answer is recorded as %+v", a)
				}
			})
		})
	}
}

func TestEachBrokenAnswerIsUnprovenButForThoseThatOnlyLie(t *testing.T) {
	// Signed answers that contradict the payment pass the envelope's checks.
	lies := []Fault{FaultForeignTrans, FaultOtherAmount, FaultOtherCurrency, FaultInnerKeys, FaultOversized}
	for _, s := range brokenAnswers() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGateway(t)
				w := newWallet(t, g)
				head := w.head("offline.pay")
				ctx, cancel := contextWithTimeout(t, 10*time.Second)
				defer cancel()
				resp, text, err := w.post(ctx, paths["offline.pay"], sealed(head, payBody("T1", testCode, s.Amount)))
				fault := s.Pay[0].Fault
				wantMoney := s.Amount
				if strings.HasSuffix(s.Name, "_unpaid") {
					wantMoney = 0
				}
				wantBalance(t, g, "T1", wantMoney)
				if err != nil || resp.StatusCode != http.StatusOK {
					return
				}
				a, err := believe(text, crypto.SHA256)
				if slices.Contains(lies, fault) {
					if err != nil {
						t.Fatalf("the signature must be good: %v", err)
					}
					checkLie(t, fault, a, text)
					return
				}
				if err == nil && a.Head.ReqMsgID == head["reqMsgId"] && a.Head.Function == head["function"] {
					t.Errorf("the answer is perfectly good: %s", text)
				}
			})
		})
	}
}

func checkLie(t *testing.T, fault Fault, a told, text []byte) {
	t.Helper()
	o := a.Body.OrderAmount
	switch fault {
	case FaultForeignTrans:
		if a.Body.MerchantTransID == "T1" {
			t.Error("merchantTransId is the right one")
		}
	case FaultOtherAmount:
		if o.Currency != "HKD" || o.Value%1000 != 227 && o.Value%1000 != 327 {
			t.Errorf("amount %s", o)
		}
	case FaultOtherCurrency:
		if o.Currency == "HKD" {
			t.Errorf("amount %s", o)
		}
	case FaultInnerKeys:
		if bytes.Count(text, []byte(`"resultStatus"`)) != 2 || !bytes.Contains(text, []byte(`"resultStatus":"F"`)) {
			t.Errorf("answer %s", text)
		}
	case FaultOversized:
		if len(text) < 2<<20 {
			t.Errorf("%d bytes", len(text))
		}
	}
}

func TestScripts(t *testing.T) {
	declined := Scenario{Name: "declined", Pay: []Step{{Effect: EffectDecline, Code: "RISK_REJECT"}}}
	t.Run("next is for one payment, in the order given", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script(Next, declined)
		g.Script(Next, Scenario{Name: "unknown", Pay: []Step{{Say: unknown()}}})
		w.query("T0") // a query is no payment
		wantResult(t, w.pay("T1", codeFor(1), 100), "F RISK_REJECT")
		wantResult(t, w.pay("T2", codeFor(2), 100), "U UNKNOWN_EXCEPTION")
		wantResult(t, w.pay("T3", codeFor(3), 100), "S SUCCESS")
	})
	t.Run("an id's own script goes before next and before the amount", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", declined)
		g.Script(Next, Scenario{Name: "unknown", Pay: []Step{{Say: unknown()}}})
		wantResult(t, w.pay("T1", codeFor(1), 10401), "F RISK_REJECT")
		wantResult(t, w.pay("T2", codeFor(2), 100), "U UNKNOWN_EXCEPTION")
	})
	t.Run("a script can change in the middle of a payment", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		w.pay("T1", testCode, 100)
		g.Script("T1", Scenario{Query: []Step{{Say: unknown()}}})
		wantResult(t, w.query("T1"), "U UNKNOWN_EXCEPTION")
		wantResult(t, w.query("T1"), "S SUCCESS")
	})
	t.Run("own scenarios replace the catalogue", func(t *testing.T) {
		declined := declined
		declined.Amount = 7
		w := newWallet(t, newGateway(t, func(o *Options) { o.Scenarios = []Scenario{declined} }))
		wantResult(t, w.pay("T1", codeFor(1), 7), "F RISK_REJECT")
		wantResult(t, w.pay("T2", codeFor(2), 10401), "S SUCCESS")
	})
	t.Run("a scripted query step counts also by acquirementId", func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", Scenario{Query: []Step{{Say: unknown()}}})
		acq := w.pay("T1", testCode, 100).Body.AcquirementID
		wantResult(t, w.ask("offline.payQuery", object{"merchantId": testMerchant, "acquirementId": acq}), "U UNKNOWN_EXCEPTION")
		wantResult(t, w.query("T1"), "S SUCCESS")
	})
}

func TestOnCallSeesTheBooksBeforeTheAnswerLeaves(t *testing.T) {
	var g *Gateway
	var seen []Call
	g = newGateway(t, func(o *Options) {
		o.OnCall = func(c Call) {
			seen = append(seen, c)
			if b := g.Ledger().Balance("T1"); b.Value != 100 {
				t.Errorf("balance %s when the answer leaves", b)
			}
		}
	})
	newWallet(t, g).pay("T1", testCode, 100)
	if len(seen) != 1 || seen[0].MerchantTransID != "T1" || seen[0].Code == testCode || seen[0].Answer.Status != "S" {
		t.Errorf("seen %+v", seen)
	}
}

func TestHeldPaymentsAreChargedWhenDueWithoutAnyMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t)
		w := newWallet(t, g)
		g.Script("T1", Scenario{Pay: []Step{{Effect: EffectHold, After: 5 * time.Second, Fault: FaultSilent}}})
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		if _, err := w.try(ctx, "offline.pay", payBody("T1", testCode, 100)); err == nil {
			t.Fatal("an answer came")
		}
		time.Sleep(4*time.Second - time.Millisecond)
		wantBalance(t, g, "T1", 0)
		time.Sleep(time.Millisecond)
		wantBalance(t, g, "T1", 100)
	})
}

func TestTheCatalogue(t *testing.T) {
	names, amounts := map[string]bool{}, map[int64]string{}
	for _, s := range Catalogue() {
		if names[s.Name] || s.What == "" || s.Ends == "" || strings.ToLower(s.Name) != s.Name {
			t.Errorf("row %+v", s)
		}
		names[s.Name] = true
		if s.Amount == 0 {
			continue
		}
		if other := amounts[s.Amount]; other != "" {
			t.Errorf("%d is %s and %s", s.Amount, other, s.Name)
		}
		amounts[s.Amount] = s.Name
		if last := s.Amount % 10; s.Amount <= 10100 || s.Amount >= 10900 || last == 0 || last == 5 || last == 9 {
			t.Errorf("%s has the amount %d, which may be a price", s.Name, s.Amount)
		}
	}
	for _, ordinary := range []int64{1, 100, 239, 10000, 10050, 10099, 10100, 10199, 10200, 10490, 10890, 10900, 10990, 12850} {
		if s := byAmount(Catalogue(), ordinary); s.Name != "paid" {
			t.Errorf("%d is %s", ordinary, s.Name)
		}
	}
	t.Run("the help names every scenario with its amount", func(t *testing.T) {
		var out bytes.Buffer
		if err := ScenarioHelp(&out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != len(Catalogue())+1 {
			t.Errorf("%d lines", len(lines))
		}
		if !strings.Contains(out.String(), "10501") || !strings.Contains(out.String(), "f_expired_code") || !strings.Contains(out.String(), "105.01") {
			t.Errorf("help:\n%s", out.String())
		}
	})
	t.Run("a help that cannot be printed is an error", func(t *testing.T) {
		if err := ScenarioHelp(brokenWriter{}); !errors.Is(err, errBroken) {
			t.Errorf("error %v", err)
		}
	})
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
