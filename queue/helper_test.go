package queue_test

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"posagent/offline"
)

// exporter lets sales be compared whole.
func exporter(reflect.Type) bool { return true }

func saleNo(i int) (offline.SaleID, offline.MerchantTransID) {
	return offline.SaleID(fmt.Sprintf("R-%04d", i)), offline.MerchantTransID(fmt.Sprintf("M-%04d", i))
}

func observer(n *atomic.Int32) func(time.Duration) {
	return func(d time.Duration) {
		if d > 0 {
			n.Add(1)
		}
	}
}
