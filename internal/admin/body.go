package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"posagent/internal/admin/wire"
)

func invalid(field, detail string) *wire.Problem {
	p := wire.NewProblem(wire.CodeInvalidRequest, detail, "")
	p.Field = field
	return p
}

// readBody reads a JSON body of at most 64 KiB, in bounded time; none is nil.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *wire.Problem) {
	// A connection that knows no deadlines, as in tests, goes without.
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, tooLarge()
		}
		return nil, invalid("", "The body could not be read to its end.")
	}
	if len(body) == 0 {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, wire.NewProblem(wire.CodeUnsupportedMedia, "The body must be application/json.", `Send "Content-Type: application/json".`)
	}
	return body, nil
}

// read reads a body into a struct; what the struct does not have is refused.
func (c *call) read(into any) *wire.Problem {
	body, p := readBody(c.w, c.r)
	if p != nil || body == nil {
		return p
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return invalid("", "The body is not what this call takes: "+err.Error()+".")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return invalid("", "The body is followed by something else.")
	}
	return nil
}

// query reads the parameters of a request; unknown ones are refused.
func (c *call) query(known ...string) (url.Values, *wire.Problem) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, invalid("", "The query of the address is malformed.")
	}
	for name, list := range values {
		if !slices.Contains(known, name) || len(list) > 1 {
			return nil, invalid("", "The parameters of this call are "+strings.Join(known, ", ")+", once each.")
		}
	}
	return values, nil
}

// duration reads a duration such as "30s"; "" is absent.
func duration(field, text string, absent, most time.Duration) (time.Duration, *wire.Problem) {
	if text == "" {
		return absent, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > most {
		return 0, invalid(field, field+` must be a duration such as "30s", at most `+most.String()+".")
	}
	return d, nil
}
