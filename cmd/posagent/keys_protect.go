package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"posagent/internal/keystore"
)

func keysProtect(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "protect FILE",
		Short: "On Windows: seal a private key for this machine (DPAPI) and close its file to other users",
		Long: `On Windows: seals a private key for this machine with the Data Protection API, in its
place, and gives its file an access list of SYSTEM, Administrators and the service.
The daemon opens it at each start, without a password. A sealed key is of no use on
another machine, nor after Windows is installed anew: make a new one then.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := keystore.Protect(args[0])
			if err != nil {
				return withExit(exitUsage, err)
			}
			shown := struct {
				File        string `json:"file"`
				Fingerprint string `json:"fingerprint"`
			}{args[0], key.PublicKey().Fingerprint()}
			return p.print(shown, func(w io.Writer) {
				fmt.Fprintf(w, "%s opens on this machine only, and only for SYSTEM, Administrators and the service.\nfingerprint  %s\n", shown.File, shown.Fingerprint)
			})
		},
	}
}
