package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"posagent/internal/keystore"
)

func keysCommand(p *program) *cobra.Command {
	return group("keys", "Make, show and check the RSA key pair for the gateway",
		keysGenerate(p), keysShowPublic(p), keysCheck(p), keysProtect(p))
}

func keysGenerate(p *program) *cobra.Command {
	var dir, name string
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make an RSA-2048 key pair; existing files are never overwritten",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			pair := keystore.PairIn(dir, name)
			key, err := keystore.Generate(pair)
			if err != nil {
				return err
			}
			shown := struct {
				keystore.Pair
				Fingerprint string `json:"fingerprint"`
				PublicLine  string `json:"publicLine"`
			}{pair, key.PublicKey().Fingerprint(), key.PublicKey().Line()}
			return p.print(shown, func(w io.Writer) {
				fmt.Fprintf(w, "private key  %s (keep it on this machine)\npublic key   %s\nfingerprint  %s\n\nUpload this line to Alipay's portal:\n%s\n",
					pair.Private, pair.Public, shown.Fingerprint, shown.PublicLine)
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "`directory` for the two files")
	c.Flags().StringVar(&name, "name", "terminal", "first part of the file names: NAME_private.pem, NAME_public.pem")
	return c
}

func keysShowPublic(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show-public FILE",
		Short: "Show the public half of a key as PEM, as one line for Alipay's portal, and its fingerprint",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			shown, err := keystore.ShowPublic(args[0])
			if err != nil {
				return withExit(exitUsage, err)
			}
			return p.print(shown, func(w io.Writer) {
				fmt.Fprintf(w, "%s\n%s\n\n%s\n", shown.PEM, shown.Base64, shown.Fingerprint)
			})
		},
	}
}

func keysCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check PRIVATE PUBLIC",
		Short: "Tell whether two files are the halves of one key pair",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			report, err := keystore.Check(keystore.Pair{Private: args[0], Public: args[1]})
			if err != nil {
				return withExit(exitUsage, err)
			}
			if err := p.print(report, func(w io.Writer) { describePair(w, report) }); err != nil {
				return err
			}
			if !report.Match {
				return quietly(exitFailure)
			}
			return nil
		},
	}
}

func describePair(w io.Writer, r keystore.Report) {
	word := "The two files belong together."
	if !r.Match {
		word = "The two files do NOT belong together: the gateway would refuse every message."
	}
	fmt.Fprintf(w, "%s\n%d bits\nprivate  %s\npublic   %s\n", word, r.Bits, r.PrivateFingerprint, r.PublicFingerprint)
}
