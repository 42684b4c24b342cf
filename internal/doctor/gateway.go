package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"posagent/internal/agent"
	"posagent/internal/config"
	"posagent/internal/finding"
	"posagent/offline"
	"posagent/offline/alipay"
)

// gateway makes one signed round trip and judges each step of it.
func gateway(ctx context.Context, cfg *config.Config) []finding.Finding {
	client, err := agent.NewGateway(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return []finding.Finding{finding.Of("gateway client", finding.Fail, err.Error(), "mend the [gateway] section")}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*cfg.Gateway.Timeout)
	defer cancel()
	probe := client.Probe(ctx)
	out := append(steps(probe), roundTrip(probe), certificate(probe), clock(client))
	if err := client.Close(); err != nil {
		out = append(out, finding.Of("gateway client", finding.Warn, err.Error(), ""))
	}
	return out
}

func steps(p alipay.Probe) (out []finding.Finding) {
	for _, s := range p.Steps {
		f := finding.Of("gateway: "+s.Name, finding.Pass, fmt.Sprintf("%s, %s", p.Target, s.Took.Round(100*time.Microsecond)), "")
		if s.Err != nil {
			f.Verdict, f.Detail = finding.Fail, s.Err.Error()
			f.Remedy = "check network, name server, proxy_url and ca_file; the gateway's host must be reachable on its port"
		}
		out = append(out, f)
	}
	return out
}

func roundTrip(p alipay.Probe) finding.Finding {
	f := finding.Finding{Check: "signed round trip", Verdict: finding.Pass, Detail: "the gateway took our signature and its answer verified"}
	switch {
	case p.Verified && p.Outcome.Kind == offline.NotFound:
	case p.Outcome.Class == offline.ClassSetup:
		f.Verdict, f.Detail = finding.Fail, fmt.Sprintf("the gateway refuses this terminal: %s %s", p.Outcome.ResultCode, p.Outcome.ResultMsg)
		f.Remedy = "compare client_id, merchant_id, api_version and the uploaded public key with the portal"
	case p.Verified:
		f.Verdict, f.Detail = finding.Warn, fmt.Sprintf("the answer verified, but a query for a payment that cannot exist got %s %s", p.Outcome.Kind, p.Outcome.ResultCode)
	default:
		f.Verdict, f.Detail = finding.Fail, "no answer that can be believed: "+p.Outcome.Detail
		f.Remedy = "if the steps above passed, compare alipay_public_key_file and base_url with the portal"
	}
	return f
}

func certificate(p alipay.Probe) finding.Finding {
	f := finding.Finding{Check: "gateway's certificate", Verdict: finding.Pass, Detail: p.TLSVersion + ", valid until " + p.CertExpiry.Format(time.DateOnly)}
	switch {
	case p.TLSVersion == "":
		f.Detail = "no TLS (a simulated gateway on this machine)"
	case time.Until(p.CertExpiry) < certWarn:
		f.Verdict, f.Remedy = finding.Warn, "if ca_file or an inspecting proxy issues it: renew it"
	}
	return f
}

func clock(c *alipay.Client) finding.Finding {
	skew, _, known := c.ClockSkew()
	f := finding.Finding{Check: "clock", Verdict: finding.Pass, Detail: fmt.Sprintf("differs from the gateway's by %s", skew.Abs().Round(time.Millisecond))}
	switch {
	case !known:
		f.Verdict, f.Detail = finding.Warn, "could not be compared with the gateway's"
	case skew.Abs() > skewFail:
		f.Verdict = finding.Fail
	case skew.Abs() > skewWarn:
		f.Verdict = finding.Warn
	}
	if f.Verdict != finding.Pass {
		f.Remedy = "set the clock and switch time synchronisation on: signatures and the day of a cancel depend on it"
	}
	return f
}
