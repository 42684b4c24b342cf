package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/config"
	"posagent/offline"
	"posagent/queue"
)

func journalCommand(p *program) *cobra.Command {
	return group("journal", "Check, copy, export and repair the till's record",
		journalInfo(p), journalVerify(p), journalBackup(p), journalExport(p), journalRepair(p))
}

// journalPath is the file named on the command line, or the configured one.
func (p *program) journalPath(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	cfg, err := p.load(config.RoleClient)
	if err != nil {
		return "", err
	}
	return cfg.Journal.Path, nil
}

// journalError gives a failure of the store its exit code.
func journalError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrDamaged):
		return withExit(exitDamaged, err)
	case errors.Is(err, queue.ErrLocked):
		return withExit(exitTemporarily, err)
	case errors.Is(err, queue.ErrPermission):
		return withExit(exitPermission, err)
	case errors.Is(err, queue.ErrFormat):
		return withExit(exitUsage, err)
	}
	return err
}

func journalVerify(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check every page, record, index and total; exit 7 if something is damaged",
		Long: `Check every page, record, index and total, and replay every sale through the
guards. Without FILE the configured journal is checked; while the daemon has it,
a copy that the daemon makes is. Nothing is changed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := p.journalPath(args)
			if err != nil {
				return err
			}
			var report queue.Report
			err = p.readJournal(cmd.Context(), path, len(args) == 0, func(file string) error {
				report, err = queue.Verify(cmd.Context(), file)
				return err
			})
			if err != nil {
				return journalError(err)
			}
			report.Path = path
			if err := p.print(report, func(w io.Writer) { describeReport(w, report) }); err != nil {
				return err
			}
			if !report.OK() {
				return quietly(exitDamaged)
			}
			return nil
		},
	}
}

func describeReport(w io.Writer, r queue.Report) {
	fmt.Fprintf(w, "%s: %d sales (%d unsettled), %d payments, %d refunds, %d facts, %d events\n",
		r.Path, r.Sales, r.Unsettled, r.Payments, r.Refunds, r.Facts, r.Events)
	if r.OK() {
		fmt.Fprintln(w, "The journal is sound.")
		return
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
	if r.More > 0 {
		fmt.Fprintf(w, "  and %d more\n", r.More)
	}
	fmt.Fprintln(w, "The journal is damaged. Stop the daemon and run \"posagent journal repair\": it keeps this file.")
}

// readJournal hands a file to look at: the journal itself, or, while the daemon
// has it and only if it is the configured one, a copy that the daemon makes.
func (p *program) readJournal(ctx context.Context, path string, configured bool, look func(file string) error) error {
	err := look(path)
	if !configured || !errors.Is(err, queue.ErrLocked) {
		return err
	}
	dir, derr := os.MkdirTemp("", "posagent-journal-")
	if derr != nil {
		return errors.Join(err, derr)
	}
	copied := filepath.Join(dir, "journal.db")
	err = p.copyFromDaemon(ctx, copied)
	if err == nil {
		err = look(copied)
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// copyFromDaemon writes the daemon's copy of its journal to a new file and makes
// it durable.
func (p *program) copyFromDaemon(ctx context.Context, path string) error {
	daemon, _, err := p.daemon()
	if err != nil {
		return err
	}
	defer daemon.Close()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = daemon.CopyJournal(ctx, f)
	if err != nil {
		err = apiError(err)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path)) // half a copy would be found, and trusted
	}
	return nil
}

func journalBackup(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a verified copy of the journal, also while the daemon runs",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := p.journalPath(nil)
			if err != nil {
				return err
			}
			report, err := p.backup(cmd.Context(), path, args[0])
			if err != nil {
				return journalError(err)
			}
			return p.print(report, func(w io.Writer) { describeReport(w, report) })
		},
	}
}

// backup copies the journal: by itself while nobody has it, else through the
// daemon. Either way the copy is verified before it has its name.
func (p *program) backup(ctx context.Context, from, to string) (queue.Report, error) {
	j, err := queue.Open(from, queue.Options{ReadOnly: true})
	if err == nil {
		report, err := j.BackupTo(ctx, to)
		return report, errors.Join(err, j.Close())
	}
	if !errors.Is(err, queue.ErrLocked) {
		return queue.Report{}, err
	}
	temp := to + ".new"
	if err := p.copyFromDaemon(ctx, temp); err != nil {
		return queue.Report{}, err
	}
	report, err := queue.Verify(ctx, temp)
	if err == nil && !report.OK() {
		err = fmt.Errorf("the copy does not verify: %w", queue.ErrDamaged)
	}
	if err != nil {
		return report, errors.Join(err, os.Remove(temp))
	}
	report.Path = to
	return report, os.Rename(temp, to)
}

func journalExport(p *program) *cobra.Command {
	var format, from, to, out string
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write sales as CSV or JSON lines, also while the daemon runs",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, day := range []string{from, to} {
				if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
					return withExit(exitUsage, fmt.Errorf("%q is no day such as 2026-11-21", day))
				}
			}
			path, err := p.journalPath(args)
			if err != nil {
				return err
			}
			return journalError(p.readJournal(cmd.Context(), path, len(args) == 0, func(file string) error {
				return p.export(file, out, queue.Format(format), queue.ExportFilter{
					From: offline.BusinessDay(from), To: offline.BusinessDay(to),
				})
			}))
		},
	}
	c.Flags().StringVar(&format, "format", string(queue.CSV), "csv; jsonl, with all facts; audit, the audit trail as JSON lines")
	c.Flags().StringVar(&from, "from", "", "first business day in Beijing time, such as 2026-11-21")
	c.Flags().StringVar(&to, "to", "", "last business day")
	c.Flags().StringVar(&out, "output", "", "`file` to write; an existing one is not overwritten (default: standard output)")
	return c
}

func (p *program) export(file, out string, format queue.Format, f queue.ExportFilter) (err error) {
	j, err := queue.Open(file, queue.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if out == "" {
		_, err = j.Export(p.out, format, f)
		return err
	}
	w, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := j.Export(w, format, f)
	what := "sales"
	if format == queue.Audit {
		what = "entries"
	}
	if err = errors.Join(err, w.Sync(), w.Close()); err != nil {
		return errors.Join(err, os.Remove(out)) // half an export looks like a whole one
	}
	fmt.Fprintf(p.err, "%d %s written to %s\n", n, what, out)
	return nil
}

func journalRepair(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "repair [FILE]",
		Short: "Carry over what can be read into a fresh journal; the damaged file is kept",
		Long: `Carry over what can be read into a fresh journal and keep the damaged file beside
it. Every payment of which something may be missing is handed to a person (state
attention): nothing that may have charged a customer is ended or forgotten. Stop
the daemon first.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := p.journalPath(args)
			if err != nil {
				return err
			}
			report, err := queue.Repair(cmd.Context(), path, queue.Options{})
			if err != nil {
				return journalError(err)
			}
			return p.print(report, func(w io.Writer) { describeRepair(w, report) })
		},
	}
}

