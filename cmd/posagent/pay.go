package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
)

func payCommand(p *program) *cobra.Command {
	var amount, currency, id, code, title string
	var wait time.Duration
	c := &cobra.Command{
		Use:   "pay",
		Short: "Take one payment through the running daemon; exit 0 only if it is paid",
		Example: `  posagent pay --amount 12850 --currency HKD                 # waits for the scanner
  posagent pay --amount 12850 --currency HKD --code 28...    # a code read by somebody else`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			money, err := offline.ParseMoney(currency, amount)
			if err != nil {
				return withExit(exitUsage, fmt.Errorf("--amount: %w", err))
			}
			if id == "" {
				id = newSaleID()
			}
			daemon, _, err := p.daemon()
			if err != nil {
				return err
			}
			defer daemon.Close()
			new := wire.NewSale{SaleID: id, Amount: money, OrderTitle: title, Code: code}
			if cmd.Flags().Changed("wait") {
				new.Timeout = wait.String()
			}
			return p.paySale(cmd.Context(), daemon, new, wait)
		},
	}
	c.Flags().StringVar(&amount, "amount", "", "amount in minor units: 12850 is 128.50 HKD")
	c.Flags().StringVar(&currency, "currency", "", "ISO 4217 code")
	c.Flags().StringVar(&id, "sale-id", "", "the register's number; the same again is the same sale (default: a new one)")
	c.Flags().StringVar(&code, "code", "", "the payment code; without it the scanner is waited for")
	c.Flags().StringVar(&title, "title", "", "what the customer sees on the phone")
	c.Flags().DurationVar(&wait, "wait", 2*time.Minute, "how long to wait for the result")
	for _, f := range []string{"amount", "currency"} {
		if err := c.MarkFlagRequired(f); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// newSaleID makes an id for a sale of a person at the command line.
func newSaleID() string {
	return "cli-" + time.Now().UTC().Format("20060102T150405") + "-" + rand.Text()[:6]
}

// expiryGrace is what the daemon gets to close a sale whose time ends with the wait.
const expiryGrace = 3 * time.Second

// paySale opens the sale, follows it and tells how it ended. An end of the wait
// leaves the sale as it is: the daemon goes on.
func (p *program) paySale(ctx context.Context, daemon *client.Client, new wire.NewSale, wait time.Duration) error {
	sale, _, err := daemon.OpenSale(ctx, new)
	if err != nil {
		return apiError(notOpened(new.SaleID, err))
	}
	last := wire.State("")
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	follow := func(s wire.Sale) bool {
		if !p.json && s.State != last {
			last = s.State
			fmt.Fprintf(p.err, "%s  %s\n", s.SaleID, s.Message.Title)
		}
		return s.Final || s.State == wire.Attention
	}
	sale, err = daemon.Await(waiting, new.SaleID, follow)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && sale.State == wire.Waiting && time.Until(sale.ExpiresAt) < expiryGrace {
		// The sale's time is up at this very moment as well, which is the case
		// with the defaults of both: exit 75 would hide that it is over.
		last, stop := context.WithTimeout(ctx, expiryGrace)
		defer stop()
		sale, err = daemon.Await(last, new.SaleID, follow)
	}
	switch {
	case ctx.Err() != nil && sale.State == wire.Waiting:
		sale, err = daemon.Cancel(context.WithoutCancel(ctx), new.SaleID, "interrupted")
	case errors.Is(err, context.DeadlineExceeded) && sale.SaleID != "":
		err = nil // the exit code tells that it is not over
	}
	if err != nil {
		return apiError(fmt.Errorf("sale %s is safe with the daemon and its journal; ask for it with \"posagent sale show %s\": %w", new.SaleID, new.SaleID, err))
	}
	if err := p.print(sale, func(w io.Writer) { describeSale(w, sale) }); err != nil {
		return err
	}
	return quietly(saleExit(sale))
}

// notOpened says what an unanswered opening leaves open. A refusal, and a daemon
// that does not run, leave nothing open and stay as they are.
func notOpened(id string, err error) error {
	var refused *wire.Problem
	if errors.As(err, &refused) || errors.Is(err, client.ErrNotRunning) || errors.Is(err, client.ErrPermission) {
		return err
	}
	return fmt.Errorf("the daemon did not answer, so sale %s may be open or even paid; to repeat this command with \"--sale-id %s\" is safe: %w", id, id, err)
}

// describeSale prints what a cashier needs to know, and the numbers for finance.
func describeSale(w io.Writer, s wire.Sale) {
	fmt.Fprintf(w, "%s  %s  %s\n", s.SaleID, s.Amount, s.Message.Title)
	for _, line := range []string{s.Message.Money, s.Message.Action} {
		if line != "" {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	if s.Message.Say != "" {
		fmt.Fprintf(w, "  To the customer: %s\n", s.Message.Say)
	}
	if s.MerchantTransID != "" {
		fmt.Fprintf(w, "  payment %s", s.MerchantTransID)
		if s.AcquirementID != "" {
			fmt.Fprintf(w, ", at the gateway %s", s.AcquirementID)
		}
		fmt.Fprintln(w)
	}
	if s.Refunded.Value > 0 {
		fmt.Fprintf(w, "  refunded %s\n", s.Refunded)
	}
}
