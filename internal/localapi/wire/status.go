package wire

import "time"

// Status is what the till and its surroundings are doing.
type Status struct {
	Version  string    `json:"version"` // of the program
	Till     Till      `json:"till"`
	Scanners []Scanner `json:"scanners"`
	Gateway  Gateway   `json:"gateway"`
	Journal  Journal   `json:"journal"`
	Backlog  Backlog   `json:"backlog"`
	Totals   []Total   `json:"totals"` // of the current business day, one for each currency
	Warnings []Warning `json:"warnings"`

	Configuration *Configuration `json:"configuration,omitempty"`
}

// Till is the foreground.
type Till struct {
	Ready      bool       `json:"ready"`   // a sale would be opened
	Reasons    []Warning  `json:"reasons"` // why not
	Currency   string     `json:"currency"`
	Foreground string     `json:"foreground,omitempty"` // saleId
	Last       string     `json:"last,omitempty"`       // saleId of the one before, until the next opens
	Waiting    bool       `json:"waiting"`              // the foreground sale waits for a code
	Deadline   *time.Time `json:"deadline,omitempty"`   // until then
	Notice     *Notice    `json:"notice,omitempty"`
}

// Notice tells the cashier about a scan that was not used.
type Notice struct {
	Serial uint64     `json:"serial"` // grows with every notice while the daemon runs
	At     time.Time  `json:"at"`
	SaleID string     `json:"saleId,omitempty"`
	Code   string     `json:"code"` // stable, for translation
	Source string     `json:"source,omitempty"`
	Masked string     `json:"masked,omitempty"`
	Title  string     `json:"title"`
	Detail string     `json:"detail"`
	Action string     `json:"action,omitempty"`
	UsedBy string     `json:"usedBy,omitempty"` // saleId that used the code before
	UsedAt *time.Time `json:"usedAt,omitempty"`
}

// Scanner is how one scanner is doing.
type Scanner struct {
	Name     string     `json:"name"`
	Kind     string     `json:"kind"`
	State    string     `json:"state"` // ready absent no_permission busy faulty
	Since    time.Time  `json:"since"`
	Port     string     `json:"port,omitempty"`
	Detail   string     `json:"detail,omitempty"`
	LastScan *time.Time `json:"lastScan,omitempty"`
	Error    string     `json:"error,omitempty"` // newest, also after it is over
	ErrorAt  *time.Time `json:"errorAt,omitempty"`
	Advice   string     `json:"advice,omitempty"`
	Hint     string     `json:"hint,omitempty"`

	GoodReads     uint64 `json:"goodReads"`
	Refused       uint64 `json:"refused"`
	Duplicates    uint64 `json:"duplicates"`
	FramingErrors uint64 `json:"framingErrors"`
	Reconnects    uint64 `json:"reconnects"`
}

// Gateway is what the last messages tell about the gateway.
type Gateway struct {
	State      string     `json:"state"` // unknown ok unreachable setup_fault
	Since      *time.Time `json:"since,omitempty"`
	LastAnswer *time.Time `json:"lastAnswer,omitempty"`
	LastTookMS float64    `json:"lastTookMs,omitempty"` // of the last answered message
	LastError  string     `json:"lastError,omitempty"`
	LastErrAt  *time.Time `json:"lastErrorAt,omitempty"`
	// ClockSkewMS is the gateway's clock minus this one; absent while unknown.
	ClockSkewMS *int64 `json:"clockSkewMs,omitempty"`
	BaseURL     string `json:"baseUrl,omitempty"`
}

// Journal is how the store is doing.
type Journal struct {
	OK        bool   `json:"ok"`
	Error     string `json:"error,omitempty"` // why it takes no more writes
	Path      string `json:"path,omitempty"`
	SizeBytes int64  `json:"sizeBytes,omitempty"`
	LastEvent uint64 `json:"lastEvent"` // number of the newest event
	// Schema is the layout of the file, which an older daemon may not know.
	Schema int `json:"schema,omitempty"`
	// CleanStart tells whether the run before ended in order.
	CleanStart *bool `json:"cleanStart,omitempty"`
}

// Backlog is what goes on in the background.
type Backlog struct {
	Unsettled      int           `json:"unsettled"`
	ByState        map[State]int `json:"byState"`
	Refunds        int           `json:"refunds"`
	Oldest         *time.Time    `json:"oldest,omitempty"`
	Attention      []string      `json:"attention"` // saleIds, oldest first, at most 50
	AttentionCount int           `json:"attentionCount"`
	LateSuccess    []string      `json:"lateSuccess"`
	LateCount      int           `json:"lateSuccessCount"`
}

// Total sums one currency on one business day.
type Total struct {
	Day         string `json:"day"` // in Beijing time
	Paid        int    `json:"paid"`
	PaidSum     Money  `json:"paidSum"`
	Refunded    int    `json:"refunded"`
	RefundedSum Money  `json:"refundedSum"`
}

// Warning is something that stands in the way or should be looked at.
type Warning struct {
	Code     string    `json:"code"` // stable
	Subject  string    `json:"subject,omitempty"`
	Severity string    `json:"severity"` // blocks_selling warning info
	Title    string    `json:"title"`
	Detail   string    `json:"detail"`
	Remedy   string    `json:"remedy,omitempty"`
	Since    time.Time `json:"since"`
}

// The journal cannot be opened; the subject tells where that is because it is
// damaged, and no permission or device helps.
const (
	WarningJournal = "journal_unusable"
	SubjectDamaged = "damaged"
)

// Picture is the first event of the stream: everything there is to see.
type Picture struct {
	Status     Status `json:"status"`
	Foreground *Sale  `json:"foreground"` // null: none
	Last       *Sale  `json:"last"`
	Unsettled  []Sale `json:"unsettled"` // what goes on in the background, at most 200; status.backlog counts all
}

// The names of the stream's events.
const (
	EventSnapshot = "snapshot" // a Picture
	EventSale     = "sale"     // a Sale; its id is the journal's event number
	EventStatus   = "status"   // a Status
	EventNotice   = "notice"   // a Notice
)
