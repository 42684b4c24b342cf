package admin_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/internal/admin"
	"posagent/offline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newMetrics() *admin.Metrics {
	return admin.NewMetrics("1.2.3", "abc", admin.Gauges{
		OpenPayments: func() int { return 3 },
		Attention:    func() int { return 1 },
		Oldest:       func() time.Duration { return 90 * time.Second },
		Scanners: func() []admin.Scanner {
			return []admin.Scanner{
				{Name: "front", State: "ready", Since: time.UnixMilli(1_800_000_000_500), GoodReads: 12, Refused: 3, Duplicates: 2, FramingErrors: 1, Reconnects: 4},
				{Name: "back", State: "no_permission"},
			}
		},
		JournalBytes: func() int64 { return 4096 },
		ClockSkew:    func() (time.Duration, bool) { return -2 * time.Second, true },
		Ready:        func() bool { return false },
	})
}

func TestMetricsSpeakOfMoneyInClosedWords(t *testing.T) {
	m := newMetrics()
	m.Attempt(offline.OpPay, offline.Outcome{Kind: offline.Success}, 300*time.Millisecond)
	m.Commit(time.Millisecond)
	m.Refused("product")
	m.Late()
	paid := offline.Sale{SaleHead: offline.SaleHead{Amount: offline.Money{Currency: "HKD", Value: 12850}}}
	paid.Payments = []offline.Payment{{}}
	m.Sale(paid)
	body := get(t, m, "/metrics", http.StatusOK)
	for _, want := range []string{
		`posagent_gateway_calls_total{op="pay",outcome="success"} 1`,
		`posagent_gateway_call_seconds_count{op="pay"} 1`,
		`posagent_journal_commit_seconds_count 1`,
		`posagent_scans_refused_total{kind="product"} 1`,
		`posagent_late_successes_total 1`,
		`posagent_open_payments 3`,
		`posagent_attention_sales 1`,
		`posagent_oldest_open_sale_seconds 90`,
		`posagent_scanner_ready{scanner="back"} 0`,
		`posagent_scanner_ready{scanner="front"} 1`,
		`posagent_scanner_state{scanner="back",state="no_permission"} 1`,
		`posagent_scanner_state_since_timestamp_seconds{scanner="front"} 1.8000000005e+09`,
		`posagent_scanner_labels_total{result="good",scanner="front"} 12`,
		`posagent_scanner_labels_total{result="refused",scanner="front"} 3`,
		`posagent_scanner_labels_total{result="duplicate",scanner="front"} 2`,
		`posagent_scanner_labels_total{result="framing_error",scanner="front"} 1`,
		`posagent_scanner_reconnects_total{scanner="front"} 4`,
		`posagent_clock_offset_seconds -2`,
		`posagent_build_info{commit="abc",version="1.2.3"} 1`,
		`posagent_ready 0`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

func TestReadyTellsWhyNot(t *testing.T) {
	body := get(t, newMetrics(), "/-/ready", http.StatusServiceUnavailable)
	if !strings.Contains(body, "journal_failed") {
		t.Errorf("got %s", body)
	}
	get(t, newMetrics(), "/-/healthy", http.StatusOK)
}

// get serves for real and asks once.
func get(t *testing.T, m *admin.Metrics, path string, want int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	h := admin.Handler(m, func() admin.Readiness { return admin.Readiness{Reasons: []string{"journal_failed"}} })
	go func() { done <- admin.Serve(ctx, l, h) }()
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := asker.Get("http://" + l.Addr().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Errorf("%s answered %d, want %d", path, res.StatusCode, want)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return string(body)
}

func TestOnlyLoopbackNamesAreAnswered(t *testing.T) {
	h := admin.Handler(newMetrics(), func() admin.Readiness { return admin.Readiness{Ready: true} })
	for host, want := range map[string]int{
		"127.0.0.1:9373": http.StatusOK, "localhost:9373": http.StatusOK, "[::1]:9373": http.StatusOK, "localhost": http.StatusOK,
		"shop.example": http.StatusForbidden, "192.168.1.7:9373": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q got %d, want %d", host, w.Code, want)
		}
	}
}
