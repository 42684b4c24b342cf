package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"posagent/internal/admin"
	"posagent/offline"
)

func newMetrics() *admin.Metrics {
	m := admin.NewMetrics("1.2.3", "abc", admin.Gauges{
		OpenPayments: func() int { return 3 },
		OpenSales: func() admin.Open {
			return admin.Open{
				Sales:   map[offline.SaleState]admin.OpenSales{offline.SaleStateReversing: {Count: 2, Oldest: 90 * time.Second}},
				Refunds: 1, LateSuccesses: 2, TakenAfterEnd: 1,
			}
		},
		Attention: func() int { return 1 },
		Scanners: func() []admin.Scanner {
			return []admin.Scanner{
				{Name: "front", State: "ready", Since: time.UnixMilli(1_800_000_000_500), GoodReads: 12, Refused: 3, Duplicates: 2, FramingErrors: 1, Reconnects: 4},
				{Name: "back", State: "no_permission"},
			}
		},
		Gateway: func() admin.Gateway {
			return admin.Gateway{State: "unreachable", LastAnswer: time.UnixMilli(1_800_000_001_000)}
		},
		Journal: func() admin.Journal {
			return admin.Journal{OK: true, Size: 4096, Used: 2048, Free: 1024, Sales: 12, Live: 5}
		},
		Disk: func() (uint64, uint64, bool) { return 7 << 20, 9 << 20, true },
		Clock: func() (time.Duration, time.Time, bool) {
			return -2 * time.Second, time.UnixMilli(1_800_000_002_000), true
		},
		Certificates: func() []admin.Certificate {
			return []admin.Certificate{{Name: "gateway", NotAfter: time.Unix(1_900_000_000, 0)}}
		},
		KeyModified: func() time.Time { return time.Unix(1_700_000_000, 0) },
		Ready:       func() bool { return false },
		Drained:     func() bool { return true },
		Warnings: func() []admin.Warning {
			return []admin.Warning{{"scanner", "warning"}, {"scanner", "warning"}, {"disk", "blocks_selling"}, {"note", "info"}}
		},
	})
	m.Currency("HKD")
	return m
}

