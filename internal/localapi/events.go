package localapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"posagent/internal/jsonapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
)

// streamEvents is GET /v1/events: server-sent events. First the whole picture,
// then every change. With Last-Event-ID the sales that changed since come right
// after the picture, each as it is now.
func (s *Server) streamEvents(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	since, resume, p := lastEventID(r)
	if p != nil {
		s.problem(w, p)
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		w.Header().Set("Retry-After", "5")
		s.problem(w, wire.NewProblem(wire.CodeTooManyClients, "Too many clients listen already.", "Close a stream, or ask GET /v1/status now and then."))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	st := &stream{s: s, w: w, rc: http.NewResponseController(w)}
	if err := st.run(r.Context(), since, resume); err != nil && r.Context().Err() == nil {
		s.log.Info("an event stream ended early", "error", err)
	}
}

func lastEventID(r *http.Request) (since uint64, resume bool, p *wire.Problem) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, false, invalid("Last-Event-ID", "Last-Event-ID must be the id of an event of this stream: a whole number.")
	}
	return n, true, nil
}

// stream is one client's event stream. It belongs to the request's goroutine: a
// client that does not take its bytes is dropped by the write deadline and holds
// up nobody.
type stream struct {
	s      *Server
	w      http.ResponseWriter
	rc     *http.ResponseController
	sent   uint64 // newest event whose effect was sent
	status []byte // as last sent, without what changes all the time
	notice uint64 // serial of the newest one sent
}

const (
	pageOfEvents = 500 // read from the journal at a time
	mostOpen     = 200 // unsettled sales in the picture
	buffered     = 256 // changes that may wait while a client takes its bytes
)

