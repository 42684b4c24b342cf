package client

import (
	"context"
	"net/http"
	"time"

	"posagent/internal/localapi/wire"
)

// sumPatience is how much longer the first sum of a long shift may take.
const sumPatience = time.Minute

// Shift sums the shift that is open.
func (c *Client) Shift(ctx context.Context) (wire.Shift, error) {
	var s wire.Shift
	_, err := c.do(ctx, http.MethodGet, "/v1/shift", nil, &s, sumPatience)
	return s, err
}

// CloseShift ends the shift. closed is false if it had been closed under that id
// before; after an error that is no problem of the API, send it again.
func (c *Client) CloseShift(ctx context.Context, e wire.ShiftEnd) (s wire.Shift, closed bool, err error) {
	body := struct {
		wire.ShiftEnd
		Supervisor *allowance `json:"supervisor,omitempty"`
	}{e, allow(e.Supervisor)}
	status, err := c.do(ctx, http.MethodPost, "/v1/shift/close", body, &s, sumPatience)
	return s, status == http.StatusCreated, err
}
