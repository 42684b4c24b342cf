package alipay

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"posagent/offline"
	"posagent/offline/sandbox"
)

// bench is a client and the sandbox in one bubble, where waiting takes no time.
// The sandbox has a parser, a signer and tables of its own.
type bench struct {
	t      *testing.T
	client *Client
	link   *sandbox.Link
	n      int
}

func inBubble(t *testing.T, s sandbox.Scenario, version Version, run func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		gw, err := sandbox.New(sandbox.Options{
			ClientID: testClientID, MerchantID: testMerchantID,
			MerchantPublicKey: &testKey(t, "merchant").PublicKey, AlipayPrivateKey: testKey(t, "gateway"),
		})
		if err != nil {
			t.Fatal(err)
		}
		link := sandbox.Transport(gw)
		defer link.Wait()
		gw.Script(testTransID, s)
		b := &bench{t: t, link: link}
		b.client = newClient(t, func(cfg *Config) { cfg.Version, cfg.Transport, cfg.Now = version, link, nil })
		run(b)
	})
}

func (b *bench) send(op offline.Op, acq offline.AcquirementID) offline.Outcome {
	b.t.Helper()
	req := request(b.t, op)
	b.n++
	req.ReqMsgID = offline.ReqMsgID(string(op) + "-" + string(rune('a'+b.n)))
	req.AcquirementID = acq
	return send(b.t, b.client, req)
}

// TestSandboxFaultsProveNothingAndAQueryFindsTheTruth: whatever the sandbox does
// to the answer to pay, it is no answer; the query after it tells what the books
// hold.
func TestSandboxFaultsProveNothingAndAQueryFindsTheTruth(t *testing.T) {
	count := 0
	for _, s := range sandbox.Catalogue() {
		if len(s.Pay) == 0 || s.Pay[0].Fault == sandbox.FaultNone || len(s.Query) > 0 || s.Pay[0].Effect == sandbox.EffectHold {
			continue
		}
		if len(s.Cancel)+len(s.Refund) > 0 {
			continue
		}
		count++
		t.Run(s.Name, func(t *testing.T) {
			inBubble(t, s, Version204, func(b *bench) {
				pay := b.send(offline.OpPay, "")
				if pay.Kind != offline.NoAnswer || pay.Detail == "" {
					t.Errorf("pay: %+v", pay)
				}
				other := slices.Contains([]sandbox.Fault{sandbox.FaultOtherAmount, sandbox.FaultOtherCurrency}, s.Pay[0].Fault)
				wantAnomaly := other && s.Pay[0].Effect != sandbox.EffectNone
				if (pay.Anomaly == offline.OtherAmount) != wantAnomaly && s.Pay[0].Effect != sandbox.EffectNone {
					t.Errorf("pay: anomaly %q", pay.Anomaly)
				}
				want := offline.Success
				if s.Pay[0].Effect == sandbox.EffectNone {
					want = offline.NotFound
				}
				if q := b.send(offline.OpQuery, ""); q.Kind != want {
					t.Errorf("query: %+v, want %s", q, want)
				}
			})
		})
	}
	if count < 40 {
		t.Errorf("only %d scenarios with a fault: is the catalogue read?", count)
	}
}

// TestEveryVersionIsUnderstoodByTheSandbox takes one payment through all four
// operations in each version.
func TestEveryVersionIsUnderstoodByTheSandbox(t *testing.T) {
	for _, version := range []Version{Version204, Version202, Version200} {
		t.Run(string(version), func(t *testing.T) {
			inBubble(t, sandbox.Scenario{Name: "paid"}, version, func(b *bench) {
				pay := b.send(offline.OpPay, "")
				if pay.Kind != offline.Success || pay.AcquirementID == "" || pay.PaymentTime == "" || pay.PayAmount == nil {
					t.Fatalf("pay: %+v", pay)
				}
				if q := b.send(offline.OpQuery, pay.AcquirementID); q.Kind != offline.Success || q.AcquirementID != pay.AcquirementID {
					t.Errorf("query: %+v", q)
				}
				if r := b.send(offline.OpRefund, pay.AcquirementID); r.Kind != offline.Success {
					t.Errorf("refund: %+v", r)
				}
				if r := b.send(offline.OpRefund, pay.AcquirementID); r.Kind != offline.Success {
					t.Errorf("the same refund again: %+v", r)
				}
			})
			inBubble(t, sandbox.Scenario{Name: "paid"}, version, func(b *bench) {
				if pay := b.send(offline.OpPay, ""); pay.Kind != offline.Success {
					t.Fatalf("pay: %+v", pay)
				}
				if c := b.send(offline.OpCancel, ""); c.Kind != offline.Success || c.Undo != offline.UndoReturned {
					t.Errorf("cancel of a paid trade: %+v", c)
				}
				if q := b.send(offline.OpQuery, ""); q.Kind != offline.Failure {
					t.Errorf("query after the cancel: %+v", q)
				}
			})
		})
	}
}

func TestSandboxConfirmsOnThePhone(t *testing.T) {
	s, ok := sandbox.Lookup("confirm")
	if !ok {
		t.Fatal("no such scenario")
	}
	inBubble(t, s, Version204, func(b *bench) {
		pay, first, second := b.send(offline.OpPay, ""), b.send(offline.OpQuery, ""), b.send(offline.OpQuery, "")
		if pay.Kind != offline.InProcess || !pay.Confirm || first.Kind != offline.InProcess || !first.Confirm || second.Kind != offline.Success {
			t.Errorf("pay %+v\nfirst %+v\nsecond %+v", pay, first, second)
		}
	})
}

func TestInProcessTransportThatCannotConnectSentNothing(t *testing.T) {
	inBubble(t, sandbox.Scenario{Name: "paid"}, Version204, func(b *bench) {
		b.link.SetDown(true)
		if got := b.send(offline.OpPay, ""); got.Kind != offline.NotSent {
			t.Errorf("%+v", got)
		}
		if err := b.client.Warm(b.t.Context()); err != nil {
			t.Errorf("warm: %v", err)
		}
		b.link.SetDown(false)
		if p := b.client.Probe(b.t.Context()); !p.Verified || p.Outcome.Kind != offline.NotFound {
			t.Errorf("probe: %+v", p)
		}
	})
}

// stray is a transport that fails without saying whether it sent anything.
type stray struct{}

func (stray) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrHandlerTimeout }

func TestInProcessTransportThatFailsOtherwiseIsNoAnswer(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.Transport = stray{} })
	if got := send(t, c, request(t, offline.OpPay)); got.Kind != offline.NoAnswer {
		t.Errorf("%+v", got)
	}
}
