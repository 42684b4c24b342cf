package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

func refundCommand(p *program) *cobra.Command {
	var sale, id, amount, reason, supervisor string
	var wait time.Duration
	c := &cobra.Command{
		Use:   "refund",
		Short: "Return money of a paid sale; exit 0 only if the gateway has confirmed it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			daemon, cfg, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			money, err := offline.ParseMoney(cfg.Terminal.Currency, amount)
			if err != nil {
				return withExit(exitUsage, fmt.Errorf("--amount: %w", err))
			}
			who, err := p.allowed(supervisor)
			if err != nil {
				return err
			}
			refund, _, err := daemon.Refund(cmd.Context(), sale,
				wire.NewRefund{RefundID: id, Amount: money, Reason: reason, By: userName(), Supervisor: who})
			if err != nil {
				return apiError(err)
			}
			for until := time.Now().Add(wait); !refund.Final && refund.State != wire.RefundAttention; {
				left := time.Until(until)
				if left <= 0 {
					break
				}
				if refund, err = daemon.WaitRefund(cmd.Context(), sale, id, min(left, 30*time.Second)); err != nil {
					return apiError(fmt.Errorf("refund %s of sale %s goes on with the daemon: %w", id, sale, err))
				}
			}
			if err := p.print(refund, func(w io.Writer) { describeRefund(w, refund) }); err != nil {
				return err
			}
			return quietly(refundExit(refund))
		},
	}
	c.Flags().StringVar(&sale, "sale-id", "", "the sale whose money goes back")
	c.Flags().StringVar(&id, "refund-id", "", "number of this refund; the same again is the same refund")
	c.Flags().StringVar(&amount, "amount", "", "amount in minor units")
	c.Flags().StringVar(&reason, "reason", "", "shown to the customer")
	c.Flags().DurationVar(&wait, "wait", time.Minute, "how long to wait for the result")
	allow(c, &supervisor)
	for _, f := range []string{"sale-id", "refund-id", "amount"} {
		if err := c.MarkFlagRequired(f); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

func refundExit(r wire.Refund) int {
	switch r.State {
	case wire.RefundRefunded:
		return exitDone
	case wire.RefundDeclined:
		return exitDeclined
	case wire.RefundAttention:
		return exitAttention
	case wire.RefundProcessing:
	}
	return exitTemporarily
}

func describeRefund(w io.Writer, r wire.Refund) {
	fmt.Fprintf(w, "%s of %s  %s  %s\n", r.RefundID, r.SaleID, r.Amount, r.Message.Title)
	for _, line := range []string{r.Message.Money, r.Message.Action} {
		if line != "" {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
}
