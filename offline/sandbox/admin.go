package sandbox

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"posagent/offline"
)

// serveAdmin answers the pages that only a pretend gateway has:
//
//	GET  /sandbox/ledger     {"entries","trades","chargedTwice","audit"}
//	GET  /sandbox/calls      every message that arrived
//	GET  /sandbox/scenarios  the table
//	POST /sandbox/scenario   {"merchantTransId": "..." or "next": true, "scenario": "name"}
func (g *Gateway) serveAdmin(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /sandbox/ledger":
		l := g.Ledger()
		g.writeJSON(w, struct {
			Entries      []Entry                   `json:"entries"`
			Trades       []Account                 `json:"trades"`
			ChargedTwice []offline.MerchantTransID `json:"chargedTwice"`
			Audit        []string                  `json:"audit"`
		}{list(l.Entries()), list(l.Trades()), list(l.ChargedTwice()), list(l.Audit())})
	case "GET /sandbox/calls":
		g.writeJSON(w, list(g.Calls()))
	case "GET /sandbox/scenarios":
		type row struct {
			Name   string `json:"name"`
			Amount int64  `json:"amount,omitempty"`
			Ends   string `json:"ends"`
			What   string `json:"what"`
		}
		var rows []row
		for _, s := range g.opt.Scenarios {
			rows = append(rows, row{s.Name, s.Amount, s.Ends, s.What})
		}
		g.writeJSON(w, list(rows))
	case "POST /sandbox/scenario":
		g.setScenario(w, r)
	default:
		http.Error(w, "no such page", http.StatusNotFound)
	}
}

// list makes an empty list read [] instead of null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func (g *Gateway) writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		g.opt.Log.Warn("a sandbox page was not sent whole", "error", err)
	}
}

func (g *Gateway) setScenario(w http.ResponseWriter, r *http.Request) {
	// A page in a browser cannot send this type without being asked first.
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		http.Error(w, "Content-Type must be application/json", http.StatusUnsupportedMediaType)
		return
	}
	var in struct {
		MerchantTransID offline.MerchantTransID `json:"merchantTransId"`
		Next            bool                    `json:"next"`
		Scenario        string                  `json:"scenario"`
	}
	dec := json.NewDecoder(io.LimitReader(r.Body, 4<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		http.Error(w, "the body must be {\"merchantTransId\" or \"next\", \"scenario\"}: "+err.Error(), http.StatusBadRequest)
		return
	}
	if in.Next == (in.MerchantTransID != "") {
		http.Error(w, "give either merchantTransId or next: true", http.StatusBadRequest)
		return
	}
	s, ok := byName(g.opt.Scenarios, in.Scenario)
	if !ok {
		http.Error(w, "no scenario "+in.Scenario+"; GET /sandbox/scenarios lists them", http.StatusNotFound)
		return
	}
	id := in.MerchantTransID
	if in.Next {
		id = Next
	}
	g.Script(id, s)
	w.WriteHeader(http.StatusNoContent)
}
