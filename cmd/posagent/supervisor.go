package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"posagent/internal/config"
	"posagent/internal/localapi/wire"
	"posagent/internal/supervisor"
)

func supervisorCommand(p *program) *cobra.Command {
	return group("supervisor", "Who may allow a refund, and by which PIN",
		supervisorSet(p), supervisorList(p), supervisorRemove(p))
}

// supervisors is the configured file of PINs; it is the daemon's, which reads it
// anew at each PIN.
func (p *program) supervisors() (supervisor.Book, error) {
	cfg, err := p.load(config.RoleClient)
	if err != nil {
		return supervisor.Book{}, err
	}
	if cfg.Supervisor.File == "" {
		return supervisor.Book{}, withExit(exitUsage, errors.New("supervisor.file is empty: the configuration names no file for PINs"))
	}
	return supervisor.Book{Path: cfg.Supervisor.File}, nil
}

func supervisorSet(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME",
		Short: "Add a supervisor or change the PIN; it is typed unseen, or read from standard input",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			book, err := p.supervisors()
			if err != nil {
				return err
			}
			pin, err := p.newPIN(args[0])
			if err != nil {
				return err
			}
			if err := book.Set(args[0], pin, time.Now()); err != nil {
				return supervisorError(err)
			}
			return p.print(map[string]string{"set": args[0]}, func(w io.Writer) {
				fmt.Fprintf(w, "%s is set in %s; it counts at once.\n", args[0], book.Path)
			})
		},
	}
}

func supervisorList(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the supervisors, without their PINs", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			book, err := p.supervisors()
			if err != nil {
				return err
			}
			list, err := book.List()
			if err != nil {
				return supervisorError(err)
			}
			return p.print(map[string]any{"supervisors": list}, func(w io.Writer) {
				if len(list) == 0 {
					fmt.Fprintf(w, "no supervisor is set up in %s\n", book.Path)
					return
				}
				t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
				fmt.Fprintln(t, "NAME\tPIN SET")
				for _, s := range list {
					fmt.Fprintf(t, "%s\t%s\n", s.Name, s.SetAt.Local().Format(time.DateTime))
				}
				_ = t.Flush() // the terminal is gone if this fails
			})
		},
	}
}

func supervisorRemove(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Take a supervisor's PIN away", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			book, err := p.supervisors()
			if err != nil {
				return err
			}
			if err := book.Remove(args[0]); err != nil {
				return supervisorError(err)
			}
			return p.print(map[string]string{"removed": args[0]}, func(w io.Writer) {
				fmt.Fprintf(w, "%s can allow nothing any more.\n", args[0])
			})
		},
	}
}

func supervisorError(err error) error {
	if errors.Is(err, supervisor.ErrPIN) || errors.Is(err, supervisor.ErrName) {
		return withExit(exitUsage, err)
	}
	return err
}

// newPIN reads a PIN that is to be set: twice where it is typed.
func (p *program) newPIN(name string) (supervisor.PIN, error) {
	first, err := p.readPIN("PIN of " + name)
	if err != nil || !p.typed() {
		return supervisor.NewPIN(first), err
	}
	again, err := p.readPIN("the same again")
	if err == nil && first != again {
		err = withExit(exitUsage, errors.New("the two PINs differ; nothing was changed"))
	}
	return supervisor.NewPIN(first), err
}

// typed tells whether a person sits at standard input.
func (p *program) typed() bool {
	f, ok := p.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// readPIN reads a PIN from the terminal without showing it, or one line of
// standard input. It never comes from the command line, which every user of the
// machine can read.
func (p *program) readPIN(prompt string) (string, error) {
	if f, ok := p.in.(*os.File); ok && p.typed() {
		fmt.Fprintf(p.err, "%s: ", prompt)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.err)
		if err != nil {
			return "", fmt.Errorf("reading the PIN: %w", err)
		}
		return string(text), nil
	}
	line, err := bufio.NewReader(io.LimitReader(p.in, 256)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the PIN: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", withExit(exitUsage, errors.New("no PIN on standard input"))
	}
	return line, nil
}

// allow adds the flag that names who allows an action; the PIN is asked for.
func allow(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "supervisor", "", "who allows it, where that is needed; the PIN is asked for, or read from standard input")
}

// allowed is the supervisor of a request, or nil where none is named.
func (p *program) allowed(name string) (*wire.Supervisor, error) {
	if name == "" {
		return nil, nil
	}
	pin, err := p.readPIN("PIN of " + name)
	if err != nil {
		return nil, err
	}
	return &wire.Supervisor{Name: name, PIN: wire.NewPIN(pin)}, nil
}
