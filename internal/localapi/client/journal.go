package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// CopyJournal writes a copy of the daemon's journal as it stands. An error after
// the first byte leaves a part: verify a copy before it is kept.
func (c *Client) CopyJournal(ctx context.Context, w io.Writer) (int64, error) {
	resp, err := c.send(ctx, http.MethodGet, "/v1/journal", nil, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	if resp.StatusCode != http.StatusOK {
		return 0, read(resp, nil)
	}
	n, err := io.Copy(w, resp.Body)
	if err != nil {
		return n, fmt.Errorf("copying the journal from the daemon: %w", err)
	}
	return n, nil
}
