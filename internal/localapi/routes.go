package localapi

import (
	"net/http"
	"slices"
	"strings"

	"posagent/internal/localapi/wire"
)

// route is one call of the API.
type route struct {
	method, path string
	serve        http.HandlerFunc
}

// routes is the whole API; openapi.json describes the same.
func (s *Server) routes() []route {
	return []route{
		{http.MethodPost, "/v1/sales", s.openSale},
		{http.MethodGet, "/v1/sales", s.listSales},
		{http.MethodGet, "/v1/sales/{saleId}", s.getSale},
		{http.MethodPost, "/v1/sales/{saleId}/code", s.submitCode},
		{http.MethodPost, "/v1/sales/{saleId}/cancel", s.cancelSale},
		{http.MethodPost, "/v1/sales/{saleId}/recheck", s.recheckSale},
		{http.MethodPost, "/v1/sales/{saleId}/resolve", s.resolveSale},
		{http.MethodPost, "/v1/sales/{saleId}/refunds", s.openRefund},
		{http.MethodGet, "/v1/sales/{saleId}/refunds/{refundId}", s.getRefund},
		{http.MethodPost, "/v1/sales/{saleId}/refunds/{refundId}/resolve", s.resolveRefund},
		{http.MethodGet, "/v1/sales/{saleId}/receipt", s.getReceipt},
		{http.MethodGet, "/v1/shift", s.getShift},
		{http.MethodPost, "/v1/shift/close", s.closeShift},
		{http.MethodGet, "/v1/status", s.getStatus},
		{http.MethodGet, "/v1/events", s.streamEvents},
		{http.MethodGet, "/v1/journal", s.getJournal},
		{http.MethodGet, "/v1/openapi.json", s.getOpenAPI},
	}
}

// newMux routes by path first and by method then, so that a wrong path and a
// wrong method are told apart and both are answered as problems.
func (s *Server) newMux() *http.ServeMux {
	byPath := map[string][]route{}
	for _, r := range s.routes() {
		byPath[r.path] = append(byPath[r.path], r)
	}
	mux := http.NewServeMux()
	for path, routes := range byPath {
		methods := make([]string, 0, len(routes)+1)
		for _, r := range routes {
			methods = append(methods, r.method)
		}
		if slices.Contains(methods, http.MethodGet) {
			methods = append(methods, http.MethodHead)
		}
		slices.Sort(methods)
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			for _, route := range routes {
				// net/http leaves the body out of an answer to HEAD.
				if r.Method == route.method || r.Method == http.MethodHead && route.method == http.MethodGet {
					route.serve(w, r)
					return
				}
			}
			w.Header().Set("Allow", strings.Join(methods, ", "))
			s.problem(w, wire.NewProblem(wire.CodeMethodNotAllowed, "This path takes "+strings.Join(methods, ", ")+".", ""))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.problem(w, notFound()) })
	return mux
}