// scrape is what Prometheus would read.
func scrape(t *testing.T, m *admin.Metrics) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/metrics", nil)
	w := httptest.NewRecorder()
	admin.Handler(m, func() admin.Readiness { return admin.Readiness{} }).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("a scrape is answered %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func want(t *testing.T, body string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(body, "\n"+line+"\n") {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

func TestMetricsShowTheTillAsItIs(t *testing.T) {
	m := newMetrics()
	m.Attempt(offline.OpPay, offline.Outcome{Kind: offline.Success}, 300*time.Millisecond)
	m.Commit(time.Millisecond)
	m.Refused("product")
	m.Refused("281234567890123456")
	want(t, scrape(t, m),
		`posagent_gateway_calls_total{op="pay",outcome="success"} 1`,
		`posagent_gateway_call_seconds_count{op="pay"} 1`,
		`posagent_journal_commit_seconds_count 1`,
		`posagent_scans_refused_total{kind="product"} 1`,
		`posagent_scans_refused_total{kind="other"} 1`,
		`posagent_open_payments 3`,
		`posagent_open_sales{state="reversing"} 2`,
		`posagent_open_sales{state="checking"} 0`,
		`posagent_oldest_open_sale_seconds{state="reversing"} 90`,
		`posagent_oldest_open_sale_seconds{state="attention"} 0`,
		`posagent_open_refund_sales 1`,
		`posagent_late_success_sales 2`,
		`posagent_taken_after_end_sales 1`,
		`posagent_attention_sales 1`,
		`posagent_scanner_ready{scanner="back"} 0`,
		`posagent_scanner_ready{scanner="front"} 1`,
		`posagent_scanner_state{scanner="back",state="no_permission"} 1`,
		`posagent_scanner_state{scanner="back",state="ready"} 0`,
		`posagent_scanner_state_since_timestamp_seconds{scanner="front"} 1.8000000005e+09`,
		`posagent_scanner_labels_total{result="good",scanner="front"} 12`,
		`posagent_scanner_labels_total{result="refused",scanner="front"} 3`,
		`posagent_scanner_labels_total{result="duplicate",scanner="front"} 2`,
		`posagent_scanner_labels_total{result="framing_error",scanner="front"} 1`,
		`posagent_scanner_reconnects_total{scanner="front"} 4`,
		`posagent_gateway_state{state="unreachable"} 1`,
		`posagent_gateway_state{state="ok"} 0`,
		`posagent_gateway_last_answer_timestamp_seconds 1.800000001e+09`,
		`posagent_journal_ok 1`,
		`posagent_journal_size_bytes 4096`,
		`posagent_journal_used_bytes 2048`,
		`posagent_journal_free_bytes 1024`,
		`posagent_journal_sales 12`,
		`posagent_journal_unfiled_sales 5`,
		`posagent_disk_free_bytes 7.340032e+06`,
		`posagent_disk_size_bytes 9.437184e+06`,
		`posagent_clock_offset_seconds -2`,
		`posagent_clock_checked_timestamp_seconds 1.800000002e+09`,
		`posagent_certificate_expiry_timestamp_seconds{certificate="gateway"} 1.9e+09`,
		`posagent_key_modified_timestamp_seconds 1.7e+09`,
		`posagent_warnings{code="scanner",severity="warning"} 2`,
		`posagent_warnings{code="disk",severity="blocks_selling"} 1`,
		`posagent_ready 0`,
		`posagent_drained 1`,
	)
	if !strings.Contains(scrape(t, m), `posagent_build_info{commit="abc",goversion="go`) {
		t.Error("the build is not told")
	}
}

func TestReloadsAreToldSoThatAFleetCanBeWatched(t *testing.T) {
	m := newMetrics()
	want(t, scrape(t, m), `posagent_config_generation 1`, `posagent_config_last_reload_successful 1`, `posagent_config_restart_needed 0`,
		`posagent_config_reloads_total{result="applied"} 0`)
	m.Reloaded(admin.ReloadApplied, 2, time.Unix(1_800_000_000, 0))
	m.RestartNeeded(true)
	want(t, scrape(t, m), `posagent_config_generation 2`, `posagent_config_last_reload_successful 1`, `posagent_config_restart_needed 1`,
		`posagent_config_last_reload_success_timestamp_seconds 1.8e+09`, `posagent_config_reloads_total{result="applied"} 1`)
	m.Reloaded(admin.ReloadRefused, 2, time.Time{})
	want(t, scrape(t, m), `posagent_config_generation 2`, `posagent_config_last_reload_successful 0`,
		`posagent_config_last_reload_success_timestamp_seconds 1.8e+09`, `posagent_config_reloads_total{result="refused"} 1`)
	m.Reloaded(admin.ReloadUnchanged, 2, time.Time{})
	want(t, scrape(t, m), `posagent_config_generation 2`, `posagent_config_last_reload_successful 1`)
}

// A counter whose first event makes its series has no rate for that event: the
// first late success of a year would raise no alert.
func TestCountersStandAtZeroBeforeTheirFirstEvent(t *testing.T) {
	want(t, scrape(t, newMetrics()),
		`posagent_late_successes_total 0`,
		`posagent_sales_opened_total 0`,
		`posagent_sales_total{reason="gateway",result="paid"} 0`,
		`posagent_sales_total{reason="top_up",result="declined"} 0`,
		`posagent_sales_total{reason="returned",result="cancelled"} 0`,
		`posagent_sales_total{reason="other",result="cancelled"} 0`,
		`posagent_sales_total{reason="no_code",result="expired"} 0`,
		`posagent_paid_minor_units_total{currency="HKD"} 0`,
		`posagent_refunded_minor_units_total{currency="HKD"} 0`,
		`posagent_returned_minor_units_total{currency="HKD"} 0`,
		`posagent_reversals_total{reason="query_limit"} 0`,
		`posagent_attention_total{reason="cancel_unconfirmed"} 0`,
		`posagent_attention_total{reason="late_success"} 0`,
		`posagent_scan_to_answer_seconds_count{result="paid"} 0`,
		`posagent_gateway_calls_total{op="cancel",outcome="no_answer"} 0`,
		`posagent_gateway_call_seconds_count{op="refund"} 0`,
		`posagent_scans_refused_total{kind="framing"} 0`,
		`posagent_config_reloads_total{result="returned"} 0`,
	)
}

func TestWhatIsNotKnownIsLeftOut(t *testing.T) {
	body := scrape(t, admin.NewMetrics("1", "a", admin.Gauges{
		Clock:        func() (time.Duration, time.Time, bool) { return 0, time.Time{}, false },
		Disk:         func() (uint64, uint64, bool) { return 0, 0, false },
		Gateway:      func() admin.Gateway { return admin.Gateway{State: "unknown"} },
		Certificates: func() []admin.Certificate { return nil },
		KeyModified:  func() time.Time { return time.Time{} },
	}))
	for _, name := range []string{"clock_offset", "clock_checked", "disk_free", "last_answer", "certificate_expiry", "key_modified", "journal_ok", "posagent_ready"} {
		if strings.Contains(body, name) {
			t.Errorf("%s is told although it is not known", name)
		}
	}
	want(t, body, `posagent_gateway_state{state="unknown"} 1`, `posagent_drained 0`)
}

func TestNamesFollowThePractice(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, newMetrics()))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
