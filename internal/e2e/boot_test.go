package e2e

import (
	"context"
	"fmt"
	"testing"

	"posagent/internal/localapi/wire"
)

func TestABootWithoutNetworkAndScannerSellsAsSoonAsTheyAreThere(t *testing.T) {
	s := openShop(t, shopOptions{policy: `code_ttl = "2s"`})
	s.line.cut()
	must(t, s.scanner.Unplug())
	s.start()
	s.await("the missing scanner to be told", func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		if err != nil {
			return false, err
		}
		if !st.Till.Ready {
			return false, fmt.Errorf("the till does not open sales: %+v", st.Till.Reasons)
		}
		return warned(st, "scanner"), fmt.Errorf("%+v", st.Warnings)
	})
	// The register's own scanner still sells, and nothing is charged without a network.
	sale := s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(500), Code: s.nextCode()})
	if sale.Final {
		t.Errorf("a sale without a network is %s at once", sale.State)
	}
	s.settledAs("R-1", wire.Cancelled)
	if n := len(s.gateway.Calls()); n != 0 {
		t.Errorf("the gateway got %d messages over a line that was cut", n)
	}

	s.line.mend()
	must(t, s.scanner.Replug())
	s.open("R-2", 900)
	s.pay("R-2", s.nextCode())
	s.holds(s.settledAs("R-2", wire.Paid), 900)
	s.holds(sale, 0)
}

func TestABootWithoutNamesIsReadyAndSaysSoWhenAsked(t *testing.T) {
	s := openShop(t, shopOptions{policy: `code_ttl = "3s"`})
	s.dropIn("50-gateway.toml", "[gateway]\nbase_url = \"https://gateway.invalid/api/alipay/intl/acquiring/\"\n") // RFC 2606: never resolves
	s.start()
	s.open("R-1", 500)
	s.pay("R-1", s.nextCode())
	sale := s.settledAs("R-1", wire.Cancelled)
	if sale.Message.Key != "cancelled.no_connection" {
		t.Errorf("the cashier is told %s: %s", sale.Message.Key, sale.Message.Detail)
	}
	for _, a := range sale.Payments[0].Attempts {
		if a.Outcome != "not_sent" {
			t.Errorf("a message to a name that does not exist is %s", a.Outcome)
		}
	}
	s.await("the fault to be told", func(ctx context.Context) (bool, error) {
		st, err := s.client.Status(ctx)
		return err == nil && st.Till.Ready && warned(st, "gateway_unreachable"), fmt.Errorf("%+v, %w", st.Warnings, err)
	})
	// The name is there again: nothing has to be restarted for that in the field;
	// here the name stays away, so the file goes.
	s.dropIn("50-gateway.toml", "")
	s.stop()
	s.start()
	s.open("R-2", 900)
	s.pay("R-2", s.nextCode())
	s.holds(s.settledAs("R-2", wire.Paid), 900)
}

func warned(st wire.Status, code string) bool {
	for _, w := range st.Warnings {
		if w.Code == code {
			return true
		}
	}
	return false
}
