package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// manualCommand writes what a package ships beside the program. It is hidden:
// nobody needs it where the program is installed.
func manualCommand() *cobra.Command {
	var man, completions, date string
	c := &cobra.Command{
		Use:    "manual",
		Short:  "Write man pages and shell completions into directories, as a package needs them",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if man == "" && completions == "" {
				return withExit(exitUsage, errors.New("give --man, --completions or both"))
			}
			day, err := time.Parse(time.DateOnly, date)
			if err != nil {
				return withExit(exitUsage, fmt.Errorf("--date: %q is no day such as 2026-11-21", date))
			}
			root := cmd.Root()
			// Cobra adds these to a tree only when it runs, with texts of its own.
			root.InitDefaultCompletionCmd()
			root.InitDefaultHelpCmd()
			if man != "" {
				if err := writeManPages(root, man, day); err != nil {
					return err
				}
			}
			if completions != "" {
				return writeCompletions(root, completions)
			}
			return nil
		},
	}
	c.Flags().StringVar(&man, "man", "", "`directory` for the man pages of section 1")
	c.Flags().StringVar(&completions, "completions", "", "`directory` for the completions of bash, zsh and fish")
	c.Flags().StringVar(&date, "date", "", "`day` that the pages bear, such as 2026-11-21: two builds of one source are the same")
	return c
}

// writeManPages writes posagent.1 and a page for each command below it.
func writeManPages(root *cobra.Command, dir string, day time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // pages are for everybody
		return err
	}
	for _, cmd := range pages(root) {
		cmd.DisableAutoGenTag = true // it would be the day of the build
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "by" {
				f.DefValue = "" // whoever builds the page is nobody's default
			}
		})
		header := &doc.GenManHeader{
			Title: strings.ToUpper(strings.ReplaceAll(cmd.CommandPath(), " ", "-")), Section: "1",
			Date: &day, Source: "posagent", Manual: "Wallet payments at the checkout",
		}
		var page bytes.Buffer
		if err := doc.GenMan(cmd, header, &page); err != nil {
			return fmt.Errorf("man page of %q: %w", cmd.CommandPath(), err)
		}
		if cmd == root {
			page.WriteString(rootExtra)
		}
		if cmd.CommandPath() == "posagent ui" {
			page.WriteString(windowExtra)
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		if err := writeShared(filepath.Join(dir, name), page.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// pages lists the commands that have a page: those that a user is shown.
func pages(cmd *cobra.Command) []*cobra.Command {
	list := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() && sub.Name() != "help" {
			list = append(list, pages(sub)...)
		}
	}
	return list
}

// rootExtra is what the commands do not say about themselves.
const rootExtra = `
.SH EXIT STATUS
0 done; 1 another failure; 2 usage or configuration; 3 the daemon is not running;
4 no permission; 5 running, but degraded; 6 unfinished sales present; 7 the journal
is damaged; 10 declined; 11 cancelled; 12 a person must look; 13 expired without a
scan; 75 temporary, try again.
.SH FILES
.TP
\fI/etc/posagent/posagent.toml\fP
Configuration; drop-ins in \fI/etc/posagent/posagent.d/*.toml\fP change single keys.
.TP
\fI/etc/posagent/keys\fP
The terminal's private key, readable by the user posagent alone.
.TP
\fI/var/lib/posagent/journal.db\fP
The record of all payments.
.TP
\fI/run/posagent/posagent.sock\fP
The local API, for members of the group posagent.
`

// windowExtra is what the package of the window brings and no option shows.
const windowExtra = `
.SH FILES
.TP
\fI/usr/bin/posagent-ui\fP
The build with the window, from the package posagent-ui: "posagent ui" starts it.
.TP
\fI/etc/xdg/autostart/posagent-ui.desktop\fP
Opens the window when a member of the group posagent logs in. On one terminal
\fBwindow.autostart = false\fP in a drop-in of the configuration switches it off; for one user
a file of this name in \fI~/.config/autostart\fP with the line \fBHidden=true\fP does.
.TP
\fI/usr/libexec/posagent/cashier-window\fP
What it starts: opens a window that failed again, until the session ends.
`

func writeCompletions(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // completions are for everybody
		return err
	}
	for _, shell := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{"posagent.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"_posagent", root.GenZshCompletion},
		{"posagent.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) }},
	} {
		var text bytes.Buffer
		if err := shell.write(&text); err != nil {
			return fmt.Errorf("%s: %w", shell.file, err)
		}
		if err := writeShared(filepath.Join(dir, shell.file), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func writeShared(path string, content []byte) error {
	return os.WriteFile(path, content, 0o644) //nolint:gosec // part of a package, for everybody
}
