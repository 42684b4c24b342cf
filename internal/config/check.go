package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"posagent/offline"
	"posagent/offline/alipay"
)

// check judges the values once all layers are applied. A fault is placed where the value was given; one about
// something missing, at the head of its table.
func (l *loader) check() {
	l.checkRanges()
	l.checkTerminal()
	l.checkGateway()
	l.checkPolicy()
	l.checkScanners()
	l.checkListeners()
	l.checkJournal()
	l.checkDesk()
	l.checkLog()
	if l.role() == RoleDaemon {
		l.checkFiles()
		l.checkSigned()
	}
}

func (l *loader) role() Role {
	if l.opts.Role == "" {
		return RoleDaemon
	}
	return l.opts.Role
}

// origin is the best place to send the reader for a key.
func (l *loader) origin(key string) Origin {
	if o, ok := l.cfg.origins[key]; ok {
		return o
	}
	for _, inner := range []string{".vid", ".pid", ".serial", ".usb_path"} {
		if o, ok := l.cfg.origins[key+inner]; ok {
			return o
		}
	}
	table, _, _ := strings.Cut(key, ".")
	if o, ok := l.headers[table]; ok {
		return o
	}
	if l.cfg.file != "" {
		return Origin{Kind: OriginFile, File: l.cfg.file, rank: 1}
	}
	return Origin{Kind: OriginDefault}
}

// fault adds a fault, unless the value could not even be read, which was said already.
func (l *loader) fault(key, problem, remedy string) {
	o := l.origin(key)
	if o.Kind == originBad {
		return
	}
	l.faults = append(l.faults, faultAt(o, key, problem, remedy))
}

func (l *loader) note(key, problem, remedy string) {
	if o := l.origin(key); o.Kind != originBad {
		l.notes = append(l.notes, faultAt(o, key, problem, remedy))
	}
}

// required tells whether a value is there, and says so where the daemon cannot do without.
func (l *loader) required(key, value, remedy string) bool {
	if value != "" {
		return true
	}
	if l.role() == RoleDaemon && !l.broken {
		l.fault(key, "is not set", remedy)
	}
	return false
}

var (
	storePattern    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	terminalPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,14}$`)
	mccPattern      = regexp.MustCompile(`^[0-9]{4}$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
)

func (l *loader) checkTerminal() {
	t := &l.cfg.Terminal
	if l.required("terminal.store_id", t.StoreID, `give the store's number, for example store_id = "S01"`) {
		if !storePattern.MatchString(t.StoreID) {
			l.fault("terminal.store_id", quote(t.StoreID)+" is no store number", "use 1 to 64 of A-Z a-z 0-9 . _ -")
		} else if len(t.StoreID) > 14 {
			l.note("terminal.store_id", "is longer than 14 characters", "only its first 14 stand in a merchantTransId")
		}
	}
	if l.required("terminal.terminal_id", t.TerminalID, `give this till's number, for example terminal_id = "T03"`) &&
		!terminalPattern.MatchString(t.TerminalID) {
		l.fault("terminal.terminal_id", quote(t.TerminalID)+" is no till number", "use 1 to 14 of A-Z a-z 0-9 _ -")
	}
	if n := len(t.StoreName); n > alipay.MaxStoreName {
		l.fault("terminal.store_name", fmt.Sprintf("has %d bytes", n), fmt.Sprintf("shorten it to %d; a Chinese character has three", alipay.MaxStoreName))
	} else if hasControl(t.StoreName) {
		l.fault("terminal.store_name", "holds a control character", "write it in one line without tabs")
	}
	if t.MCC != "" && !mccPattern.MatchString(t.MCC) {
		l.fault("terminal.mcc", quote(t.MCC)+" is no merchant category code", `give four digits, for example mcc = "5411"`)
	}
	l.checkCurrency(t.Currency)
}

