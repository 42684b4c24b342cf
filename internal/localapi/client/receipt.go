package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// ReceiptOf says which receipt is wanted.
type ReceiptOf struct {
	SaleID   string
	RefundID string // "": of the sale
	PDF      bool   // otherwise plain text
	Width    int    // characters in a line of plain text, 24 to 80; 0: as configured
	Copy     bool   // it was printed before
}

// maxReceipt bounds a receipt: a PDF holds the characters of its font that it uses.
const maxReceipt = 4 << 20

// Receipt fetches a receipt: UTF-8 with lines ended by \n, or a PDF.
func (c *Client) Receipt(ctx context.Context, r ReceiptOf) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Timeout+c.opt.StartWait)
	defer cancel()
	values := url.Values{}
	if r.PDF {
		values.Set("format", "pdf")
	}
	if r.RefundID != "" {
		values.Set("refund", r.RefundID)
	}
	if r.Width != 0 {
		values.Set("width", strconv.Itoa(r.Width))
	}
	if r.Copy {
		values.Set("copy", "true")
	}
	path := salePath(r.SaleID) + "/receipt"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	resp, err := c.send(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	if resp.StatusCode != http.StatusOK {
		return nil, read(resp, nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReceipt+1))
	if err == nil && len(body) > maxReceipt {
		err = fmt.Errorf("%d bytes and more: %w", maxReceipt, ErrAnswer)
	}
	return body, err
}
