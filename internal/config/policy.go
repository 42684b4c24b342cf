package config

import (
	"time"

	"posagent/offline"
)

// Policy is the schedule of a payment: how long to wait, how often to ask, when to reverse. The defaults follow
// Alipay's best practice for in-store payments: ask when pay has not answered within 5 s, every 3 s, then cancel;
// after ORDER_NOT_EXIST two more queries 5 to 7 s apart; repeat an unclear cancel three to five times.
type Policy struct {
	// No answer to pay after this long: start asking beside it.
	AnswerWait time.Duration `toml:"answer_wait" min:"1ms" max:"10m" reload:"live"`
	// Time between two queries.
	QueryInterval time.Duration `toml:"query_interval" min:"1ms" max:"10m" reload:"live"`
	// Time limit of one query; one that has not answered by then is followed by the next.
	QueryTimeout time.Duration `toml:"query_timeout" min:"1ms" max:"10m" reload:"live"`
	// Number of queries, after which the payment is reversed. 1 to 200.
	QueryLimit int `toml:"query_limit" min:"1" max:"200" reload:"live"`
	// After ORDER_NOT_EXIST this many more queries before the payment is reversed: the query may have overtaken
	// the pay. 1 to 10.
	NotExistRetries int `toml:"not_exist_retries" min:"1" max:"10" reload:"live"`
	// Least time between those queries.
	NotExistIntervalMin time.Duration `toml:"not_exist_interval_min" min:"1ms" max:"10m" reload:"live"`
	// Longest time between those queries; the time is drawn uniformly from this range.
	NotExistIntervalMax time.Duration `toml:"not_exist_interval_max" min:"1ms" max:"10m" reload:"live"`
	// An unclear cancel is repeated this often before a person must look. 3 to 5.
	CancelRetries int `toml:"cancel_retries" min:"3" max:"5" reload:"live"`
	// Time before the first repetition of a cancel; doubles with each further one.
	CancelInterval time.Duration `toml:"cancel_interval" min:"1ms" max:"10m" reload:"live"`
	// Longest time between two cancels.
	CancelIntervalMax time.Duration `toml:"cancel_interval_max" min:"1ms" max:"10m" reload:"live"`
	// After the cancel of a trade that the gateway never saw, this many queries watch for a pay that arrives late.
	// 1 to 1000.
	WatchQueries int `toml:"watch_queries" min:"1" max:"1000" reload:"live"`
	// Time between those queries.
	WatchInterval time.Duration `toml:"watch_interval" min:"1ms" max:"10m" reload:"live"`
	// How long a sale waits for a scan.
	SaleTimeout time.Duration `toml:"sale_timeout" min:"1ms" max:"1h" reload:"live"`
	// How long after it was scanned a payment code may still be sent. Codes live about a minute.
	CodeTTL time.Duration `toml:"code_ttl" min:"1ms" max:"10m" reload:"live"`
	// An unclear refund is sent again, under the same id, this often before a person must look. 1 to 20.
	RefundRetries int `toml:"refund_retries" min:"1" max:"20" reload:"live"`
	// Time before the first repetition of a refund; doubles with each further one.
	RefundInterval time.Duration `toml:"refund_interval" min:"1ms" max:"10m" reload:"live"`
}

// Offline is the policy as the payment flow takes it. The conversion compiles only while both have the same fields.
func (p Policy) Offline() offline.Policy { return offline.Policy(p) }
