package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"posagent/internal/config"
	"posagent/internal/finding"
)

// pace compares the policy with the figures that Alipay publishes: two more queries
// after ORDER_NOT_EXIST, 5 to 7 s apart, and three to five more cancels (integration
// guide for offline payments, "Best practice"); questions from 5 s on, every 3 to
// 5 s, 10 to 20 times (guide of the barcode payment). Faster is taken for an attack,
// slower keeps customers waiting.
func pace(cfg *config.Config) []finding.Finding {
	p := cfg.Policy
	rules := []struct {
		key, have, want string
		good, harmful   bool
	}{
		{"answer_wait", dur(p.AnswerWait), "5s", within(p.AnswerWait, 5*time.Second, 15*time.Second), p.AnswerWait < time.Second},
		{"query_interval", dur(p.QueryInterval), "3s to 5s", within(p.QueryInterval, 3*time.Second, 5*time.Second), p.QueryInterval < time.Second},
		{"query_limit", fmt.Sprint(p.QueryLimit), "10 to 20", p.QueryLimit >= 10 && p.QueryLimit <= 20, p.QueryLimit < 3},
		{"not_exist_retries", fmt.Sprint(p.NotExistRetries), "2", p.NotExistRetries == 2, p.NotExistRetries < 2},
		{"not_exist_interval_min", dur(p.NotExistIntervalMin), "5s", p.NotExistIntervalMin == 5*time.Second, p.NotExistIntervalMin < time.Second},
		{"not_exist_interval_max", dur(p.NotExistIntervalMax), "7s", p.NotExistIntervalMax == 7*time.Second, p.NotExistIntervalMax < time.Second},
		{"cancel_interval", dur(p.CancelInterval), "1s or more", p.CancelInterval >= time.Second, p.CancelInterval < time.Second},
		{"refund_interval", dur(p.RefundInterval), "1s or more", p.RefundInterval >= time.Second, p.RefundInterval < time.Second},
		{"watch_interval", dur(p.WatchInterval), "30s or more", p.WatchInterval >= 30*time.Second, p.WatchInterval < 5*time.Second},
		{"code_ttl", dur(p.CodeTTL), "60s, as long as a code lives", within(p.CodeTTL, 30*time.Second, time.Minute), p.CodeTTL > 2*time.Minute},
	}
	var out []finding.Finding
	for _, r := range rules {
		if r.good {
			continue
		}
		f := finding.Of("policy."+r.key, finding.Warn, r.have+", and "+r.want+" is usual", "take the line out of the configuration: the default is right")
		if r.harmful {
			f.Verdict, f.Detail = finding.Fail, r.have+" is for trying only; "+r.want+" is usual"
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, finding.Of("policy", finding.Pass, "waits, repetitions and limits are those that Alipay recommends", ""))
	}
	if t := cfg.Gateway.Timeout; !within(t, 5*time.Second, 15*time.Second) {
		out = append(out, finding.Of("gateway.timeout", finding.Warn, dur(t)+", and 10s to 15s is usual", "take the line out of the configuration"))
	}
	return out
}

func dur(d time.Duration) string { return config.FormatDuration(d) }

func within(d, least, most time.Duration) bool { return d >= least && d <= most }

// journal judges whether the record is empty. Payments of a sandbox that are open
// would be asked about, and cancelled, at the production gateway, which does not
// know them.
func journal(ctx context.Context, cfg *config.Config, opt GoLiveOptions) finding.Finding {
	f := finding.Of("record", finding.Pass, cfg.Journal.Path+" is empty", "")
	remedy := "stop the daemon and move " + cfg.Journal.Path + " away (keep it): the daemon begins a new one"
	for _, part := range strings.Split(filepath.ToSlash(cfg.Journal.Path), "/") {
		if looksTried(part) || part == "tmp" {
			return finding.Of("record", finding.Fail, cfg.Journal.Path+" is a place for trying", "set journal.path to a local disk that is kept and backed up; the default is right")
		}
	}
	sales, unsettled, err := opt.Journal(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Detail = cfg.Journal.Path + " is made at the first start"
	case err != nil:
		f.Verdict, f.Detail, f.Remedy = finding.Fail, "cannot be read: "+err.Error(), "see \"posagent journal verify\""
	case unsettled > 0:
		f.Verdict, f.Detail, f.Remedy = finding.Fail, fmt.Sprintf("%d of %d sales have no end yet: if they are the sandbox's, production would be asked about them", unsettled, sales),
			"let the daemon finish them against the sandbox first; then "+remedy
	case sales > 0:
		f.Verdict, f.Detail, f.Remedy = finding.Warn, fmt.Sprintf("%d sales: if they are the sandbox's, they count in totals, searches and refunds", sales), remedy
	}
	return f
}
