package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

func TestScanPaysTheSaleThatWaits(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.open("R-1", 12850)
	s.pay("R-1", s.nextCode())
	s.holds(s.settledAs("R-1", wire.Paid), 12850)
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("%d payments were sent", n)
	}
}

func TestScannerThatIsPulledOutComesBackAndTheSaleStillWaits(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.open("R-1", 4200)
	for range 3 {
		must(t, s.scanner.Unplug())
		s.await("the till to miss its scanner", func(ctx context.Context) (bool, error) {
			st, err := s.client.Status(ctx)
			return err == nil && st.Scanners[0].State == "absent", err
		})
		if sale, err := s.client.Sale(context.Background(), "R-1"); err != nil || sale.State != wire.Waiting {
			t.Fatalf("without a scanner the sale is %s: %v", sale.State, err)
		}
		must(t, s.scanner.Replug())
		back := time.Now()
		s.awaitArmed("R-1")
		t.Logf("back after %s", time.Since(back).Round(time.Millisecond))
	}
	s.pay("R-1", s.nextCode())
	s.holds(s.settledAs("R-1", wire.Paid), 4200)
	st, err := s.client.Status(context.Background())
	must(t, err)
	if st.Scanners[0].Reconnects != 3 {
		t.Errorf("%d reconnects are counted, there were 3", st.Scanners[0].Reconnects)
	}
}

func TestScanOfAnythingButAPaymentCodeIsAnsweredAndNeverSent(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.open("R-1", 2390)
	for _, c := range []struct{ name, label, code string }{
		{"a product", "4006381333931", "product_ean13"},
		{"another wallet", "134567890123456789", "other_wallet_wechat"},
		{"a link", "https://example.com/menu", "store_qr_url"},
		{"a code with a digit too few", "281234567890123", "short"},
		{"text", "hello", "garbage_text"},
	} {
		n := s.answer(c.label, c.code)
		if n.SaleID != "R-1" || n.Title == "" || n.Action == "" || n.Masked == c.label {
			t.Errorf("%s: the cashier is told %+v", c.name, n)
		}
	}
	if calls := s.gateway.Calls(); len(calls) != 0 {
		t.Errorf("%d messages were sent", len(calls))
	}
	s.pay("R-1", s.nextCode())
	s.holds(s.settledAs("R-1", wire.Paid), 2390)
}

func TestScanWhileNobodyWaitsChargesNoLaterCustomer(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	s.await("the scanner", func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		return err == nil && st.Scanners[0].State == "ready", err
	})
	stale := s.nextCode()
	s.scan(stale)
	s.await("the cashier to be told", func(ctx context.Context) (bool, error) {
		n := s.notice(ctx)
		return n != nil && n.Code == "closed", fmt.Errorf("it is told %+v", n)
	})
	s.open("R-1", 700)
	// One more while the daemon is gone: it waits in the terminal's buffer.
	s.kill()
	s.scan(s.nextCode())
	s.start()
	s.open("R-2", 800)
	s.pay("R-2", s.nextCode())
	s.holds(s.settledAs("R-2", wire.Paid), 800)
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("%d payments were sent", n)
	}
}

func TestSameCodeIsSentOnceHoweverOftenItIsScanned(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	code := s.nextCode()
	s.open("R-1", 5000)
	s.pay("R-1", code)
	s.scan(code)
	s.settledAs("R-1", wire.Paid)
	s.scan(code)

	s.open("R-2", 5000)
	s.scan(code)
	// Labels are judged in order: when this one is answered, the one before was.
	s.answer("4006381333931", "product_ean13")
	if sale, err := s.client.Sale(context.Background(), "R-2"); err != nil || sale.State != wire.Waiting {
		t.Fatalf("after the code of another sale R-2 is %s: %v", sale.State, err)
	}
	s.kill()
	s.start()
	if sale := s.settledAs("R-2", wire.Cancelled); sale.Message.Key != "cancelled.restarted" {
		t.Errorf("the sale that waited is told %s", sale.Message.Key)
	}

	// The daemon that read it is gone, and with it its memory: the journal knows.
	s.open("R-3", 5000)
	if n := s.answer(code, "code_used"); n.UsedBy != "R-1" {
		t.Errorf("the cashier is told that %q used the code", n.UsedBy)
	}
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("the code was sent %d times", n)
	}
	s.pay("R-3", s.nextCode())
	s.holds(s.settledAs("R-3", wire.Paid), 5000)
	if n := s.callsOf(offline.OpPay); n != 2 {
		t.Errorf("%d payments were sent for two codes", n)
	}
}

func TestRestartWhileASaleWaitsCancelsItAndTheNextSaleWorks(t *testing.T) {
	for name, end := range map[string]func(*shop){"killed": (*shop).kill, "stopped in order": (*shop).stop} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, shopOptions{})
			s.start()
			s.open("R-1", 700)
			end(s)
			s.start()
			sale := s.settledAs("R-1", wire.Cancelled)
			if sale.Message.Key != "cancelled.restarted" {
				t.Errorf("the cashier is told %s", sale.Message.Key)
			}
			s.open("R-2", 800)
			s.pay("R-2", s.nextCode())
			s.holds(s.settledAs("R-2", wire.Paid), 800)
			if len(s.gateway.Calls()) != 1 {
				t.Errorf("%d messages were sent for one sale", len(s.gateway.Calls()))
			}
		})
	}
}
