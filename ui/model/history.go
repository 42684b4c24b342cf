package model

import (
	"regexp"
	"strings"
	"time"

	"posagent/internal/localapi/wire"
)

// historyPage lists sales, newest first, by order number, state and time.
type historyPage struct {
	form
	state   wire.State // "" is all
	day     int        // days before today; -1 is all
	sales   []wire.Sale
	cursor  string // of the next page; "" if all is there
	at      int    // the selected sale
	loading bool
	failed  string
	asked   int       // number of the newest search: answers to older ones are dropped
	due     time.Time // when what was typed is searched for; zero: it has been
}

// filters are the states that F6 steps through.
func filters() []wire.State {
	return []wire.State{"", wire.Paid, wire.Declined, wire.Cancelled, wire.Expired, wire.Attention, wire.Reversing, wire.Checking}
}

func (m *Model) openHistory(state wire.State) {
	h := &historyPage{state: state, day: -1}
	h.fields = []input{{id: "search", limit: 64}}
	m.open(h)
	h.search(m, "")
}

// batch is how many sales are asked for at a time.
const batch = 50

func (h *historyPage) search(m *Model, cursor string) {
	req := Search{State: h.state, Cursor: cursor, Limit: batch}
	req.Text, req.From, req.To = h.window(m)
	h.asked++
	h.due = time.Time{}
	number := h.asked
	if cursor == "" {
		h.sales, h.cursor, h.at = nil, "", 0
	}
	h.loading, h.failed = true, ""
	m.calls.drop("search")
	m.call(req, "search", func(r Reply) {
		if number != h.asked {
			return
		}
		h.loading = false
		if r.Sales == nil {
			h.failed = m.problem(r.Err)
			return
		}
		h.sales = append(h.sales, r.Sales.Sales...)
		h.cursor = r.Sales.Cursor
		for _, s := range r.Sales.Sales {
			m.take(s)
		}
	})
}

// clockText is a time typed into the search, such as 14:30.
var clockText = regexp.MustCompile(`^([01]?\d|2[0-3])[:.]([0-5]\d)$`)

// around is how far from a time that was typed a sale may be.
const around = 15 * time.Minute

// window is what is looked for: a beginning of a number, and a span of time. A time
// of the day means today where no day is chosen.
func (h *historyPage) window(m *Model) (text string, from, to time.Time) {
	text = h.value("search")
	day := h.day
	clock, isTime := time.Time{}, false
	if clockText.MatchString(text) {
		c, err := time.Parse("15:04", strings.Replace(text, ".", ":", 1))
		clock, isTime = c, err == nil
	}
	if isTime {
		text, day = "", max(day, 0)
	}
	if day >= 0 {
		now := m.local(m.now)
		from = time.Date(now.Year(), now.Month(), now.Day()-day, 0, 0, 0, 0, m.cfg.Location)
		to = time.Date(now.Year(), now.Month(), now.Day()-day+1, 0, 0, 0, 0, m.cfg.Location)
	}
	if isTime {
		at := time.Date(from.Year(), from.Month(), from.Day(), clock.Hour(), clock.Minute(), 0, 0, m.cfg.Location)
		from, to = at.Add(-around), at.Add(around)
	}
	return text, from, to
}

func (h *historyPage) draw(m *Model, s *Screen) {
	s.Kind = KindHistory
	s.Band = Band{Role: RoleIdle, Icon: IconList, Title: m.w.T("history.title")}
	h.form.draw(s, func(string) (string, string) { return m.w.T("field.search"), m.w.T("field.search_hint") })
	s.Lines = []Line{{m.w.T("history.state"), h.stateName(m)}, {m.w.T("history.day"), h.dayName(m)}}
	rows := make([]Row, len(h.sales))
	for i := range h.sales {
		rows[i] = m.row(&h.sales[i])
		if h.day < 0 {
			rows[i].Left = m.w.Moment(m.local(h.sales[i].CreatedAt))
		}
	}
	s.List.Title = m.w.T("history.list")
	m.pageOf(&s.List, rows, h.at)
	switch {
	case h.failed != "":
		s.List.Empty = h.failed
	case h.loading:
		s.List.Empty = m.w.T("list.loading")
	default:
		s.List.Empty = m.w.T("history.empty")
	}
	if h.cursor != "" && s.List.Next.ID == "" {
		s.List.Next = button("page.next", m.w.T("button.page_next"), KeyPageDown, WeightPlain)
	}
	if h.cursor != "" {
		s.List.Next.Enabled = true
	}
	s.Buttons = []Button{
		button("details", m.w.T("button.details"), KeyEnter, WeightMain).when(len(h.sales) > 0 && h.due.IsZero()),
		button("filter", m.w.T("button.filter"), KeyF6, WeightPlain),
		button("day.prev", m.w.T("button.day_prev"), KeyF7, WeightPlain),
		button("day.next", m.w.T("button.day_next"), KeyF8, WeightPlain).when(h.day >= 0),
		button("back", m.w.T("button.back"), KeyEscape, WeightPlain),
	}
}