func (l *loader) checkCurrency(currency string) {
	list := "Alipay's table has " + strings.Join(offline.Currencies(), " ")
	if !l.required("terminal.currency", currency, `give the currency of the prices, for example currency = "HKD"; `+list) {
		return
	}
	switch {
	case currencyPattern.MatchString(strings.ToUpper(currency)) && !currencyPattern.MatchString(currency):
		l.fault("terminal.currency", quote(currency)+" is not in capital letters", "write "+strconv.Quote(strings.ToUpper(currency)))
	case !contains(offline.Currencies(), currency):
		l.fault("terminal.currency", quote(currency)+" is a currency that the gateway does not take", list)
	}
}

// checkRanges holds every number and duration against the limits that its field carries.
func (l *loader) checkRanges() {
	for i := range l.all {
		s := &l.all[i]
		v := reflect.ValueOf(&l.cfg).Elem().Field(s.index)
		if !s.list {
			l.checkRange(s, 0, v)
			continue
		}
		for n := range v.Len() {
			l.checkRange(s, n+1, v.Index(n))
		}
	}
}

func (l *loader) checkRange(s *section, element int, v reflect.Value) {
	for _, lf := range s.leaves {
		if lf.min == "" {
			continue
		}
		value := v.FieldByIndex(lf.index)
		low, high := lf.limit(lf.min), lf.limit(lf.max)
		if n := value.Int(); n < low || n > high {
			l.fault(elementKey(s, element, lf.name), fmt.Sprintf("%v is out of range", printable(value)),
				fmt.Sprintf("use %s to %s", lf.min, lf.max))
		}
	}
}

func (l *loader) checkPolicy() {
	p := &l.cfg.Policy
	l.ordered("policy.not_exist_interval_min", p.NotExistIntervalMin, "policy.not_exist_interval_max", p.NotExistIntervalMax)
	l.ordered("policy.cancel_interval", p.CancelInterval, "policy.cancel_interval_max", p.CancelIntervalMax)
	l.checkWatch(p)
}

// checkWatch wants a cancelled trade to be watched for as long as its code can be
// charged: the pay request may still arrive.
func (l *loader) checkWatch(p *Policy) {
	watch := p.Offline().Watch()
	if p.WatchQueries < 1 || p.WatchInterval <= 0 || watch >= p.CodeTTL {
		return
	}
	key := ""
	for _, k := range []string{"policy.watch_queries", "policy.watch_interval", "policy.code_ttl"} {
		if l.origin(k).Kind == originBad {
			return
		}
		if _, given := l.cfg.origins[k]; given && (key == "" || l.origin(k).rank > l.origin(key).rank) {
			key = k
		}
	}
	if key == "" {
		key = "policy.query_interval" // the first of them comes after this pause
	}
	l.fault(key, fmt.Sprintf("policy.watch_queries and policy.watch_interval watch a cancelled trade for %s, and policy.code_ttl is %s",
		FormatDuration(watch), FormatDuration(p.CodeTTL)), "the watch must last at least as long as a code can be charged")
}

// ordered wants low <= high and sends the reader to the one that was given last.
func (l *loader) ordered(lowKey string, low time.Duration, highKey string, high time.Duration) {
	if low <= high || l.origin(lowKey).Kind == originBad || l.origin(highKey).Kind == originBad {
		return
	}
	key := highKey
	if _, given := l.cfg.origins[highKey]; !given || l.origin(lowKey).rank > l.origin(highKey).rank {
		key = lowKey
	}
	l.fault(key, fmt.Sprintf("%s is %s and %s is %s", lowKey, FormatDuration(low), highKey, FormatDuration(high)),
		"the first must not be longer than the second")
}

func (l *loader) checkJournal() {
	j := &l.cfg.Journal
	if j.Path == "" {
		l.fault("journal.path", "is empty", "name the journal's file; the default is "+defaultJournal())
	}
	switch {
	case j.Retention < 31*day:
		l.fault("journal.retention", FormatDuration(j.Retention)+" is too short", "keep payments for at least 31d, so that a month can be reconciled")
	case j.Retention > 3660*day:
		l.fault("journal.retention", FormatDuration(j.Retention)+" is out of range", "use 31d to 3660d")
	case j.Retention < 366*day:
		l.note("journal.retention", "payments older than "+FormatDuration(j.Retention)+" cannot be refunded by this terminal",
			"use 400d where refunds are taken for a year")
	}
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, unicode.IsControl)
}
