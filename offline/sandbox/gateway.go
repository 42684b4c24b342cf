package sandbox

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"posagent/offline"
)

// Options says who may call and how the gateway behaves. Fields without a
// remark are required.
type Options struct {
	ClientID          string
	MerchantID        string         // merchantId, or partnerId in version 2.0.2
	MerchantPublicKey *rsa.PublicKey // verifies requests
	AlipayPrivateKey  crypto.Signer  // an RSA key; signs answers

	Clock        func() time.Time                                 // optional: time.Now
	Sleep        func(ctx context.Context, d time.Duration) error // optional: a timer; returns early with the error of ctx
	Rand         io.Reader                                        // optional: crypto/rand; acquirementId and refundId
	Log          *slog.Logger                                     // optional: nothing
	Scenarios    []Scenario                                       // optional: Catalogue()
	ConfirmAfter int                                              // optional: the query that sees the customer's confirmation; 2
	ReqTimeSkew  time.Duration                                    // optional: how far reqTime may be off; 15 minutes, negative for any
	RefundWindow time.Duration                                    // optional: how long after the payment; 90 days
	LedgerPath   string                                           // optional: JSON lines; trades are restored from it
	OnCall       func(Call)                                       // optional: after the books changed, before the answer leaves; concurrent
}

// check returns every missing option at once, and the public half of the
// answers' key.
func (o *Options) check() (*rsa.PublicKey, error) {
	var faults []error
	need := func(ok bool, name string) {
		if !ok {
			faults = append(faults, fmt.Errorf("sandbox: Options.%s is missing", name))
		}
	}
	need(o.ClientID != "", "ClientID")
	need(o.MerchantID != "", "MerchantID")
	need(o.MerchantPublicKey != nil, "MerchantPublicKey")
	need(o.AlipayPrivateKey != nil, "AlipayPrivateKey")
	var public *rsa.PublicKey
	if o.AlipayPrivateKey != nil {
		var isRSA bool
		if public, isRSA = o.AlipayPrivateKey.Public().(*rsa.PublicKey); !isRSA {
			faults = append(faults, fmt.Errorf("sandbox: Options.AlipayPrivateKey is a %T, not an RSA key", o.AlipayPrivateKey))
		}
	}
	return public, errors.Join(faults...)
}

func (o *Options) setDefaults() {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Scenarios == nil {
		o.Scenarios = Catalogue()
	}
	if o.ConfirmAfter == 0 {
		o.ConfirmAfter = 2
	}
	if o.ReqTimeSkew == 0 {
		o.ReqTimeSkew = 15 * time.Minute
	}
	if o.RefundWindow == 0 {
		o.RefundWindow = 90 * 24 * time.Hour
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Gateway is the pretend acquirer. It is safe for concurrent use.
type Gateway struct {
	opt     Options
	codeKey []byte
	ledger  *Ledger
	foreign func() (*rsa.PrivateKey, error) // a key that is not Alipay's, made when first needed

	mu       sync.Mutex
	trades   map[offline.MerchantTransID]*trade
	acquired map[offline.AcquirementID]*trade
	codes    map[string]offline.MerchantTransID // which payment used a code up
	msgIDs   map[offline.ReqMsgID]bool
	plays    map[offline.MerchantTransID]*play
	scripts  map[offline.MerchantTransID]Scenario
	next     []Scenario
	held     []*heldPay
	calls    []Call
}

// New makes a gateway. It returns an error for missing options and for a
// ledger file that cannot be read.
func New(opt Options) (*Gateway, error) {
	public, err := opt.check()
	if err != nil {
		return nil, err
	}
	opt.setDefaults()
	// The digest key depends on the gateway's own key alone, so that a code
	// used before a restart is known after it.
	key := sha256.Sum256(append([]byte("sandbox payment codes"), public.N.Bytes()...))
	g := &Gateway{
		opt:      opt,
		codeKey:  key[:],
		ledger:   &Ledger{},
		foreign:  sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }),
		trades:   map[offline.MerchantTransID]*trade{},
		acquired: map[offline.AcquirementID]*trade{},
		codes:    map[string]offline.MerchantTransID{},
		msgIDs:   map[offline.ReqMsgID]bool{},
		plays:    map[offline.MerchantTransID]*play{},
		scripts:  map[offline.MerchantTransID]Scenario{},
	}
	if opt.LedgerPath != "" {
		l, err := OpenLedger(opt.LedgerPath)
		if err != nil {
			return nil, err
		}
		g.ledger = l
		g.restore()
	}
	return g, nil
}

// Close closes the ledger's file.
func (g *Gateway) Close() error { return g.ledger.Close() }

// Ledger returns the books, with everything that is due by now in them.
func (g *Gateway) Ledger() *Ledger {
	g.Settle()
	return g.ledger
}

// Settle processes the payments that are held back and due by now. It happens
// before every message anyway.
func (g *Gateway) Settle() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle(g.opt.Clock())
}

// Flush processes every payment that is still held back, due or not: the worst
// that the network can still deliver after a test.
func (g *Gateway) Flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.held
	g.held = nil
	for _, h := range list {
		g.processHeld(h, g.opt.Clock())
	}
}

// Script sets the scenario of one merchantTransId, or of the next new payment
// with Next; several for Next queue up. It begins at the first step.
func (g *Gateway) Script(id offline.MerchantTransID, s Scenario) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if id == Next {
		g.next = append(g.next, s)
		return
	}
	g.scripts[id] = s
	delete(g.plays, id)
}

// Calls returns every message that arrived, in order. They are kept for the
// life of the gateway.
func (g *Gateway) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.calls)
}

// ServeHTTP answers one message of the wire, or one of the pages below /sandbox/.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fn, ok := functionAt(r.URL.Path)
	if !ok {
		g.serveAdmin(w, r)
		return
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(io.LimitReader(r.Body, maxRequest+1)); err != nil {
		// The request never arrived whole, so the gateway knows nothing of it.
		g.opt.Log.Warn("request cut short", "path", r.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	// Serve's read deadline would otherwise end a scenario that answers later.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // in-process there is none
	rep := g.take(r, fn, body.Bytes())
	if rs, ok := w.(resetter); ok && rep.fault != FaultResetEarly {
		rs.accept()
	}
	g.report(rep.call)
	g.finish(w, r, rep)
}
