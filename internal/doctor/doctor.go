// Package doctor examines everything that a terminal needs before it can sell,
// and says for each what is wrong and what to do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"posagent/device/usb"
	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/diskspace"
	"posagent/internal/finding"
	"posagent/internal/keystore"
	"posagent/internal/survey"
)

// Options say which configuration is examined.
type Options struct {
	ConfigPath string
	Explicit   bool
	Env        []string
}

// Limits beyond which a check warns or fails.
const (
	skewWarn  = 30 * time.Second
	skewFail  = 10 * time.Minute // the gateway refuses messages that are this far off
	diskWarn  = 500 << 20
	diskFail  = 50 << 20
	writeWarn = 20 * time.Millisecond
	certWarn  = 14 * 24 * time.Hour
)

// Examine runs all checks. Those that need a sound configuration are left out
// when it is not.
func Examine(ctx context.Context, opt Options) []finding.Finding {
	cfg, out := configuration(opt)
	if cfg == nil {
		return out
	}
	out = append(out, keys(cfg)...)
	out = append(out, gateway(ctx, cfg)...)
	out = append(out, scanners(cfg)...)
	return append(out, disk(ctx, cfg)...)
}

// configuration is what is examined; nil where it has faults.
func configuration(opt Options) (*config.Config, []finding.Finding) {
	cfg, err := config.Load(config.Options{Path: opt.ConfigPath, Explicit: opt.Explicit, Env: opt.Env, Role: config.RoleDaemon})
	var faults config.Faults
	switch {
	case errors.As(err, &faults):
		var out []finding.Finding
		for _, f := range faults {
			out = append(out, finding.Of("configuration", finding.Fail, f.Where()+" "+f.Key+": "+f.Problem, f.Remedy))
		}
		return nil, out
	case err != nil:
		return nil, []finding.Finding{finding.Of("configuration", finding.Fail, err.Error(), "see \"posagent config check\"")}
	}
	return cfg, []finding.Finding{finding.Of("configuration", finding.Pass, fmt.Sprintf("%d sources, no fault", len(cfg.Sources())), "")}
}

// keys judges the terminal's key and that nobody mixed up the two public keys.
func keys(cfg *config.Config) []finding.Finding {
	private, err := keystore.LoadPrivate(cfg.Gateway.PrivateKeyFile)
	if err != nil {
		return []finding.Finding{finding.Of("private key", finding.Fail, err.Error(), hintOf(err))}
	}
	out := []finding.Finding{finding.Of("private key", finding.Pass, private.String(), "")}
	public, err := keystore.LoadPublic(cfg.Gateway.AlipayPublicKeyFile)
	switch {
	case err != nil:
		return append(out, finding.Of("Alipay's public key", finding.Fail, err.Error(), hintOf(err)))
	case public.Equal(private.PublicKey()):
		return append(out, finding.Of("Alipay's public key", finding.Fail, "it is this terminal's own public key",
			"put Alipay's public key, from the portal, into gateway.alipay_public_key_file"))
	}
	return append(out, finding.Of("Alipay's public key", finding.Pass, public.String(), ""))
}

func hintOf(err error) string {
	var e *keystore.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

func scanners(cfg *config.Config) []finding.Finding {
	active := cfg.ActiveScanners()
	if len(active) == 0 {
		return []finding.Finding{finding.Of("scanner", finding.Warn, "none is configured", "fine where the register hands over the codes; otherwise \"posagent scanner learn\" writes a [[scanner]]")}
	}
	found, err := survey.Look(usb.System{}, nil)
	var out []finding.Finding
	if err != nil && !errors.Is(err, usb.ErrUnsupported) {
		out = append(out, finding.Of("USB devices", finding.Warn, err.Error(), "the user who runs the daemon must be able to read /sys"))
	}
	for _, s := range active {
		scanner, err := agent.NewScanner(s, usb.System{})
		if err != nil {
			out = append(out, finding.Of("scanner "+s.Name, finding.Fail, err.Error(), "mend the [[scanner]] section"))
			continue
		}
		for _, f := range survey.Diagnose(s, scanner.Driver, found) {
			out = append(out, finding.Of("scanner "+s.Name+": "+f.Check, f.Verdict, f.Detail, f.Remedy))
		}
	}
	return out
}

func disk(ctx context.Context, cfg *config.Config) []finding.Finding {
	dir := filepath.Dir(cfg.Journal.Path)
	if _, err := os.Stat(dir); err != nil {
		return []finding.Finding{finding.Of("journal's directory", finding.Warn, err.Error(), "the daemon makes it at its first start if it may")}
	}
	var out []finding.Finding
	space, err := diskspace.Free(dir)
	f := finding.Of("disk space", finding.Pass, fmt.Sprintf("%d MB free", space.Free>>20), "")
	switch {
	case err != nil:
		f.Verdict, f.Detail = finding.Warn, err.Error()
	case space.Free < diskFail:
		f.Verdict, f.Remedy = finding.Fail, "free space: a till without room for its record does not sell"
	case space.Free < diskWarn:
		f.Verdict, f.Remedy = finding.Warn, "free some space soon"
	}
	out = append(out, f)
	latency, err := diskspace.Probe(ctx, dir, 50)
	f = finding.Of("disk writes", finding.Pass, fmt.Sprintf("one durable write takes %s, at worst %s", latency.Median, latency.Worst), "")
	switch {
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = finding.Fail, err.Error(), "the journal's directory must be writable for the user who runs the daemon"
	case latency.Median > writeWarn:
		f.Verdict, f.Remedy = finding.Warn, "put the journal on a faster local disk: every sale waits for such a write"
	}
	return append(out, f)
}
