package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"posagent/internal/localapi/wire"
)

// OpenSale opens a sale. created is false if it was there already with the same
// content. After an error that is no problem of the API, send it again: the
// saleId makes it the same sale.
func (c *Client) OpenSale(ctx context.Context, n wire.NewSale) (sale wire.Sale, created bool, err error) {
	status, err := c.do(ctx, http.MethodPost, "/v1/sales", n, &sale, 0)
	return sale, status == http.StatusCreated, err
}

// Sale returns a sale as it is.
func (c *Client) Sale(ctx context.Context, saleID string) (wire.Sale, error) {
	var sale wire.Sale
	_, err := c.do(ctx, http.MethodGet, salePath(saleID), nil, &sale, 0)
	return sale, err
}

// longest is the longest wait of one long poll.
const longest = time.Minute

// WaitSale returns a sale as soon as its version exceeds since or it is final, or
// as it is after the wait, at most a minute.
func (c *Client) WaitSale(ctx context.Context, saleID string, since int, wait time.Duration) (wire.Sale, error) {
	wait = min(max(wait, 0), longest)
	values := url.Values{"wait": {wait.String()}, "since": {strconv.Itoa(since)}}
	var sale wire.Sale
	_, err := c.do(ctx, http.MethodGet, salePath(saleID)+"?"+values.Encode(), nil, &sale, wait)
	return sale, err
}

// Await follows a sale until done says so, its end, or ctx's end. Each new
// version is handed to done, the first one included. With ctx's error it returns
// the newest sale that it saw.
func (c *Client) Await(ctx context.Context, saleID string, done func(wire.Sale) bool) (wire.Sale, error) {
	sale, err := c.Sale(ctx, saleID)
	for err == nil && !done(sale) && !sale.Final {
		var next wire.Sale
		if next, err = c.WaitSale(ctx, saleID, sale.Version, longest); err == nil {
			sale = next
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return sale, err
}

// SubmitCode hands a payment code to a sale that waits for one.
func (c *Client) SubmitCode(ctx context.Context, saleID, code string) (wire.Sale, error) {
	return c.act(ctx, saleID, "code", wire.CodeBody{Code: code})
}

// Cancel cancels a sale; by names who, and may be empty.
func (c *Client) Cancel(ctx context.Context, saleID, by string) (wire.Sale, error) {
	return c.CancelAs(ctx, saleID, wire.ByBody{By: by})
}

// CancelAs cancels a sale, also where a supervisor must allow it.
func (c *Client) CancelAs(ctx context.Context, saleID string, b wire.ByBody) (wire.Sale, error) {
	return c.act(ctx, saleID, "cancel", struct {
		wire.ByBody
		Supervisor *allowance `json:"supervisor,omitempty"`
	}{b, allow(b.Supervisor)})
}

// Recheck has the gateway asked once more, now.
func (c *Client) Recheck(ctx context.Context, saleID string) (wire.Sale, error) {
	return c.act(ctx, saleID, "recheck", struct{}{})
}

// Resolve records what a person found out about a sale in attention.
func (c *Client) Resolve(ctx context.Context, saleID string, r wire.Resolution) (wire.Sale, error) {
	return c.act(ctx, saleID, "resolve", resolution(r))
}

// ResolveRefund records what a person found out about a refund in attention.
func (c *Client) ResolveRefund(ctx context.Context, saleID, refundID string, r wire.Resolution) (wire.Refund, error) {
	var refund wire.Refund
	_, err := c.do(ctx, http.MethodPost, salePath(saleID)+"/refunds/"+segment(refundID)+"/resolve", resolution(r), &refund, 0)
	return refund, err
}

func (c *Client) act(ctx context.Context, saleID, verb string, in any) (wire.Sale, error) {
	var sale wire.Sale
	_, err := c.do(ctx, http.MethodPost, salePath(saleID)+"/"+verb, in, &sale, 0)
	return sale, err
}

// Refund begins a refund. created is false if it was there already with the same
// content.
func (c *Client) Refund(ctx context.Context, saleID string, n wire.NewRefund) (refund wire.Refund, created bool, err error) {
	body := struct {
		wire.NewRefund
		Supervisor *allowance `json:"supervisor,omitempty"`
	}{n, allow(n.Supervisor)}
	status, err := c.do(ctx, http.MethodPost, salePath(saleID)+"/refunds", body, &refund, 0)
	return refund, status == http.StatusCreated, err
}

// WaitRefund returns a refund as soon as it is no longer processing, or as it is
// after the wait, at most a minute. Wait 0 returns it as it is.
func (c *Client) WaitRefund(ctx context.Context, saleID, refundID string, wait time.Duration) (wire.Refund, error) {
	wait = min(max(wait, 0), longest)
	path := salePath(saleID) + "/refunds/" + segment(refundID)
	if wait > 0 {
		path += "?" + url.Values{"wait": {wait.String()}}.Encode()
	}
	var refund wire.Refund
	_, err := c.do(ctx, http.MethodGet, path, nil, &refund, wait)
	return refund, err
}

// Filter selects sales. Zero fields select everything.
type Filter struct {
	Text   string // a piece of the saleId in any case of letters, or a whole merchantTransId
	State  wire.State
	Day    string    // business day in Beijing time, such as 2026-11-21
	From   time.Time // opened then or later
	To     time.Time // opened before
	Limit  int       // 1 to 500; 0: the server's 50
	Cursor string    // from the page before
}

// Sales lists sales, newest first.
func (c *Client) Sales(ctx context.Context, f Filter) (wire.SaleList, error) {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("q", f.Text)
	set("from", moment(f.From))
	set("to", moment(f.To))
	set("state", string(f.State))
	set("day", f.Day)
	set("cursor", f.Cursor)
	if f.Limit != 0 {
		set("limit", strconv.Itoa(f.Limit))
	}
	path := "/v1/sales"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	var list wire.SaleList
	_, err := c.do(ctx, http.MethodGet, path, nil, &list, 0)
	return list, err
}

// moment writes a time for a query; none is "".
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Status tells what till, scanners, gateway and journal are doing.
func (c *Client) Status(ctx context.Context) (wire.Status, error) {
	var status wire.Status
	_, err := c.do(ctx, http.MethodGet, "/v1/status", nil, &status, 0)
	return status, err
}

func salePath(id string) string { return "/v1/sales/" + segment(id) }
