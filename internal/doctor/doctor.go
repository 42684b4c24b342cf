// Package doctor examines everything that a terminal needs before it can sell,
// and says for each what is wrong and what to do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"posagent/device/usb"
	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/diskspace"
	"posagent/internal/keystore"
	"posagent/internal/survey"
	"posagent/offline"
	"posagent/offline/alipay"
)

// Verdict is what a check found. The words are part of the JSON output.
type Verdict string

// The verdicts.
const (
	Pass Verdict = "pass"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

// Finding is the result of one check.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Remedy  string  `json:"remedy,omitempty"`
}

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
func Examine(ctx context.Context, opt Options) []Finding {
	cfg, err := config.Load(config.Options{Path: opt.ConfigPath, Explicit: opt.Explicit, Env: opt.Env, Role: config.RoleDaemon})
	var faults config.Faults
	switch {
	case errors.As(err, &faults):
		var out []Finding
		for _, f := range faults {
			out = append(out, Finding{"configuration", Fail, f.Where() + " " + f.Key + ": " + f.Problem, f.Remedy})
		}
		return out
	case err != nil:
		return []Finding{{"configuration", Fail, err.Error(), "see \"posagent config check\""}}
	}
	out := []Finding{{"configuration", Pass, fmt.Sprintf("%d sources, no fault", len(cfg.Sources())), ""}}
	out = append(out, keys(cfg)...)
	out = append(out, gateway(ctx, cfg)...)
	out = append(out, scanners(cfg)...)
	return append(out, disk(ctx, cfg)...)
}

// keys judges the terminal's key and that nobody mixed up the two public keys.
func keys(cfg *config.Config) []Finding {
	private, err := keystore.LoadPrivate(cfg.Gateway.PrivateKeyFile)
	if err != nil {
		return []Finding{{"private key", Fail, err.Error(), hintOf(err)}}
	}
	out := []Finding{{"private key", Pass, private.String(), ""}}
	public, err := keystore.LoadPublic(cfg.Gateway.AlipayPublicKeyFile)
	switch {
	case err != nil:
		return append(out, Finding{"Alipay's public key", Fail, err.Error(), hintOf(err)})
	case public.Equal(private.PublicKey()):
		return append(out, Finding{"Alipay's public key", Fail, "it is this terminal's own public key",
			"put Alipay's public key, from the portal, into gateway.alipay_public_key_file"})
	}
	return append(out, Finding{"Alipay's public key", Pass, public.String(), ""})
}

