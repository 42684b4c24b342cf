package sandbox_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/alipay"
	"posagent/offline/sandbox"
)

var terminal, gateway = sync.OnceValue(key), sync.OnceValue(key)

func key() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// pair puts a gateway on a socket and makes the real client for it.
func pair(t *testing.T, version alipay.Version, signType alipay.SignType) (*sandbox.Gateway, func(offline.Request) offline.Outcome) {
	t.Helper()
	g, err := sandbox.New(sandbox.Options{
		ClientID: "211020000000000000044", MerchantID: "218820000000000000023",
		MerchantPublicKey: &terminal().PublicKey, AlipayPrivateKey: gateway(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sandbox.Serve(ctx, ln, g) }()
	client, err := alipay.New(alipay.Config{
		BaseURL: "http://" + ln.Addr().String() + "/api/alipay/intl/acquiring/", Version: version, SignType: signType,
		ClientID: "211020000000000000044", MerchantID: "218820000000000000023",
		PrivateKey: terminal(), AlipayPublicKey: &gateway().PublicKey,
		Store: alipay.Store{StoreID: "S01", StoreName: "Main <Street> & 大街", MCC: "5411"}, TerminalID: "T01",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	minter := offline.Minter{StoreID: "S01", TerminalID: "T01", Rand: rand.Reader}
	return g, func(req offline.Request) offline.Outcome {
		t.Helper()
		id, err := minter.ReqMsgID()
		if err != nil {
			t.Fatal(err)
		}
		req.ReqMsgID = id
		call, err := client.Prepare(req)
		if err != nil {
			t.Fatal(err)
		}
		wait := 10 * time.Second
		if strings.HasPrefix(string(req.MerchantTransID), "impatient") {
			wait = 100 * time.Millisecond
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		return call.Send(ctx)
	}
}

func payment(t *testing.T, id string, n int, value int64) offline.Request {
	t.Helper()
	code, err := offline.ParseIdentityCode(fmt.Sprintf("28%016d", n))
	if err != nil {
		t.Fatal(err)
	}
	return offline.Request{
		Op: offline.OpPay, MerchantTransID: offline.MerchantTransID(id), Amount: offline.Money{Currency: "HKD", Value: value},
		Code: code, OrderTitle: "Receipt <1> & 收据", First: true,
	}
}

func TestTheRealClientAndTheSandboxUnderstandEachOther(t *testing.T) {
	tests := []struct {
		version  alipay.Version
		signType alipay.SignType
	}{{alipay.Version204, alipay.RSA2}, {alipay.Version202, alipay.RSA2}, {alipay.Version200, alipay.RSA2}, {alipay.Version200, alipay.RSA1}}
	for _, tt := range tests {
		t.Run(string(tt.version)+" signed with "+string(tt.signType), func(t *testing.T) {
			g, send := pair(t, tt.version, tt.signType)
			// Four layouts of answers, so that exact bytes matter.
			for i := range 8 {
				pay := payment(t, fmt.Sprintf("T%d", i), i, 12850)
				paid := send(pay)
				if paid.Kind != offline.Success || paid.AcquirementID == "" || paid.PayAmount == nil || paid.PaymentTime == "" {
					t.Fatalf("pay: %+v", paid)
				}
				ask := pay
				ask.Op, ask.AcquirementID = offline.OpQuery, paid.AcquirementID
				if q := send(ask); q.Kind != offline.Success {
					t.Fatalf("query: %+v", q)
				}
				if i%2 == 0 {
					ask.Op = offline.OpCancel
					if c := send(ask); c.Kind != offline.Success || c.Undo != offline.UndoReturned {
						t.Fatalf("cancel: %+v", c)
					}
					continue
				}
				ask.Op, ask.RefundID, ask.RefundAmount, ask.RefundReason = offline.OpRefund, "R1", offline.Money{Currency: "HKD", Value: 50}, "damaged"
				for range 2 {
					if r := send(ask); r.Kind != offline.Success {
						t.Fatalf("refund: %+v", r)
					}
				}
				if b := g.Ledger().Balance(pay.MerchantTransID); b.Value != 12800 {
					t.Errorf("balance %s", b)
				}
			}
			if faults := g.Ledger().Audit(); len(faults) != 0 {
				t.Errorf("audit: %q", faults)
			}
		})
	}
}

// TestTheRealClientNeverCallsABrokenOrRefusedPaymentPaid sends one pay for each
// scenario. Success must stand in the ledger, and so must the absence of a
// definitive failure's charge.
func TestTheRealClientNeverCallsABrokenOrRefusedPaymentPaid(t *testing.T) {
	g, send := pair(t, alipay.Version204, alipay.RSA2)
	for i, s := range sandbox.Catalogue() {
		t.Run(s.Name, func(t *testing.T) {
			id := fmt.Sprintf("T%d", i)
			value := s.Amount
			if value == 0 {
				value = 12850
			}
			for _, step := range s.Pay {
				if step.Fault == sandbox.FaultSilent || step.Fault == sandbox.FaultDrip || step.Delay > 0 {
					id = "impatient-" + id
				}
			}
			out := send(payment(t, id, i, value))
			balance := g.Ledger().Balance(offline.MerchantTransID(id)).Value
			switch {
			case out.Kind == offline.Success && balance != value:
				t.Errorf("called paid, out of pocket by %d: %+v", balance, out)
			case out.Kind == offline.Failure && balance != 0:
				t.Errorf("called declined, out of pocket by %d: %+v", balance, out)
			case out.Kind == offline.NotSent:
				t.Errorf("called not sent, but it arrived: %+v", out)
			case out.Kind == offline.Failure && !strings.Contains(s.Ends, "declined"):
				t.Errorf("called declined, the table says %s: %+v", s.Ends, out)
			}
		})
	}
}

func TestBothTablesOfFunctionsAreTheSame(t *testing.T) {
	g, send := pair(t, alipay.Version204, alipay.RSA2)
	for _, e := range alipay.Functions() {
		req := payment(t, "T-"+string(e.Op), 1, 100)
		req.Op, req.AcquirementID, req.RefundID, req.RefundAmount = e.Op, "A1", "R1", req.Amount
		send(req)
	}
	calls := g.Calls()
	if len(calls) != len(alipay.Functions()) {
		t.Fatalf("%d calls arrived", len(calls))
	}
	for i, e := range alipay.Functions() {
		if calls[i].Op != e.Op || calls[i].Refused {
			t.Errorf("%s arrived as %+v", e.Function, calls[i])
		}
	}
}