func (h *historyPage) stateName(m *Model) string {
	if h.state == "" {
		return m.w.T("history.all")
	}
	return m.state(&wire.Sale{State: h.state})
}

func (h *historyPage) dayName(m *Model) string {
	switch h.day {
	case -1:
		return m.w.T("history.all")
	case 0:
		return m.w.T("history.today")
	}
	return m.w.Day(m.local(m.now).AddDate(0, 0, -h.day))
}

func (h *historyPage) press(m *Model, id string) {
	switch id {
	case "details":
		m.openDetails(h.sales[min(h.at, len(h.sales)-1)])
	case "filter":
		list := filters()
		for i, s := range list {
			if s == h.state {
				h.state = list[(i+1)%len(list)]
				break
			}
		}
		h.search(m, "")
	case "day.prev":
		h.day++
		h.search(m, "")
	case "day.next":
		h.day--
		h.search(m, "")
	case "page.prev":
		h.move(m, h.at-m.rows)
	case "page.next":
		h.move(m, h.at+m.rows)
	case "back":
		m.back()
	}
}

// move selects a row, and fetches more where it is beyond those that are there.
func (h *historyPage) move(m *Model, to int) {
	if to >= len(h.sales) && h.cursor != "" && !h.loading {
		h.search(m, h.cursor)
	}
	h.at = min(max(to, 0), max(len(h.sales)-1, 0))
}

// typed edits the search; the list follows when the typing pauses.
func (h *historyPage) typed(m *Model, k KeyPressed) {
	switch k.Key {
	case KeyUp:
		h.move(m, h.at-1)
	case KeyDown:
		h.move(m, h.at+1)
	case KeyHome:
		h.move(m, 0)
	case KeyEnd:
		h.move(m, len(h.sales)-1)
	default:
		before := h.value("search")
		h.form.typed(m, k)
		if h.value("search") != before {
			h.due = m.now.Add(pause)
		}
	}
}

func (h *historyPage) pasted(m *Model, text string) {
	h.form.pasted(m, text)
	h.due = m.now.Add(pause)
}

// pause is how long nothing must be typed before it is searched for: a large
// journal is not to be read for every letter.
const pause = 250 * time.Millisecond

func (h *historyPage) pass(m *Model) {
	if !h.due.IsZero() && !m.now.Before(h.due) {
		h.search(m, "")
	}
}

// codeText is what may be a payment code. It is never put into a search, where it
// would be shown and sent.
var codeText = regexp.MustCompile(`\d{16}`)

// scanned looks up the number on a receipt.
func (h *historyPage) scanned(m *Model, text string) bool {
	if codeText.MatchString(text) && !strings.ContainsAny(text, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		return false
	}
	h.field("search").text = []rune(text)[:min(len([]rune(text)), 64)]
	h.search(m, "")
	return true
}

// selected opens the sale that was tapped; a tap on the search is none.
func (h *historyPage) selected(m *Model, id string) {
	for i, s := range h.sales {
		if s.SaleID == id {
			h.at = i
			m.openDetails(s)
			return
		}
	}
}

func (h *historyPage) saleChanged(_ *Model, s wire.Sale) {
	for i := range h.sales {
		if h.sales[i].SaleID == s.SaleID && s.Version >= h.sales[i].Version {
			h.sales[i] = s
		}
	}
}