func describeRepair(w io.Writer, r queue.Repaired) {
	if r.KeptAs == "" {
		fmt.Fprintf(w, "%s is sound: %d sales. Nothing was changed.\n", r.Path, r.Sales)
		return
	}
	fmt.Fprintf(w, "%s was rebuilt: %d sales carried over, %d of them incomplete.\n", r.Path, r.Sales, r.Incomplete)
	fmt.Fprintf(w, "The damaged file is kept as %s.\n", r.KeptAs)
	for _, f := range r.Findings {
		fmt.Fprintf(w, "  %s\n", f)
	}
	for _, id := range r.Parked {
		fmt.Fprintf(w, "  a person must look: payment %s\n", id)
	}
	for _, id := range r.Lost {
		fmt.Fprintf(w, "  lost, look it up at the gateway: payment %s\n", id)
	}
	if r.LostAudit > 0 {
		fmt.Fprintf(w, "  %d entries of the audit trail could not be read\n", r.LostAudit)
	}
	if r.MissingEvents > 0 {
		fmt.Fprintf(w, "  %d writes left no trace\n", r.MissingEvents)
	}
	if r.CodeKeyLost {
		fmt.Fprintln(w, "  the key for recognising used codes is lost: a code from before the damage would be taken again")
	}
	fmt.Fprintln(w, "Start the daemon, then: posagent sale list --state attention; posagent sale recheck SALE.")
}
