package localapi

import (
	_ "embed"
	"net/http"
)

// description is the OpenAPI 3.1 document of the API.
//
//go:embed openapi.json
var description []byte

// Description is the OpenAPI 3.1 document of the API, as it is served.
func Description() []byte { return append([]byte(nil), description...) }

// getOpenAPI is GET /v1/openapi.json.
func (s *Server) getOpenAPI(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(description); err != nil {
		s.log.Debug("a client of the local API left before its answer", "error", err)
	}
}
