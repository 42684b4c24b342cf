package agent

import (
	"testing"

	"posagent/internal/config"
)

func TestAShopWithoutANameIsCalledByItsNumber(t *testing.T) {
	for name, want := range map[string]string{"": "S01", "Sunrise Mart": "Sunrise Mart"} {
		cfg := &config.Config{}
		cfg.Terminal.StoreID, cfg.Terminal.StoreName = "S01", name
		if got := storeOf(cfg).StoreName; got != want {
			t.Errorf("store_name %q: the gateway is told %q, want %q", name, got, want)
		}
	}
}
