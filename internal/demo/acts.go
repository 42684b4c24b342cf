package demo

import (
	"context"
	"fmt"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// act is one scene: what the customer and the gateway do, and how it must end.
type act struct {
	title    string
	amount   wire.Money
	scenario string // of the simulated gateway; "" is paid at once
	play     func(ctx context.Context, s *stage, id string) error
	ends     wire.State
	after    func(ctx context.Context, s *stage, id string) error
	lesson   string
}

func hkd(value int64) wire.Money { return wire.Money{Currency: "HKD", Value: value} }

func acts() []act {
	return []act{
		{
			title: "A customer pays", amount: hkd(12850), play: scan(), ends: wire.Paid,
			lesson: "two durable commits: one before the request left, one before the cashier saw \"paid\"",
		},
		{
			title: "The wrong things are scanned first", amount: hkd(2390), play: wrongScans, ends: wire.Paid,
			lesson: "a product and another wallet's code were refused without a word to the gateway",
		},
		{
			title: "The code is out of date, a fresh one works", amount: hkd(4200), scenario: "f_expired_code",
			play: expired, ends: wire.Paid,
			lesson: "the same sale, a new merchantTransId: an id is bound to one code for ever",
		},
		{
			title: "Not enough money in the wallet", amount: hkd(99900), scenario: "f_user_balance_not_enough",
			play: scan(), ends: wire.Declined, lesson: "a definitive refusal: nothing was taken",
		},
		{
			title: "The customer confirms on the phone", amount: hkd(8800), scenario: "confirm", play: scan(), ends: wire.Paid,
			lesson: "U is not an answer: it asked until the gateway said that it is paid",
		},
		{
			title: "The answer is lost, but the money was taken", amount: hkd(5000), scenario: "drop", play: scan(), ends: wire.Paid,
			lesson: "silence is no refusal: a query proved the payment",
		},
		{
			title: "The answer carries a forged signature", amount: hkd(5100), scenario: "bad_signature_unpaid", play: scan(),
			ends: wire.Cancelled, lesson: "a \"success\" that does not verify was not believed; nothing was found, so it was cancelled and watched",
		},
		{
			title: "The request arrives after its own cancel", amount: hkd(6400), scenario: "pay_after_cancel_query", play: scan(),
			ends: wire.Cancelled, lesson: "watching found the late charge and sent the money back",
		},
		{
			title: "The cashier cancels while the customer hesitates", amount: hkd(7300), scenario: "confirm_never",
			play: cancelled, ends: wire.Cancelled, lesson: "once something was sent a cancel is a reversal, confirmed by the gateway",
		},
		{
			title: "The till loses power in the middle of a payment", amount: hkd(15000), scenario: "slow_3s",
			play: powerCut, ends: wire.Paid,
			lesson: "killed after the charge and before the answer; the next start asked, and never paid twice",
		},
		{
			title: "Part of the first sale is refunded", amount: hkd(3000), play: scan(), ends: wire.Paid, after: refundPart,
			lesson: "the refund has its own id and would be repeated under it until it is confirmed",
		},
		{
			title: "No cancel is ever confirmed", amount: hkd(9900), scenario: "cancel_unknown_ever", play: cancelled,
			ends: wire.Attention, after: resolve,
			lesson: "the agent says that it cannot know and calls a person; what the person found is on record",
		},
	}
}

// scan is a customer who holds up the phone once.
func scan() func(context.Context, *stage, string) error {
	return func(_ context.Context, s *stage, _ string) error { return s.scan(s.shop.NextCode()) }
}

func wrongScans(ctx context.Context, s *stage, _ string) error {
	for _, wrong := range []string{"4006381333931", "134567890123456789"} {
		if err := s.scan(wrong); err != nil {
			return err
		}
		if err := s.awaitNotice(ctx); err != nil {
			return err
		}
	}
	return s.scan(s.shop.NextCode())
}

func expired(ctx context.Context, s *stage, id string) error {
	if err := s.scan(s.shop.NextCode()); err != nil {
		return err
	}
	if sale, err := s.await(ctx, id, func(w wire.Sale) bool { return w.CanRescan }); err != nil {
		return fmt.Errorf("the sale is %s and takes no fresh code: %w", sale.State, err)
	}
	if err := s.awaitArmed(ctx, id); err != nil {
		return err
	}
	return s.scan(s.shop.NextCode())
}

func cancelled(ctx context.Context, s *stage, id string) error {
	if err := s.scan(s.shop.NextCode()); err != nil {
		return err
	}
	if sale, err := s.await(ctx, id, func(w wire.Sale) bool { return w.State == wire.Confirming }); err != nil {
		return fmt.Errorf("the sale is %s, the customer is not asked: %w", sale.State, err)
	}
	s.line.cashier("presses \"cancel\"")
	_, err := s.client.Cancel(ctx, id, "demo cashier")
	return err
}

// powerCut kills the daemon after the gateway has taken the money and before the
// answer is there: the worst moment.
func powerCut(ctx context.Context, s *stage, _ string) error {
	charged := s.nextCall(offline.OpPay)
	if err := s.scan(s.shop.NextCode()); err != nil {
		return err
	}
	select {
	case <-charged:
	case <-ctx.Done():
		return fmt.Errorf("the payment never reached the gateway: %w", ctx.Err())
	}
	s.line.note("POWER CUT: SIGKILL to the daemon; the money is taken, the answer is still under way")
	if err := s.kill(); err != nil {
		return err
	}
	pause(ctx, 300*time.Millisecond) // long enough to be seen on the timeline
	s.line.note("power is back: the daemon starts with the journal as it was")
	return s.start(ctx)
}

func refundPart(ctx context.Context, s *stage, _ string) error {
	first := s.shown[0]
	s.line.cashier("refunds HKD 28.50 of " + first)
	if _, _, err := s.client.Refund(ctx, first, wire.NewRefund{RefundID: "DEMO-R1", Amount: hkd(2850), Reason: "one item returned"}); err != nil {
		return err
	}
	for {
		r, err := s.client.WaitRefund(ctx, first, "DEMO-R1", 5*time.Second)
		if err != nil {
			return err
		}
		if r.Final {
			s.refunded[first] = 2850
			if r.State != wire.RefundRefunded {
				return fmt.Errorf("the refund is %s", r.State)
			}
			return nil
		}
	}
}

func resolve(ctx context.Context, s *stage, id string) error {
	s.line.cashier("calls the supervisor, who asks Alipay: no money is held")
	sale, err := s.client.Resolve(ctx, id, wire.Resolution{Result: wire.ResolvedNotPaid, By: "demo supervisor", Note: "support confirmed that the trade holds no money"})
	if err != nil {
		return err
	}
	if sale.State != wire.Cancelled {
		return fmt.Errorf("resolved, the sale is %s", sale.State)
	}
	return nil
}
