package alipay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"posagent/offline"
)

// maxAnswer bounds an answer's body; real ones have one or two kilobytes.
const maxAnswer = 1 << 20

// message is one signed message, ready to be written. It holds the payment
// code, so it prints as its ids alone.
type message struct {
	client   *Client
	endpoint Endpoint
	req      offline.Request
	wire     []byte
	sent     atomic.Bool
}

// String shows the operation and the ids.
func (m *message) String() string {
	return fmt.Sprintf("%s %s reqMsgId %s", m.req.Op, m.req.MerchantTransID, m.req.ReqMsgID)
}

// GoString is String: %#v would print the wire bytes.
func (m *message) GoString() string { return m.String() }

// Format is String for every verb.
func (m *message) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// MarshalText is String.
func (m *message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// LogValue is String.
func (m *message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Send writes the message once and waits for the answer. Config.Timeout bounds
// the whole of it, down to the last byte of a slow answer.
func (m *message) Send(ctx context.Context) offline.Outcome {
	if m.sent.Swap(true) {
		return m.noAnswer("the message was handed to the network before and is not sent twice")
	}
	timeout := m.client.cfg.Timeout
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if ctx.Err() != nil {
		return m.notSent("given up before anything was sent")
	}
	conn, err := m.client.connect(ctx)
	if err != nil {
		return m.notSent(describeDial(err))
	}
	if ctx.Err() != nil {
		conn.release()
		return m.notSent("given up before anything was sent")
	}
	started := m.client.cfg.Now()
	reply, outcome := m.exchange(ctx, conn)
	if reply == nil {
		return outcome
	}
	return m.receive(reply, started)
}

// reply is a whole HTTP answer with status 200.
type reply struct {
	body   []byte
	header http.Header
	at     time.Time
}

// exchange writes the message to this one connection and reads the answer. The
// outcome counts only where there is no reply.
func (m *message) exchange(ctx context.Context, conn line) (*reply, offline.Outcome) {
	resp, err := conn.carry(m.httpRequest(ctx))
	if err != nil {
		if !conn.abandon(err) {
			return nil, m.notSent("the connection was lost before anything was written: " + err.Error())
		}
		return nil, m.noAnswer(describeSilence(ctx, err))
	}
	// Reading to the end is what frees the connection for the next message; a
	// connection with a half-read answer is closed by release.
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	at := m.client.cfg.Now()
	_ = resp.Body.Close()
	m.client.seen.certificate(resp.TLS)
	conn.release()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, m.noAnswer(describeStatus(resp))
	case err != nil && len(body) <= maxAnswer:
		return nil, m.noAnswer(fmt.Sprintf("the answer broke off after %d bytes: %s", len(body), describeSilence(ctx, err)))
	case len(body) > maxAnswer:
		return nil, m.noAnswer(fmt.Sprintf("the answer is longer than %d bytes", maxAnswer))
	}
	return &reply{body, resp.Header, at}, offline.Outcome{}
}

// httpRequest has no GetBody and no Idempotency-Key header: with either of them
// net/http deems a POST fit to be sent again.
func (m *message) httpRequest(ctx context.Context) *http.Request {
	u := *m.client.base
	u.Path += m.endpoint.Path
	r := &http.Request{
		Method: http.MethodPost,
		URL:    &u,
		Host:   u.Host,
		Header: http.Header{
			"Content-Type": {"application/json; charset=UTF-8"}, // unconfirmed
			"Accept":       {"application/json"},
			"User-Agent":   {"posagent"},
		},
		Body:          io.NopCloser(bytes.NewReader(m.wire)),
		ContentLength: int64(len(m.wire)),
	}
	return r.WithContext(ctx)
}

// receive judges an answer: cut, verify, compare, classify, in this order.
func (m *message) receive(r *reply, started time.Time) offline.Outcome {
	c := m.client
	env, err := cutEnvelope(r.body)
	if err != nil {
		return m.noAnswer(describeEnvelope(err, env, r.header))
	}
	if err := verify(c.cfg.AlipayPublicKey, c.cfg.SignType, env.response, env.signature); err != nil {
		return m.noAnswer(err.Error())
	}
	a, err := readAnswer(env.response)
	if err != nil {
		return m.noAnswer("signed, but not readable: " + err.Error())
	}
	switch {
	case a.function != string(m.endpoint.Function):
		return m.noAnswer(fmt.Sprintf("signed, but its function is %q", a.function))
	case a.reqMsgID != string(m.req.ReqMsgID):
		return m.noAnswer(fmt.Sprintf("signed, but it answers reqMsgId %q", a.reqMsgID))
	case a.clientID != "" && a.clientID != c.cfg.ClientID:
		return m.noAnswer(fmt.Sprintf("signed, but for clientId %q", a.clientID))
	}
	c.seen.clock(r.header, a.respTime, started, r.at)
	out := c.codes.classify(m.req, a)
	if state, _ := tradeOfAll(a.words); state == tradeUnknown && c.seen.firstTime(out.TradeStatus) {
		c.cfg.Log.Warn("the gateway named an unknown trade status; it counts as unfinished",
			"trade_status", out.TradeStatus, "payment", m.req.MerchantTransID)
	}
	return out
}

func (m *message) noAnswer(detail string) offline.Outcome {
	return offline.Outcome{Kind: offline.NoAnswer, Detail: clean(detail, maxDetail, m.req.Code)}
}

func (m *message) notSent(detail string) offline.Outcome {
	return offline.Outcome{Kind: offline.NotSent, Detail: clean(detail, maxDetail, m.req.Code)}
}

func describeStatus(resp *http.Response) string {
	text := fmt.Sprintf("HTTP status %d instead of 200", resp.StatusCode)
	if loc, err := url.Parse(resp.Header.Get("Location")); err == nil && loc.Host != "" {
		text += "; the redirect to " + loc.Host + " was not followed"
	}
	return text + mediaType(resp.Header)
}

func describeEnvelope(err error, env envelope, header http.Header) string {
	if !errors.Is(err, errUnsigned) {
		return err.Error() + mediaType(header)
	}
	text := err.Error()
	if a, bad := readAnswer(env.response); bad == nil && a.code != "" {
		text += fmt.Sprintf("; it names the code %s (unproven): check clientId, keys and signType", clean(a.code, maxCode, offline.IdentityCode{}))
	}
	return text
}

// mediaType names what came if it is no JSON: a proxy's or a portal's page.
func mediaType(header http.Header) string {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind == "application/json" {
		return ""
	}
	return "; it came as " + kind + ", as from a proxy or a network log-in page"
}
