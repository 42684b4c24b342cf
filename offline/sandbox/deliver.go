package sandbox

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"
)

// resetter is a response writer that can break its own connection, as the
// in-process transport's can.
type resetter interface {
	accept()
	reset(early bool)
}

const proxyPage = "<!DOCTYPE html><html><head><title>Please sign in</title></head><body><h1>Network access</h1></body></html>\n"

// finish waits as the scenario says and lets the answer go.
func (g *Gateway) finish(w http.ResponseWriter, r *http.Request, rep reply) {
	if rep.delay > 0 {
		if err := g.opt.Sleep(r.Context(), rep.delay); err != nil {
			g.opt.Log.Info("the terminal did not wait for its answer", "merchantTransId", rep.call.MerchantTransID, "op", rep.call.Op)
			panic(http.ErrAbortHandler)
		}
	}
	if rep.afresh != nil {
		rep.body = rep.afresh()
		g.mu.Lock()
		g.calls[rep.call.N-1].Answer = rep.body.Result
		g.mu.Unlock()
	}
	if g.withoutAnswer(w, r, rep.fault) {
		return
	}
	out, err := g.response(rep)
	if err != nil {
		g.opt.Log.Error("no answer could be made", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	send(w, r, rep.fault, out, g.opt.Sleep)
}

// withoutAnswer handles the faults that leave nothing of the answer.
func (g *Gateway) withoutAnswer(w http.ResponseWriter, r *http.Request, fault Fault) bool {
	switch fault {
	case FaultSilent:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case FaultDrop:
		panic(http.ErrAbortHandler)
	case FaultReset, FaultResetEarly:
		resetConnection(w, fault == FaultResetEarly)
	case FaultHTTP500:
		http.Error(w, `{"error":"internal"}`, http.StatusInternalServerError)
	case FaultBadGateway:
		page(w, http.StatusBadGateway)
	case FaultProxyPage:
		page(w, http.StatusOK)
	case FaultRedirect:
		// 307 keeps method and body: a client that follows sends the
		// payment code to a stranger, or pays twice.
		w.Header().Set("Location", "http://192.0.2.1"+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case FaultEmpty:
		w.WriteHeader(http.StatusOK)
	default:
		return false
	}
	return true
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(proxyPage)) // the terminal may be gone
}

// resetConnection makes the peer see "connection reset" instead of an orderly
// end. Where that is impossible (HTTP/2) the stream is aborted.
func resetConnection(w http.ResponseWriter, early bool) {
	if rs, ok := w.(resetter); ok {
		rs.reset(early)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	inner := conn
	if t, ok := conn.(*tls.Conn); ok {
		inner = t.NetConn()
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the close is orderly, which is survivable
	}
	_ = inner.Close() // nobody is left to tell
}

// send writes the answer, whole or with a fault of the line.
func send(w http.ResponseWriter, r *http.Request, fault Fault, out []byte, sleep sleeper) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	switch fault {
	case FaultCut:
		_, _ = w.Write(out[:len(out)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case FaultDrip:
		rc := http.NewResponseController(w)
		for i := range out {
			if sleep(r.Context(), dripInterval) != nil {
				panic(http.ErrAbortHandler)
			}
			_, werr := w.Write(out[i : i+1])
			if ferr := rc.Flush(); werr != nil || ferr != nil {
				panic(http.ErrAbortHandler)
			}
		}
	default:
		_, _ = w.Write(out) // the terminal may be gone; that is its own matter
	}
}

type sleeper = func(context.Context, time.Duration) error
