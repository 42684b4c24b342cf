package localapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"posagent/device/decode"
	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/shift"
	"posagent/internal/supervisor"
	"posagent/internal/till"
	"posagent/offline"
	"posagent/offline/offlinetest"
)

// taker is a till and an engine that take whatever passes the reading of
// requests, and hold it against the contract.
type taker struct {
	*offline.Engine // for what no body reaches
	t               *testing.T
}

func (f *taker) Open(_ context.Context, n offline.NewSale) (offline.Sale, bool, error) {
	if _, err := offline.ParseSaleID(string(n.ID)); err != nil {
		f.t.Errorf("a bad id passed: %v", err)
	}
	if m, err := offline.NewMoney(n.Amount.Currency, n.Amount.Value); err != nil || m.Currency != "HKD" {
		f.t.Errorf("a bad amount passed: %v %v", n.Amount, err)
	}
	if len(n.Title) > 256 || n.Timeout < 0 || n.Timeout > time.Hour {
		f.t.Errorf("a bad title or time-out passed: %d bytes, %s", len(n.Title), n.Timeout)
	}
	return f.sale(n.ID, n.Amount), true, nil
}

func (f *taker) Released(context.Context) error { return nil }

func (f *taker) sale(id offline.SaleID, m offline.Money) offline.Sale {
	return offline.Sale{SaleHead: offline.SaleHead{ID: id, Amount: m, CreatedAt: time.Now(), ExpiresAt: time.Now()}, Version: 1}
}

// Sale waits for a person, and so does its refund F: every command gets through.
func (f *taker) Sale(id offline.SaleID) (offline.Sale, error) {
	s := f.sale(id, offline.Money{Currency: "HKD", Value: 1})
	parked := &offline.Payment{}
	parked.Parked = &offline.Mark{Seq: 1}
	s.Payments = []offline.Payment{*parked}
	refund := offline.Refund{RefundHead: offline.RefundHead{ID: "F", Amount: s.Amount}}
	refund.Parked = &offline.Mark{Seq: 1}
	s.Refunds = []offline.Refund{refund}
	return s, nil
}

// Check takes every PIN, and holds the name against the contract.
func (f *taker) Check(_ context.Context, name string, _ supervisor.PIN) (string, error) {
	if name == "" || len(name) > 40 || strings.ContainsFunc(name, unicode.IsControl) {
		f.t.Errorf("a bad supervisor passed: %q", name)
	}
	return name, nil
}

func (f *taker) Current(context.Context, time.Time) (shift.Shift, error) { return shift.Shift{}, nil }

func (f *taker) Find(context.Context, string, time.Time) (shift.Shift, bool, error) {
	return shift.Shift{}, false, nil
}

// Close takes every shift, and holds it against the contract.
func (f *taker) Close(_ context.Context, id, by string, _ []offline.SaleID, _ time.Time) (shift.Shift, bool, error) {
	if _, err := offline.ParseSaleID(id); err != nil || by == "" || len(by) > 120 {
		f.t.Errorf("a bad end of a shift passed: %q %q", id, by)
	}
	return shift.Shift{Number: 1, ID: id, By: by}, true, nil
}

func (f *taker) SubmitCode(id offline.SaleID, _ decode.Text) (offline.Sale, error) {
	return f.sale(id, offline.Money{Currency: "HKD", Value: 1}), nil
}

func (f *taker) ParseCode(text decode.Text) (offline.IdentityCode, error) {
	return offline.ParseIdentityCode(text.Reveal())
}
func (f *taker) Latest() (*till.Snapshot, <-chan struct{}) { return &till.Snapshot{}, nil }

func (f *taker) Cancel(id offline.SaleID, by string) (offline.Sale, error) {
	if by == "" || len(by) > 120 {
		f.t.Errorf("a bad name passed: %q", by)
	}
	return f.sale(id, offline.Money{Currency: "HKD", Value: 1}), nil
}

func (f *taker) Resolve(id offline.SaleID, result offline.Result, by, note string) (offline.Sale, error) {
	if result != offline.ResultPaid && result != offline.ResultCancelled || by == "" || note == "" || len(by) > 120 || len(note) > 1000 {
		f.t.Errorf("a bad resolution passed: %q %q %q", result, by, note)
	}
	return f.sale(id, offline.Money{Currency: "HKD", Value: 1}), nil
}

