package offline_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"posagent/offline"
)

func TestTheDefaultPolicyIsThePublishedPractice(t *testing.T) {
	p := offline.DefaultPolicy()
	if err := p.Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
	if p.AnswerWait != 5*time.Second || p.QueryInterval != 3*time.Second || p.NotExistRetries != 2 ||
		p.NotExistIntervalMin != 5*time.Second || p.NotExistIntervalMax != 7*time.Second {
		t.Errorf("the default is not the practice: %+v", p)
	}
	if p.CancelRetries < 3 || p.CancelRetries > 5 || p.QueryLimit < 10 || p.QueryLimit > 20 {
		t.Errorf("the default leaves the published ranges: %+v", p)
	}
	if watch := time.Duration(p.WatchQueries) * p.WatchInterval; watch < 2*p.CodeTTL {
		t.Errorf("a trade is watched for %s, and a code lives %s", watch, p.CodeTTL)
	}
}

func TestPolicyFaultsAreNamedAsTheConfigurationSpellsThem(t *testing.T) {
	rows := []struct {
		name   string
		change func(*offline.Policy)
		names  []string
	}{
		{"no wait for the answer", func(p *offline.Policy) { p.AnswerWait = 0 }, []string{"answer_wait"}},
		{"negative interval", func(p *offline.Policy) { p.QueryInterval = -1 }, []string{"query_interval"}},
		{"no time for a query", func(p *offline.Policy) { p.QueryTimeout = 0 }, []string{"query_timeout"}},
		{"no pause after not found", func(p *offline.Policy) { p.NotExistIntervalMin = 0 }, []string{"not_exist_interval_min"}},
		{"pause upside down", func(p *offline.Policy) { p.NotExistIntervalMax = time.Second }, []string{"not_exist_interval_max", "5s"}},
		{"pause of one length", func(p *offline.Policy) { p.NotExistIntervalMax = p.NotExistIntervalMin }, nil},
		{"no pause between cancels", func(p *offline.Policy) { p.CancelInterval = 0 }, []string{"cancel_interval"}},
		{"cancel ceiling below its floor", func(p *offline.Policy) { p.CancelIntervalMax = time.Second }, []string{"cancel_interval_max", "2s"}},
		{"no pause while watching", func(p *offline.Policy) { p.WatchInterval = 0 }, []string{"watch_interval"}},
		{"no time to scan", func(p *offline.Policy) { p.SaleTimeout = 0 }, []string{"sale_timeout"}},
		{"no life of a code", func(p *offline.Policy) { p.CodeTTL = 0 }, []string{"code_ttl"}},
		{"no pause between refunds", func(p *offline.Policy) { p.RefundInterval = 0 }, []string{"refund_interval"}},
		{"no queries", func(p *offline.Policy) { p.QueryLimit = 0 }, []string{"query_limit", "1 to 200"}},
		{"one query", func(p *offline.Policy) { p.QueryLimit = 1 }, nil},
		{"200 queries", func(p *offline.Policy) { p.QueryLimit = 200 }, nil},
		{"201 queries", func(p *offline.Policy) { p.QueryLimit = 201 }, []string{"query_limit"}},
		{"no second look", func(p *offline.Policy) { p.NotExistRetries = 0 }, []string{"not_exist_retries"}},
		{"2 cancels more", func(p *offline.Policy) { p.CancelRetries = 2 }, []string{"cancel_retries", "3 to 5"}},
		{"3 cancels more", func(p *offline.Policy) { p.CancelRetries = 3 }, nil},
		{"6 cancels more", func(p *offline.Policy) { p.CancelRetries = 6 }, []string{"cancel_retries"}},
		{"no watching", func(p *offline.Policy) { p.WatchQueries = 0 }, []string{"watch_queries"}},
		{"no second refund message", func(p *offline.Policy) { p.RefundRetries = 0 }, []string{"refund_retries"}},
		{"a watch shorter than a code lives", func(p *offline.Policy) { p.WatchQueries = 2 },
			[]string{"watch_queries 2", "watch_interval 30s", "33s", "code_ttl, 1m0s"}},
		{"a watch one millisecond too short", func(p *offline.Policy) { p.CodeTTL = 573*time.Second + time.Millisecond },
			[]string{"watch_queries", "code_ttl"}},
		{"a watch exactly as long", func(p *offline.Policy) { p.CodeTTL = 573 * time.Second }, nil},
		{"a short watch of a short-lived code", func(p *offline.Policy) {
			p.WatchQueries, p.WatchInterval, p.CodeTTL = 4, 100*time.Millisecond, 400*time.Millisecond
		}, nil},
		{"two faults at once", func(p *offline.Policy) { p.AnswerWait, p.QueryLimit = 0, 0 }, []string{"answer_wait", "query_limit"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := offline.DefaultPolicy()
			row.change(&p)
			err := p.Validate()
			if (err == nil) != (row.names == nil) {
				t.Fatalf("Validate = %v", err)
			}
			for _, name := range row.names {
				if !strings.Contains(err.Error(), name) {
					t.Errorf("%q does not name %q", err, name)
				}
			}
		})
	}
	err := offline.Policy{}.Validate()
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) || len(all.Unwrap()) < 14 {
		t.Errorf("an empty policy does not have all its faults named: %v", err)
	}
}
