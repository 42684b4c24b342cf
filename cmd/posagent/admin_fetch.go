package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"posagent/queue"
)

func adminBackup(r *remote) *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write a verified copy of the till's journal while it sells", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			daemon, err := r.daemon()
			if err != nil {
				return err
			}
			temp := args[0] + ".new"
			if err := writeNew(temp, func(w io.Writer) error {
				_, err := daemon.Backup(cmd.Context(), w)
				return adminError(err)
			}); err != nil {
				return err
			}
			report, err := queue.Verify(cmd.Context(), temp)
			if err == nil && !report.OK() {
				err = fmt.Errorf("the copy does not verify (%s): %w", report.Findings[0], queue.ErrDamaged)
			}
			if err == nil {
				err = os.Rename(temp, args[0])
			}
			if err != nil {
				return journalError(errors.Join(err, os.Remove(temp)))
			}
			report.Path = args[0]
			return r.p.print(report, func(w io.Writer) { describeReport(w, report) })
		},
	}
}

func adminBundle(r *remote) *cobra.Command {
	return &cobra.Command{
		Use: "bundle FILE", Short: "Fetch a support bundle, a zip without codes and keys", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			daemon, err := r.daemon()
			if err != nil {
				return err
			}
			var n int64
			if err := writeNew(args[0], func(w io.Writer) error {
				var err error
				n, err = daemon.Bundle(cmd.Context(), w)
				return adminError(err)
			}); err != nil {
				return err
			}
			return r.p.print(map[string]any{"file": args[0], "bytes": n}, func(w io.Writer) { fmt.Fprintf(w, "%s: %d bytes\n", args[0], n) })
		},
	}
}

// writeNew makes a file of mode 0600 and makes it durable; where fill fails, or the
// file is there already, nothing is left of it.
func writeNew(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := fill(f); err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
