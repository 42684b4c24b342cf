package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
)

func TestAChangedPolicyCountsFromTheNextStepOfEveryPayment(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Expect(offline.OpPay, silence())
		b.gateway.Always(offline.OpQuery, pending())
		b.gateway.Always(offline.OpCancel, reply(offline.Success))
		b.open("R-1", goodCode)
		b.settle("R-1", 30*time.Second, offline.SaleStateConfirming)
		hurried := offline.DefaultPolicy()
		hurried.QueryLimit = 1
		if err := b.engine.SetPolicy(hurried); err != nil {
			t.Fatal(err)
		}
		if b.engine.Policy() != hurried {
			t.Error("the engine does not tell its policy")
		}
		b.settle("R-1", 10*time.Second, offline.SaleStateCancelled)
	})
}

func TestABadPolicyIsRefusedAndTheOldOneStays(t *testing.T) {
	run(t, func(b *bench) {
		bad := offline.DefaultPolicy()
		bad.CancelRetries = 0
		if err := b.engine.SetPolicy(bad); err == nil {
			t.Error("a policy that never cancels was taken")
		}
		if b.engine.Policy() != offline.DefaultPolicy() {
			t.Error("the policy changed")
		}
	})
}
