package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posagent/offline"
)

// Gauges are read when somebody asks for the metrics. None of them may read the
// journal's records, or a scrape would disturb a sale. A func that is nil leaves
// its gauges out.
type Gauges struct {
	OpenPayments func() int // payments and refunds not at their end
	OpenSales    func() Open
	Attention    func() int // sales that wait for a person
	Scanners     func() []Scanner
	Gateway      func() Gateway
	Journal      func() Journal
	Disk         func() (free, total uint64, known bool) // bytes, where the journal is
	Clock        func() (skew time.Duration, at time.Time, known bool)
	Certificates func() []Certificate
	KeyModified  func() time.Time // when the terminal's key file was last changed; zero: not known
	Ready        func() bool
	Drained      func() bool
	Warnings     func() []Warning
}

// Open is what is not at its end.
type Open struct {
	Sales         map[offline.SaleState]OpenSales
	Refunds       int // sales with a refund under way
	LateSuccesses int // sales whose money was taken after their reversal was decided, and is not back
	TakenAfterEnd int // sales that had ended as not paid when the gateway named the money as taken
}

// OpenSales are those of one state.
type OpenSales struct {
	Count  int
	Oldest time.Duration // age of the oldest
}

// Gateway is how the last messages went.
type Gateway struct {
	State      string // one of GatewayStates
	LastAnswer time.Time
}

// Journal is what the journal tells of itself.
type Journal struct {
	OK               bool // it takes writes
	Size, Used, Free int64
	Sales, Live      int // stored, and of them not yet filed
}

// Certificate is one on which the till depends.
type Certificate struct {
	Name     string // gateway, gateway_ca, admin, admin_ca
	NotAfter time.Time
}

// Warning is a condition that stands.
type Warning struct{ Code, Severity string }

// gauges reads the present state at each scrape, so that no value is stale.
type gauges struct {
	Gauges
	list []reading
}

func newGauges(g Gauges) *gauges {
	all := &gauges{Gauges: g}
	all.list = all.readings()
	return all
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("posagent_"+name, help, labels, nil)
}

// sink takes the values of one scrape.
type sink func(d *prometheus.Desc, v float64, labels ...string)

// reading is one or more gauges with how their values are got.
type reading struct {
	descs []*prometheus.Desc
	read  func(sink)
}

func one(name, help string, value func() float64) reading {
	d := describe(name, help)
	return reading{[]*prometheus.Desc{d}, func(to sink) { to(d, value()) }}
}

func (g *gauges) readings() []reading {
	var list []reading
	if g.OpenPayments != nil {
		list = append(list, one("open_payments", "Payments and refunds that the engine has in hand.", func() float64 { return float64(g.OpenPayments()) }))
	}
	if g.Attention != nil {
		list = append(list, one("attention_sales", "Sales that wait for a person.", func() float64 { return float64(g.Attention()) }))
	}
	if g.Ready != nil {
		list = append(list, one("ready", "1 while the till can sell.", func() float64 { return number(g.Ready()) }))
	}
	if g.KeyModified != nil {
		d := describe("key_modified_timestamp_seconds", "When the file of the terminal's key was last changed, in Unix time. A key has no date of expiry.")
		list = append(list, reading{[]*prometheus.Desc{d}, func(to sink) { stamp(to, d, g.KeyModified()) }})
	}
	list = append(list, one("drained", "1 while the till takes no new sale because store IT said so.", func() float64 {
		return number(g.Drained != nil && g.Drained())
	}))
	list = append(list, g.open()...)
	list = append(list, g.gateway()...)
	list = append(list, g.journal()...)
	list = append(list, g.machine()...)
	list = append(list, g.certificates()...)
	return append(list, g.warnings()...)
}

// stamp sends a moment, if there is one.
func stamp(to sink, d *prometheus.Desc, at time.Time, labels ...string) {
	if !at.IsZero() {
		to(d, unix(at), labels...)
	}
}

// Describe is prometheus.Collector's.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, r := range g.list {
		for _, d := range r.descs {
			ch <- d
		}
	}
	for _, d := range scannerDescs() {
		ch <- d
	}
}

// Collect is prometheus.Collector's.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	to := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, r := range g.list {
		r.read(to)
	}
	if g.Scanners == nil {
		return
	}
	for _, s := range g.Scanners() {
		s.collect(ch)
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
