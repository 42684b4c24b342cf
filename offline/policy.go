package offline

import (
	"errors"
	"fmt"
	"time"
)

// Policy holds every number of the payment flow. The defaults are Alipay's best
// practice (barcode payment, quick integration; docs.antom.com/ac/ams_upm/bp).
type Policy struct {
	AnswerWait          time.Duration // no answer to pay after this: start asking
	QueryInterval       time.Duration // between the beginnings of two queries
	QueryTimeout        time.Duration // a query without an answer after this: send the next one
	QueryLimit          int           // queries before a reversal is decided
	NotExistRetries     int           // ORDER_NOT_EXIST: this many more queries ...
	NotExistIntervalMin time.Duration // ... this far apart, drawn uniformly
	NotExistIntervalMax time.Duration
	CancelRetries       int           // after the first cancel; 3 to 5
	CancelInterval      time.Duration // doubles with every try ...
	CancelIntervalMax   time.Duration // ... up to this, also while there is no network
	WatchQueries        int           // clean queries after cancelling a trade that was never seen; they last as long as a code
	WatchInterval       time.Duration
	SaleTimeout         time.Duration // waiting for a scan
	CodeTTL             time.Duration // how long a payment code can be charged
	RefundRetries       int           // after the first refund message without a result
	RefundInterval      time.Duration // doubles like CancelInterval
}

// DefaultPolicy is the published best practice.
func DefaultPolicy() Policy {
	return Policy{
		AnswerWait:          5 * time.Second,
		QueryInterval:       3 * time.Second,
		QueryTimeout:        3 * time.Second,
		QueryLimit:          20,
		NotExistRetries:     2,
		NotExistIntervalMin: 5 * time.Second,
		NotExistIntervalMax: 7 * time.Second,
		CancelRetries:       5,
		CancelInterval:      2 * time.Second,
		CancelIntervalMax:   time.Minute,
		WatchQueries:        20,
		WatchInterval:       30 * time.Second,
		SaleTimeout:         2 * time.Minute,
		CodeTTL:             time.Minute,
		RefundRetries:       5,
		RefundInterval:      2 * time.Second,
	}
}

// Validate returns every fault at once, joined; each names the setting as the
// configuration file spells it.
func (p Policy) Validate() error {
	var faults []error
	positive := func(name string, d time.Duration) {
		if d <= 0 {
			faults = append(faults, fmt.Errorf("%s is %s: it must be longer than nothing", name, d))
		}
	}
	between := func(name string, n, low, high int) {
		if n < low || n > high {
			faults = append(faults, fmt.Errorf("%s is %d: it must be %d to %d", name, n, low, high))
		}
	}
	positive("answer_wait", p.AnswerWait)
	positive("query_interval", p.QueryInterval)
	positive("query_timeout", p.QueryTimeout)
	positive("not_exist_interval_min", p.NotExistIntervalMin)
	positive("cancel_interval", p.CancelInterval)
	positive("watch_interval", p.WatchInterval)
	positive("sale_timeout", p.SaleTimeout)
	positive("code_ttl", p.CodeTTL)
	positive("refund_interval", p.RefundInterval)
	between("query_limit", p.QueryLimit, 1, 200)
	between("not_exist_retries", p.NotExistRetries, 1, 10)
	between("cancel_retries", p.CancelRetries, 3, 5)
	between("watch_queries", p.WatchQueries, 1, 1000)
	between("refund_retries", p.RefundRetries, 1, 20)
	if p.NotExistIntervalMax < p.NotExistIntervalMin {
		faults = append(faults, fmt.Errorf("not_exist_interval_max is %s: it must not be below not_exist_interval_min, %s",
			p.NotExistIntervalMax, p.NotExistIntervalMin))
	}
	if p.CancelIntervalMax < p.CancelInterval {
		faults = append(faults, fmt.Errorf("cancel_interval_max is %s: it must not be below cancel_interval, %s",
			p.CancelIntervalMax, p.CancelInterval))
	}
	// A code that was sent can be charged until its life is over: a shorter watch
	// would end as "nothing was taken" while the request may still arrive.
	if p.WatchInterval > 0 && p.WatchQueries > 0 && p.Watch() < p.CodeTTL {
		faults = append(faults, fmt.Errorf("watch_queries %d times, watch_interval %s apart, watch a cancelled trade for %s: "+
			"it must be at least code_ttl, %s, as long as the code can still be charged", p.WatchQueries, p.WatchInterval, p.Watch(), p.CodeTTL))
	}
	return errors.Join(faults...)
}

// Hurried is the policy for somebody who waits: a reversal's next message is due
// without its pause. That a cancel gives the pay before it the time of AnswerWait
// stays, and so do all limits.
func (p Policy) Hurried() Policy {
	p.CancelInterval, p.CancelIntervalMax, p.NotExistIntervalMin = 0, 0, 0
	return p
}

// Watch is how long a trade is watched at least after its cancel was confirmed.
func (p Policy) Watch() time.Duration {
	return min(p.QueryInterval, p.WatchInterval) + time.Duration(p.WatchQueries-1)*p.WatchInterval
}

// grow doubles base n times and stops at limit.
func grow(base time.Duration, n int, limit time.Duration) time.Duration {
	d := base
	for range n {
		d *= 2
		if d >= limit {
			return limit
		}
	}
	return min(d, limit)
}
