package till

import (
	"context"
	"errors"
	"time"

	"posagent/device/decode"
	"posagent/offline"
)

// Open opens a sale in the foreground. The id is the idempotency key: the same
// content again returns the sale as it is and false, whatever is in the
// foreground meanwhile. Errors: *BusyError, *NotReadyError, ErrHeld, those of
// offline.Engine.OpenSale, and ctx's if the till did not take the command.
func (t *Till) Open(ctx context.Context, n offline.NewSale) (offline.Sale, bool, error) {
	var (
		sale    offline.Sale
		created bool
		err     error
	)
	if e := t.do(ctx, func() { sale, created, err = t.open(n) }); e != nil {
		return offline.Sale{}, false, e
	}
	return sale, created, err
}

func (t *Till) open(n offline.NewSale) (offline.Sale, bool, error) {
	_, err := t.opt.Engine.Sale(n.ID)
	switch {
	case err == nil: // the engine tells the same request from another one
		return t.opt.Engine.OpenSale(n)
	case !errors.Is(err, offline.ErrUnknownSale):
		t.failed(err)
		return offline.Sale{}, false, err
	}
	if reasons := t.opt.Health.Blocking(); len(reasons) > 0 {
		return offline.Sale{}, false, &NotReadyError{Reasons: reasons}
	}
	if t.foreground != nil {
		// The register may know already that it is over: ask, do not wait for the news.
		t.reread(t.foreground.ID)
		if t.foreground.InForeground() {
			return offline.Sale{}, false, &BusyError{SaleID: t.foreground.ID}
		}
	}
	if t.held || t.opt.Currency != nil && n.Amount.Currency != t.opt.Currency() {
		return offline.Sale{}, false, ErrHeld
	}
	t.opt.Engine.Arm(true)
	sale, created, err := t.opt.Engine.OpenSale(n)
	if err != nil {
		t.opt.Engine.Arm(false)
		t.failed(err)
		return sale, created, err
	}
	t.stopScan()
	t.foreground, t.last, t.notice, t.retry = &sale, nil, nil, time.Time{}
	t.mu.Lock()
	t.arrived = nil // a notice from before is about another customer
	t.mu.Unlock()
	t.backlog.apply(&sale)
	return sale, created, nil
}

// ParseCode judges a text that is to be charged. It fails with *CodeError.
func (t *Till) ParseCode(text decode.Text) (offline.IdentityCode, error) {
	class := t.opt.Classifier.Classify(text, "")
	return parseCode(text, class)
}

func parseCode(text decode.Text, class decode.Class) (offline.IdentityCode, error) {
	if !class.IsPayment() {
		return offline.IdentityCode{}, &CodeError{Class: class}
	}
	code, err := offline.ParseIdentityCode(text.Reveal())
	if err != nil {
		// A shape that the scanners are set to take and the gateway's field does not.
		return offline.IdentityCode{}, &CodeError{Class: entry(decode.CodeLong)}
	}
	return code, nil
}

func entry(code decode.Code) decode.Class {
	for _, e := range decode.Table() {
		if e.Code == code {
			return decode.Class{Kind: e.Kind, Code: e.Code, Sentences: e.Sentences}
		}
	}
	return decode.Class{Kind: decode.KindGarbage, Code: code}
}

// SubmitCode charges a code that somebody else has read: the register's own
// scanner, the window's keyboard. Scanners and SubmitCode may race; the first
// code wins and no sale has two payments at a time. The same code again for the
// same sale returns the sale as it is, so that a lost answer can be asked for
// again. Errors: *CodeError, and those of offline.Engine.Pay.
func (t *Till) SubmitCode(id offline.SaleID, text decode.Text) (offline.Sale, error) {
	sale, err := t.opt.Engine.Sale(id)
	if err != nil {
		return offline.Sale{}, err
	}
	code, err := t.ParseCode(text)
	if err != nil {
		t.noticeFor(id, text.Masked(), err)
		return sale, err
	}
	sale, err = t.opt.Engine.Pay(id, code)
	if err == nil {
		return sale, nil
	}
	t.failed(err)
	var used *offline.CodeUsedError
	switch {
	case errors.Is(err, offline.ErrFinal) && t.pays(sale, code):
		return sale, nil
	case errors.As(err, &used) && used.SaleID == id:
		t.noticeFor(id, text.Masked(), err)
		return t.opt.Engine.Sale(id)
	}
	t.noticeFor(id, text.Masked(), err)
	return sale, err
}

// pays tells whether the code is the one of the sale's newest payment.
func (t *Till) pays(sale offline.Sale, code offline.IdentityCode) bool {
	p := sale.Current()
	return p != nil && p.Code.Hash == t.opt.Journal.Digest(code).Hash
}
