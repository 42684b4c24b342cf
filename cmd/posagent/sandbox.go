package main

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"posagent/internal/logx"
	"posagent/offline/sandbox"
)

func sandboxCommand(p *program) *cobra.Command {
	var listen, keys, ledger, client, merchant string
	var help bool
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Run the simulated gateway alone",
		Long: `Run a simulated gateway that checks every request as strictly as the real one,
keeps a ledger of who was charged, and plays scenarios chosen by amount. It moves
no money. GET /sandbox/ledger shows the ledger.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if help {
				return sandbox.ScenarioHelp(p.out)
			}
			log, err := logx.New(logx.Options{Stderr: p.err})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, log.Close()) }()
			k, err := sandbox.EnsureKeys(keys)
			if err != nil {
				return err
			}
			gw, err := sandbox.New(sandbox.Options{
				ClientID: client, MerchantID: merchant,
				MerchantPublicKey: k.Terminal.PublicKey().RSA(), AlipayPrivateKey: k.Alipay,
				LedgerPath: ledger, Log: log.Logger(),
			})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, gw.Close()) }()
			l, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("the simulated gateway cannot listen: %w", err)
			}
			base := sandbox.BaseURL(l.Addr().String())
			if err := p.print(map[string]string{"baseURL": base, "keys": keys}, func(w io.Writer) {
				fmt.Fprintf(w, "simulated gateway on %s\nkeys in %s\n", base, keys)
			}); err != nil {
				return err
			}
			return sandbox.Serve(cmd.Context(), l, gw)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8443", "`address` to listen on")
	c.Flags().StringVar(&keys, "keys", "sandbox-keys", "`directory` of the keys; made if absent")
	c.Flags().StringVar(&ledger, "ledger", "", "`file` for the ledger (JSON lines); kept over restarts")
	c.Flags().StringVar(&client, "client-id", sandbox.ClientID, "the client id that it accepts")
	c.Flags().StringVar(&merchant, "merchant-id", sandbox.MerchantID, "the merchant id that it accepts")
	c.Flags().BoolVar(&help, "scenario-help", false, "print which amount plays which scenario, and end")
	return c
}