// run sends the picture and follows. When the client falls behind, what it missed
// is read from the journal: no sale that changed is ever left out.
func (st *stream) run(ctx context.Context, since uint64, resume bool) error {
	sub := st.s.opt.Engine.Subscribe(buffered)
	defer func() { sub.Close() }()
	last, err := st.s.opt.Journal.LastEvent()
	if err != nil {
		return err
	}
	// A number beyond the newest event is another journal's: all of it is news.
	resume = resume && since <= last
	if st.sent = last; resume {
		st.sent = since
	}
	snap, next := st.s.opt.Till.Latest()
	if err := st.picture(snap, !resume); err != nil {
		return err
	}
	if err := st.catchUp(ctx); err != nil {
		return err
	}
	beat := time.NewTicker(st.s.opt.Limits.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case c, ok := <-sub.C:
			if ok {
				err = st.sale(c.Event, &c.Sale)
				break
			}
			if !sub.Lagged() {
				return errors.New("the payment engine is gone")
			}
			sub = st.s.opt.Engine.Subscribe(buffered)
			err = st.catchUp(ctx)
		case <-next:
			snap, next = st.s.opt.Till.Latest()
			err = st.changes(snap)
		case <-beat.C:
			err = st.write([]byte(":\n\n"))
		case <-st.s.stopping:
			return nil
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// picture sends everything there is to see. Its id is the newest event only if
// the client has nothing to catch up with; otherwise it keeps the one it has.
func (st *stream) picture(snap *till.Snapshot, whole bool) error {
	p := wire.Picture{Status: st.s.status(snap), Unsettled: []wire.Sale{}}
	var err error
	if p.Foreground, err = st.fresh(snap.Foreground); err != nil {
		return err
	}
	if p.Last, err = st.fresh(snap.Last); err != nil {
		return err
	}
	due, err := st.s.opt.Journal.Unsettled(offline.NeverDue, mostOpen+1)
	if err != nil {
		return err
	}
	for _, d := range due {
		if snap.Foreground != nil && d.ID == snap.Foreground.ID || len(p.Unsettled) == mostOpen {
			continue
		}
		sale, err := st.s.opt.Engine.Sale(d.ID)
		if err != nil {
			return err
		}
		p.Unsettled = append(p.Unsettled, saleOf(&sale))
	}
	st.status = quiet(p.Status)
	if snap.Notice != nil {
		st.notice = snap.Notice.Serial
	}
	id := ""
	if whole {
		id = strconv.FormatUint(st.sent, 10)
	}
	return st.send(wire.EventSnapshot, id, p)
}

// fresh reads a sale again: the till's picture may be a moment behind.
func (st *stream) fresh(s *offline.Sale) (*wire.Sale, error) {
	if s == nil {
		return nil, nil
	}
	sale, err := st.s.opt.Engine.Sale(s.ID)
	if err != nil {
		return nil, err
	}
	out := saleOf(&sale)
	return &out, nil
}

// catchUp sends every sale that changed since the last event sent, as it is now.
func (st *stream) catchUp(ctx context.Context) error {
	for ctx.Err() == nil {
		last, err := st.s.opt.Journal.LastEvent()
		if err != nil || last <= st.sent {
			return err
		}
		list, err := st.s.opt.Journal.Events(st.sent, pageOfEvents)
		if err != nil || len(list) == 0 {
			return err
		}
		newest := map[offline.SaleID]uint64{}
		for _, e := range list {
			newest[e.SaleID] = e.Seq
		}
		for _, e := range list {
			if newest[e.SaleID] != e.Seq {
				continue // it changed again on this page
			}
			sale, err := st.s.opt.Engine.Sale(e.SaleID)
			if errors.Is(err, offline.ErrUnknownSale) {
				continue // pruned since
			}
			if err != nil {
				return err
			}
			if err := st.sale(e.Seq, &sale); err != nil {
				return err
			}
		}
		st.sent = list[len(list)-1].Seq
	}
	return nil
}

// sale sends a sale, unless a later event has told of it already.
func (st *stream) sale(event uint64, sale *offline.Sale) error {
	if event <= st.sent {
		return nil
	}
	st.sent = event
	return st.send(wire.EventSale, strconv.FormatUint(event, 10), saleOf(sale))
}

// changes sends what is new in the till's picture.
func (st *stream) changes(snap *till.Snapshot) error {
	if n := snap.Notice; n != nil && n.Serial > st.notice {
		st.notice = n.Serial
		if err := st.send(wire.EventNotice, "", noticeOf(n)); err != nil {
			return err
		}
	}
	status := st.s.status(snap)
	now := quiet(status)
	if bytes.Equal(now, st.status) {
		return nil
	}
	st.status = now
	return st.send(wire.EventStatus, "", status)
}

// quiet is a status without what changes with every message and scan: a client
// that wants the counters asks for them.
func quiet(s wire.Status) []byte {
	s.Gateway.LastAnswer, s.Gateway.LastTookMS, s.Gateway.LastErrAt, s.Gateway.ClockSkewMS = nil, 0, nil, nil
	s.Journal.LastEvent, s.Journal.SizeBytes = 0, 0
	s.Till.Notice = nil
	scanners := make([]wire.Scanner, len(s.Scanners))
	for i, c := range s.Scanners {
		scanners[i] = wire.Scanner{Name: c.Name, Kind: c.Kind, State: c.State, Since: c.Since, Port: c.Port, Detail: c.Detail}
	}
	s.Scanners = scanners
	raw, err := json.Marshal(s)
	if err != nil {
		return nil // then it counts as changed; sending it reports the error
	}
	return raw
}

// send writes one event. JSON holds no line breaks, so one data line is enough.
func (st *stream) send(event, id string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", event, err)
	}
	var b bytes.Buffer
	b.WriteString("event: " + event + "\n")
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("data: ")
	b.Write(raw)
	b.WriteString("\n\n")
	return st.write(b.Bytes())
}

func (st *stream) write(p []byte) error {
	jsonapi.Patience(st.w, st.s.opt.Limits.Write)
	if _, err := st.w.Write(p); err != nil {
		return err
	}
	return st.rc.Flush()
}
