package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"posagent/internal/config"
	"posagent/internal/doctor"
	"posagent/internal/pipe"
	"posagent/internal/support"
	"posagent/queue"
)

func supportCommand(p *program) *cobra.Command {
	var output string
	var since time.Duration
	var without []string
	c := &cobra.Command{
		Use:   "support-bundle",
		Short: "Collect what support asks for into one file that holds no secret",
		Long: `Collect configuration (credentials masked), versions, status, the record's
statistics, check, newest events and sales, the audit trail, logs, scanners,
findings of the doctor and facts of the machine into one zip file. What cannot be
had, as when the daemon is down or the record is damaged, is named in it.

Before it is written, all of it is searched for payment codes, keys and tokens. If
one is found, nothing is written, the place is named, and the exit code is 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if since <= 0 {
				return withExit(exitUsage, errors.New("--since must be a duration above 0, such as 24h"))
			}
			opt, end := p.bundleOptions(since, without)
			if output == "" {
				output = support.FileName(opt)
			}
			m, err := support.Save(cmd.Context(), output, opt)
			err = errors.Join(err, end())
			var secret *support.SecretError
			if errors.As(err, &secret) {
				return p.refusedBundle(secret)
			}
			if errors.Is(err, support.ErrExists) {
				return withExit(exitUsage, err)
			}
			if err != nil {
				return err
			}
			return p.print(bundleReport{output, m}, func(w io.Writer) { describeBundle(w, output, m) })
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "`file` to write; an existing one is not overwritten (default: a name with store, terminal and time)")
	c.Flags().DurationVar(&since, "since", 24*time.Hour, "how far back logs, events and sales go")
	c.Flags().StringArrayVar(&without, "without", nil, "leave out a `part`, or all parts of a folder, such as logs or journal/sales.jsonl; may be repeated")
	return c
}

// bundleReport is what --json prints.
type bundleReport struct {
	File string `json:"file"`
	support.Manifest
}

func (p *program) refusedBundle(e *support.SecretError) error {
	if !p.json {
		return withExit(exitFailure, fmt.Errorf("%w\n%s", e, e.Hint()))
	}
	err := p.print(struct {
		Error string          `json:"error"`
		Found []support.Found `json:"found"`
		Hint  string          `json:"hint"`
	}{"the bundle would show secrets and is not written", e.Found, e.Hint()}, nil)
	return errors.Join(err, quietly(exitFailure))
}

func describeBundle(w io.Writer, file string, m support.Manifest) {
	fmt.Fprintf(w, "%s: %d files. No payment code, key or token was found in it.\n", file, len(m.Parts)+2)
	for _, x := range m.Missing {
		fmt.Fprintf(w, "  not there: %s: %s\n", x.Name, x.Why)
	}
	for _, x := range m.Unread {
		fmt.Fprintf(w, "  searched for by its shape alone: %s: %s\n", x.Name, x.Why)
	}
	fmt.Fprintln(w, "README.txt in it says what it holds.")
}

// bundleOptions says where everything comes from. end removes what was made for it.
func (p *program) bundleOptions(since time.Duration, without []string) (opt support.Options, end func() error) {
	opt = support.Options{Now: time.Now(), Since: since, Without: without, Build: thisBuild()}
	// As the daemon would read it, to hear of its faults; as any user can, to print it.
	_, opt.ConfigError = p.load(config.RoleDaemon)
	if cfg, err := p.load(config.RoleClient); err == nil {
		opt.Config = cfg
	}
	book := &bookSource{p: p, cfg: opt.Config}
	opt.Journal, opt.JournalDamage = book.open, book.damage
	opt.Status = func(ctx context.Context) (any, error) {
		if opt.Config == nil {
			return nil, errors.New("without a configuration nobody knows where it answers")
		}
		daemon, err := connect(opt.Config, 0)
		if err != nil {
			return nil, err
		}
		defer daemon.Close()
		status, err := daemon.Status(ctx)
		return status, err
	}
	opt.Metrics = func(ctx context.Context) ([]byte, error) { return scrape(ctx, opt.Config) }
	opt.Doctor = func(ctx context.Context) (any, error) {
		return doctor.Examine(ctx, doctor.Options{ConfigPath: p.configPath, Explicit: p.explicit, Env: p.env}), ctx.Err()
	}
	return opt, book.end
}

// scrape asks for what Prometheus would get: by the socket of store IT, or by the
// loopback address where there is none.
func scrape(ctx context.Context, cfg *config.Config) ([]byte, error) {
	if cfg == nil {
		return nil, errors.New("without a configuration nobody knows where they are")
	}
	transport, address := &http.Transport{Proxy: nil, DisableKeepAlives: true}, "localhost"
	switch path := cfg.AdminSocket(); {
	case pipe.Is(path):
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return pipe.Dial(ctx, path) }
	case path != "":
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
	case cfg.Admin.Listen == "" || cfg.Admin.TLS():
		return nil, errors.New("neither admin.socket nor a loopback admin.listen is set")
	default:
		address = cfg.Admin.Listen
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the admin listener answers %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 4<<20))
}

// bookSource opens the till's record for reading: the file itself while nobody has it, else a copy that the daemon makes,
// once for all parts of a bundle.
type bookSource struct {
	p    *program
	cfg  *config.Config
	once sync.Once
	file string // what is read
	dir  string // of the copy
	err  error
}

// copyMost bounds what the daemon is asked to copy for a bundle.
const copyMost = 256 << 20

func (b *bookSource) open(ctx context.Context) (support.Journal, func() error, error) {
	if b.cfg == nil {
		return nil, nil, errors.New("without a configuration nobody knows where it is")
	}
	b.once.Do(func() { b.file, b.err = b.find(ctx) })
	if b.err != nil {
		return nil, nil, b.err
	}
	j, err := queue.Open(b.file, queue.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	return j, j.Close, nil
}

// find copies the record, so that a daemon that starts meanwhile does not find it taken.
func (b *bookSource) find(ctx context.Context) (string, error) {
	path := b.cfg.Journal.Path
	info, err := os.Stat(path)
	if err == nil && info.Size() > copyMost {
		return "", fmt.Errorf("%s has %d MB, too much to be copied for a bundle; see \"posagent journal verify\" and \"export\"", path, info.Size()>>20)
	}
	j, err := queue.Open(path, queue.Options{ReadOnly: true})
	if err != nil && !errors.Is(err, queue.ErrLocked) {
		return "", err
	}
	dir, derr := os.MkdirTemp("", "posagent-journal-")
	if derr != nil {
		if j != nil {
			derr = errors.Join(derr, j.Close())
		}
		return "", derr
	}
	b.dir = dir
	copied := filepath.Join(dir, "journal.db")
	if err != nil { // the daemon has it
		return copied, b.p.copyFromDaemon(ctx, copied)
	}
	f, err := os.OpenFile(copied, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", errors.Join(err, j.Close())
	}
	_, err = j.Backup(f)
	return copied, errors.Join(err, f.Close(), j.Close())
}

// damage looks at a record that does not open.
func (b *bookSource) damage(ctx context.Context) (any, error) {
	return queue.Verify(ctx, b.cfg.Journal.Path)
}

func (b *bookSource) end() error {
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}