func hintOf(err error) string {
	var e *keystore.Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// gateway makes one signed round trip and judges each step of it.
func gateway(ctx context.Context, cfg *config.Config) []Finding {
	client, err := agent.NewGateway(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return []Finding{{"gateway client", Fail, err.Error(), "mend the [gateway] section"}}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*cfg.Gateway.Timeout)
	defer cancel()
	probe := client.Probe(ctx)
	out := append(steps(probe), roundTrip(probe), certificate(probe), clock(client))
	if err := client.Close(); err != nil {
		out = append(out, Finding{"gateway client", Warn, err.Error(), ""})
	}
	return out
}

func steps(p alipay.Probe) (out []Finding) {
	for _, s := range p.Steps {
		f := Finding{"gateway: " + s.Name, Pass, fmt.Sprintf("%s, %s", p.Target, s.Took.Round(100*time.Microsecond)), ""}
		if s.Err != nil {
			f.Verdict, f.Detail = Fail, s.Err.Error()
			f.Remedy = "check network, name server, proxy_url and ca_file; the gateway's host must be reachable on its port"
		}
		out = append(out, f)
	}
	return out
}

func roundTrip(p alipay.Probe) Finding {
	f := Finding{Check: "signed round trip", Verdict: Pass, Detail: "the gateway took our signature and its answer verified"}
	switch {
	case p.Verified && p.Outcome.Kind == offline.NotFound:
	case p.Outcome.Class == offline.ClassSetup:
		f.Verdict, f.Detail = Fail, fmt.Sprintf("the gateway refuses this terminal: %s %s", p.Outcome.ResultCode, p.Outcome.ResultMsg)
		f.Remedy = "compare client_id, merchant_id, api_version and the uploaded public key with the portal"
	case p.Verified:
		f.Verdict, f.Detail = Warn, fmt.Sprintf("the answer verified, but a query for a payment that cannot exist got %s %s", p.Outcome.Kind, p.Outcome.ResultCode)
	default:
		f.Verdict, f.Detail = Fail, "no answer that can be believed: "+p.Outcome.Detail
		f.Remedy = "if the steps above passed, compare alipay_public_key_file and base_url with the portal"
	}
	return f
}

func certificate(p alipay.Probe) Finding {
	f := Finding{Check: "gateway's certificate", Verdict: Pass, Detail: p.TLSVersion + ", valid until " + p.CertExpiry.Format(time.DateOnly)}
	switch {
	case p.TLSVersion == "":
		f.Detail = "no TLS (a simulated gateway on this machine)"
	case time.Until(p.CertExpiry) < certWarn:
		f.Verdict, f.Remedy = Warn, "if ca_file or an inspecting proxy issues it: renew it"
	}
	return f
}

func clock(c *alipay.Client) Finding {
	skew, _, known := c.ClockSkew()
	f := Finding{Check: "clock", Verdict: Pass, Detail: fmt.Sprintf("differs from the gateway's by %s", skew.Abs().Round(time.Millisecond))}
	switch {
	case !known:
		f.Verdict, f.Detail = Warn, "could not be compared with the gateway's"
	case skew.Abs() > skewFail:
		f.Verdict = Fail
	case skew.Abs() > skewWarn:
		f.Verdict = Warn
	}
	if f.Verdict != Pass {
		f.Remedy = "set the clock and switch time synchronisation on: signatures and the day of a cancel depend on it"
	}
	return f
}

func scanners(cfg *config.Config) []Finding {
	active := cfg.ActiveScanners()
	if len(active) == 0 {
		return []Finding{{"scanner", Warn, "none is configured", "fine where the register hands over the codes; otherwise \"posagent scanner learn\" writes a [[scanner]]"}}
	}
	found, err := survey.Look(usb.System{}, nil)
	var out []Finding
	if err != nil && !errors.Is(err, usb.ErrUnsupported) {
		out = append(out, Finding{"USB devices", Warn, err.Error(), "the user who runs the daemon must be able to read /sys"})
	}
	for _, s := range active {
		scanner, err := agent.NewScanner(s, usb.System{})
		if err != nil {
			out = append(out, Finding{"scanner " + s.Name, Fail, err.Error(), "mend the [[scanner]] section"})
			continue
		}
		for _, f := range survey.Diagnose(s, scanner.Driver, found) {
			out = append(out, Finding{"scanner " + s.Name + ": " + f.Check, Verdict(f.Verdict), f.Detail, f.Remedy})
		}
	}
	return out
}

func disk(ctx context.Context, cfg *config.Config) []Finding {
	dir := filepath.Dir(cfg.Journal.Path)
	if _, err := os.Stat(dir); err != nil {
		return []Finding{{"journal's directory", Warn, err.Error(), "the daemon makes it at its first start if it may"}}
	}
	var out []Finding
	space, err := diskspace.Free(dir)
	f := Finding{"disk space", Pass, fmt.Sprintf("%d MB free", space.Free>>20), ""}
	switch {
	case err != nil:
		f.Verdict, f.Detail = Warn, err.Error()
	case space.Free < diskFail:
		f.Verdict, f.Remedy = Fail, "free space: a till without room for its record does not sell"
	case space.Free < diskWarn:
		f.Verdict, f.Remedy = Warn, "free some space soon"
	}
	out = append(out, f)
	latency, err := diskspace.Probe(ctx, dir, 50)
	f = Finding{"disk writes", Pass, fmt.Sprintf("one durable write takes %s, at worst %s", latency.Median, latency.Worst), ""}
	switch {
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = Fail, err.Error(), "the journal's directory must be writable for the user who runs the daemon"
	case latency.Median > writeWarn:
		f.Verdict, f.Remedy = Warn, "put the journal on a faster local disk: every sale waits for such a write"
	}
	return append(out, f)
}
