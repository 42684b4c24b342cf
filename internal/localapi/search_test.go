package localapi_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
)

// found lists the saleIds that a listing gives.
func (b *bench) found(query string) string {
	b.t.Helper()
	a := b.call("GET", "/v1/sales?"+query, "")
	if a.status != 200 {
		b.t.Fatalf("%s: HTTP %d: %s", query, a.status, a.body)
	}
	var list wire.SaleList
	a.decode(b.t, &list)
	var ids []string
	for _, s := range list.Sales {
		ids = append(ids, s.SaleID)
	}
	return strings.Join(ids, " ")
}

func TestSalesAreFoundByNumberTimeAndMerchantTransID(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("R-1001", goodCode)
		first := b.wantSale(b.call("GET", "/v1/sales/R-1001", ""), 200, wire.Paid)
		pass(time.Hour)
		noon := time.Now().UTC()
		b.call("POST", "/v1/sales", strings.Replace(openA, `"A"`, `"r-1002"`, 1))
		b.call("POST", "/v1/sales/r-1002/cancel", "")
		pass(time.Minute)
		b.paid("W-77", otherCode)
		day := "day=" + first.CreatedAt.Add(8*time.Hour).Format(time.DateOnly)
		at := noon.Format(time.RFC3339)
		for query, want := range map[string]string{
			"q=100":                                  "r-1002 R-1001",
			"q=R-1":                                  "r-1002 R-1001",
			"q=R-1&state=paid":                       "R-1001",
			"q=R-1&limit=1":                          "r-1002",
			"q=nothing":                              "",
			"from=" + at:                             "W-77 r-1002",
			"to=" + at:                               "R-1001",
			"q=r&from=" + at:                         "r-1002",
			"q=" + first.MerchantTransID:             "R-1001",
			"q=" + first.MerchantTransID + "&" + day: "R-1001",
			"q=" + first.MerchantTransID + "&state=cancelled": "",
			"q=" + first.MerchantTransID + "&from=" + at:      "",
		} {
			if got := b.found(query); got != want {
				b.t.Errorf("%s: found %q, want %q", query, got, want)
			}
		}
		for query, field := range map[string]string{
			"q=": "q", "q=a%20b": "q", "q=" + strings.Repeat("x", 65): "q", "q=%00": "q",
			"from=yesterday": "from", "to=2026-11-21": "to", "from=0001-01-01T00:00:00Z": "from",
			"from=" + at + "&to=" + at: "to",
		} {
			if p := b.wantProblem(b.call("GET", "/v1/sales?"+query, ""), 400, wire.CodeInvalidRequest); p.Field != field {
				b.t.Errorf("%s: field %q, want %q", query, p.Field, field)
			}
		}
		c, err := client.New(client.Options{Socket: "memory", Dial: b.socket.dial})
		if err != nil {
			b.t.Fatal(err)
		}
		defer c.Close()
		list, err := c.Sales(b.t.Context(), client.Filter{Text: "r-1", From: first.CreatedAt, To: noon})
		if err != nil || !slices.ContainsFunc(list.Sales, func(s wire.Sale) bool { return s.SaleID == "R-1001" }) || len(list.Sales) != 1 {
			b.t.Errorf("%+v, %v", list, err)
		}
	})
}