func (f *taker) ResolveRefund(id offline.SaleID, refund offline.RefundID, result offline.Result, by, note string) (offline.Sale, error) {
	if result != offline.ResultRefunded && result != offline.ResultDeclined || by == "" || note == "" || len(by) > 120 || len(note) > 1000 {
		f.t.Errorf("a bad resolution passed: %q %q %q", result, by, note)
	}
	return offline.Sale{}, fmt.Errorf("refund %s: %w", refund, offline.ErrUnknownRefund)
}

func (f *taker) Refund(id offline.SaleID, n offline.NewRefund) (offline.Sale, bool, error) {
	if _, err := offline.ParseRefundID(string(n.ID)); err != nil || n.Amount.Value <= 0 || n.Amount.Currency != "HKD" || len(n.Reason) > 256 {
		f.t.Errorf("a bad refund passed: %+v %v", n, err)
	}
	s := f.sale(id, offline.Money{Currency: "HKD", Value: n.Amount.Value})
	s.Refunds = []offline.Refund{{RefundHead: offline.RefundHead{ID: n.ID, Amount: n.Amount}}}
	return s, true, nil
}

// Whatever a body holds: the answer is JSON, a refusal is a problem, nothing
// half-read is acted on, and what is taken is what encoding/json reads as well.
func FuzzBodies(f *testing.F) {
	paths := []string{"/v1/sales", "/v1/sales/A/code", "/v1/sales/A/cancel", "/v1/sales/A/resolve", "/v1/sales/A/refunds", "/v1/sales/A/refunds/F/resolve", "/v1/shift/close"}
	for i, body := range []string{
		openA, `{"code":"` + goodCode + `"}`, `{"by":"x"}`, `{"result":"paid","by":"x","note":"y"}`,
		`{"refundId":"F","amount":{"currency":"HKD","value":"1"},"reason":"x"}`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	f.Add(uint8(5), []byte(`{"result":"refunded","by":"x","note":"y","supervisor":{"name":"Ann","pin":"314159"}}`))
	f.Add(uint8(4), []byte(`{"refundId":"G","amount":{"currency":"HKD","value":"1"},"by":"x","supervisor":{"name":"Ann","pin":314159}}`))
	f.Add(uint8(6), []byte(`{"shiftId":"S","by":"x","supervisor":{"name":"Ann","pin":"314159"}}`))
	f.Add(uint8(0), []byte(`{"saleId":"A","saleId":"B","amount":{"currency":"HKD","value":"1"}}`))
	f.Add(uint8(0), []byte(`{"saleId":"A","amount":{"currency":"HKD","value":1e3}}`))
	f.Add(uint8(0), []byte("\xff\xfe{}"))
	f.Add(uint8(0), []byte(strings.Repeat(`{"amount":`, 2000)))
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		take := &taker{t: t}
		s, err := localapi.New(localapi.Options{Till: take, Engine: take, Journal: offlinetest.NewJournal(), Shifts: take,
			Settings: localapi.Settings{Currency: "HKD", Supervisors: take, Needs: localapi.Needs{Resolve: true}}})
		if err != nil {
			t.Fatal(err)
		}
		path := paths[int(which)%len(paths)]
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(body)))
		req.Host = "localhost"
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.Handler(true).ServeHTTP(rec, req)
		if !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("not JSON: %q", rec.Body.Bytes())
		}
		switch {
		case rec.Code >= 500:
			t.Fatalf("HTTP %d: %s", rec.Code, rec.Body)
		case rec.Code >= 400:
			var p wire.Problem
			if json.Unmarshal(rec.Body.Bytes(), &p) != nil || p.Code == "" || p.Status != rec.Code {
				t.Fatalf("HTTP %d is no problem: %s", rec.Code, rec.Body)
			}
		case len(body) > 0 && !json.Valid(body):
			t.Fatalf("HTTP %d for what is no JSON: %q", rec.Code, body)
		}
	})
}
