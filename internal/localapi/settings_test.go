package localapi_test

import (
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
)

func TestASaleThatComesWhileTheConfigurationChangesWaitsAndSeesTheNewOne(t *testing.T) {
	for currency, status := range map[string]int{"HKD": 201, "CNY": 400} {
		t.Run(currency, func(t *testing.T) {
			run(t, func(b *bench) {
				release, err := b.till.Hold(b.t.Context())
				if err != nil {
					b.t.Fatal(err)
				}
				got := make(chan answer, 1)
				go func() { got <- b.call("POST", "/v1/sales", openA) }()
				pass(3 * time.Second)
				select {
				case a := <-got:
					b.t.Fatalf("answered while the till was held: HTTP %d", a.status)
				default:
				}
				if err := b.server.Apply(localapi.Settings{Currency: currency}); err != nil {
					b.t.Error(err)
				}
				release()
				synctest.Wait()
				if a := <-got; a.status != status {
					b.t.Errorf("HTTP %d, want %d: %s", a.status, status, a.body)
				}
			})
		})
	}
}

func TestSettingsWithoutACurrencyAreRefused(t *testing.T) {
	run(t, func(b *bench) {
		if err := b.server.Apply(localapi.Settings{}); err == nil {
			b.t.Error("settings without a currency were taken")
		}
		b.wantSale(b.call("POST", "/v1/sales", openA), 201, wire.Waiting)
	})
}
