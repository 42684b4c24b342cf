package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"posagent/queue"
)

// journalFacts tells whether a program may have a journal.
type journalFacts struct {
	Path   string `json:"path"`
	Schema int    `json:"schema"`
	Known  int    `json:"known"` // the newest schema that this program reads
}

func journalInfo(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "info [FILE]",
		Short: "Tell which layout the journal has, and which this program knows",
		Long: `Tell which layout (schema) the journal has, and the newest that this program reads.
A journal that is too new for this program is told as well. Packages ask this
before they put an older program in place. Nothing is changed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := p.journalPath(args)
			if err != nil {
				return err
			}
			facts := journalFacts{Path: path, Known: queue.Schema}
			facts.Schema, err = queue.SchemaOf(path)
			if len(args) == 0 && errors.Is(err, queue.ErrLocked) {
				facts.Schema, err = p.daemonsSchema(cmd)
			}
			if err != nil {
				return journalError(err)
			}
			return p.print(facts, func(w io.Writer) {
				fmt.Fprintf(w, "%s: schema %d; this program knows schemas up to %d\n", facts.Path, facts.Schema, facts.Known)
			})
		},
	}
}

// daemonsSchema asks the daemon that has the journal.
func (p *program) daemonsSchema(cmd *cobra.Command) (int, error) {
	daemon, _, err := p.daemon()
	if err != nil {
		return 0, err
	}
	defer daemon.Close()
	status, err := daemon.Status(cmd.Context())
	if err != nil {
		return 0, apiError(err)
	}
	if status.Journal.Schema == 0 {
		return 0, withExit(exitTemporarily, errors.New("the running daemon does not tell the journal's schema; stop it and ask again"))
	}
	return status.Journal.Schema, nil
}
