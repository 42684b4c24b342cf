package alipay

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/offline"
)

func send(t testing.TB, c *Client, req offline.Request) offline.Outcome {
	t.Helper()
	call, err := c.Prepare(req)
	if err != nil {
		t.Fatal(err)
	}
	return call.Send(t.Context())
}

func TestEachOperationIsAnsweredOverTLSOnOneConnection(t *testing.T) {
	g := newGateway(t, true, nil)
	c := g.client(nil)
	for i, ep := range Functions() {
		req := request(t, ep.Op)
		req.ReqMsgID = offline.ReqMsgID(fmt.Sprintf("message-%d", i))
		got := send(t, c, req)
		want := offline.Success
		if ep.Op == offline.OpQuery {
			want = offline.InProcess // S says that the query worked
		}
		if got.Kind != want || g.times(req.ReqMsgID) != 1 {
			t.Errorf("%s: %+v, seen %d times", ep.Op, got, g.times(req.ReqMsgID))
		}
	}
	if n := g.connections(); n != 1 {
		t.Errorf("%d connections for one message after the other", n)
	}
	if expiry, ok := c.CertExpiry(); !ok || !expiry.Equal(g.Certificate().NotAfter) {
		t.Errorf("certificate expires %v, %v", expiry, ok)
	}
}

func TestMessagesAtOnceDoNotMixUp(t *testing.T) {
	g := newGateway(t, true, func(w http.ResponseWriter, _ *http.Request, req heard) {})
	g.answer = func(w http.ResponseWriter, _ *http.Request, req heard) {
		g.reply(w, req, result("S", "SUCCESS", `"acquirementId":"acq-`+req.Head.ReqMsgID+`"`))
	}
	c := g.client(nil)
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			req := request(t, offline.OpPay)
			req.ReqMsgID = offline.ReqMsgID(fmt.Sprintf("message-%d", i))
			call, err := c.Prepare(req)
			if err != nil {
				t.Error(err)
				return
			}
			if got := call.Send(t.Context()); got.Kind != offline.Success || got.AcquirementID != offline.AcquirementID("acq-"+req.ReqMsgID) {
				t.Errorf("%s: %+v", req.ReqMsgID, got)
			}
		})
	}
	wait.Wait()
}

func TestACallIsSentOnlyOnce(t *testing.T) {
	g := newGateway(t, false, nil)
	call, err := g.client(nil).Prepare(request(t, offline.OpPay))
	if err != nil {
		t.Fatal(err)
	}
	first, second := call.Send(t.Context()), call.Send(t.Context())
	if first.Kind != offline.Success || second.Kind != offline.NoAnswer || g.times(testReqMsgID) != 1 {
		t.Errorf("first %+v, second %+v, seen %d times", first, second, g.times(testReqMsgID))
	}
}

// TestAnswersThatProveNothing: whatever is not a verified answer to this very
// message says nothing about the money, however paid it looks.
func TestAnswersThatProveNothing(t *testing.T) {
	c := newClient(t, nil)
	req := request(t, offline.OpPay)
	paid := responseTo(c, req, result("S", "SUCCESS", sameTrade, sameAmount))
	good := string(signed(t, RSA2, paid))
	_, signature, _ := strings.Cut(good, `"signature":`)
	otherSig, err := sign(testKey(t, "other"), RSA2, []byte(paid))
	if err != nil {
		t.Fatal(err)
	}
	twice := func(old, replacement string) string {
		return string(signed(t, RSA2, strings.Replace(paid, old, replacement, 1)))
	}
	for _, tc := range []struct{ name, text, detail string }{
		{"empty", "", "ends too early"},
		{"a page", "<html>Welcome to our free network</html>", "not valid JSON"},
		{"cut in the middle", good[:len(good)/2], "ends too early"},
		{"cut before the last bracket", good[:len(good)-1], "ends too early"},
		{"rubbish behind", good + "\n<!-- cached -->", "bytes follow"},
		{"unsigned", `{"response":` + paid + `}`, "not signed"},
		{"unsigned error", `{"response":` + responseTo(c, req, result("F", "INVALID_SIGNATURE")) + `}`, "INVALID_SIGNATURE (unproven)"},
		{"one byte changed", strings.Replace(good, "12850", "12851", 1), "does not verify"},
		{"white space changed", strings.Replace(good, `"body":`, `"body": `, 1), "does not verify"},
		{"signature of another key", `{"response":` + paid + `,"signature":"` + otherSig + `"}`, "does not verify"},
		{"signature in base64 twice", `{"response":` + paid + `,"signature":"` + base64.StdEncoding.EncodeToString([]byte(otherSig)) + `"}`, "does not verify"},
		{"signature not base64", `{"response":` + paid + `,"signature":"***"}`, "not base64"},
		{"signature of SHA-1", string(signed(t, RSA1, paid)), "does not verify"},
		{"a second response in front", `{"response":` + strings.Replace(paid, `"S"`, `"F"`, 1) + `,"response":` + paid + `,"signature":` + signature, "two keys"},
		{"a second Response behind", `{"response":` + paid + `,"Response":{},"signature":` + signature, "beside"},
		{"other reqMsgId", twice(testReqMsgID, "ffffffff"), `answers reqMsgId "ffffffff"`},
		{"no reqMsgId", twice(`"reqMsgId":"`+testReqMsgID+`"`, `"x":0`), `reqMsgId ""`},
		{"other function", twice("offline.pay", "offline.payQuery"), "its function"},
		{"other client", twice(testClientID, "1"), `for clientId "1"`},
		{"no resultInfo", string(signed(t, RSA2, responseTo(c, req, `{}`))), "no resultInfo"},
		{"no body", string(signed(t, RSA2, `{"head":{}}`)), "no resultInfo"},
		{"resultInfo is text", string(signed(t, RSA2, responseTo(c, req, `{"resultInfo":"S"}`))), "not an object"},
		{"body is null", string(signed(t, RSA2, responseTo(c, req, `null`))), "not an object"},
		{"two resultStatus", twice(`"resultStatus":"S"`, `"resultStatus":"F","resultStatus":"S"`), "two fields resultstatus"},
		{"a resultStatus in capitals", twice(`"resultStatus":"S"`, `"resultStatus":"S","RESULTSTATUS":"F"`), "two fields resultstatus"},
		{"two bodies", twice(`"body":`, `"body":{},"body":`), "two fields body"},
		{"two reqMsgId", twice(`"reqMsgId":`, `"reqMsgId":"x","reqMsgId":`), "two fields reqmsgid"},
		{"two amounts", twice(`"orderAmount":`, `"orderAmount":{"currency":"HKD","value":"1"},"orderAmount":`), "two fields orderamount"},
		{"two values in the amount", twice(`"value":"12850"`, `"value":"1","value":"12850"`), "two fields value"},
		{"an escaped second key", twice(`"merchantTransId":`, `"merchantTrans\u0049d":"x","merchantTransId":`), "two fields merchanttransid"},
		{"acquirementId is an object", twice(`"acquirementId":"`+testAcqID+`"`, `"acquirementId":{}`), "neither text nor number"},
		{"the request itself", string(mustPrepare(t, c, req).wire), "beside"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := judgeRaw(t, c, req, []byte(tc.text))
			detail := got.Detail
			got.Detail = ""
			if got != (offline.Outcome{Kind: offline.NoAnswer}) || !strings.Contains(detail, tc.detail) {
				t.Errorf("got %+v, detail %q", got, detail)
			}
			if strings.Contains(detail, testCode) || len(detail) > maxDetail {
				t.Errorf("detail %q", detail)
			}
		})
	}
	if got := judgeRaw(t, c, req, []byte(good)); got.Kind != offline.Success {
		t.Fatalf("the answer that all of these were made of: %+v", got)
	}
}

func TestVerifiedAnswersMayBeLaidOutFreely(t *testing.T) {
	c := newClient(t, nil)
	req := request(t, offline.OpPay)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(responseTo(c, req, result("S", "SUCCESS", sameTrade, sameAmount))), "\t", "  "); err != nil {
		t.Fatal(err)
	}
	text := string(signed(t, RSA2, pretty.String()))
	text = strings.ReplaceAll(text, `"signature":"`, " \r\n\"signature\"\t: \"")
	text = "\n " + strings.Replace(text, `/`, `\/`, -1) + "\n"
	if strings.Contains(pretty.String(), "/") {
		t.Fatal("the escaped slashes must be the signature's alone")
	}
	if got := judgeRaw(t, c, req, []byte(text)); got.Kind != offline.Success {
		t.Errorf("%+v", got)
	}
}

func TestSHA1IsVerifiedWithTheOldProfileOnly(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.Version, cfg.SignType = Version200, RSA1 })
	req := request(t, offline.OpPay)
	response := responseTo(c, req, result("S", "SUCCESS"))
	if got := judgeRaw(t, c, req, signed(t, RSA1, response)); got.Kind != offline.Success {
		t.Errorf("SHA-1: %+v", got)
	}
	if got := judgeRaw(t, c, req, signed(t, RSA2, response)); got.Kind != offline.NoAnswer {
		t.Errorf("SHA-256: %+v", got)
	}
}

// TestHTTPAnswersThatAreNoAnswer: the status counts before the content.
func TestHTTPAnswersThatAreNoAnswer(t *testing.T) {
	var g *gateway
	paid := func(w http.ResponseWriter, req heard) { g.reply(w, req, result("S", "SUCCESS")) }
	for _, tc := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request, heard)
		detail string
	}{
		{"signed success with status 500", func(w http.ResponseWriter, _ *http.Request, req heard) {
			w.WriteHeader(http.StatusInternalServerError)
			paid(w, req)
		}, "HTTP status 500"},
		{"signed success with status 201", func(w http.ResponseWriter, _ *http.Request, req heard) {
			w.WriteHeader(http.StatusCreated)
			paid(w, req)
		}, "HTTP status 201"},
		{"no content", func(w http.ResponseWriter, _ *http.Request, _ heard) { w.WriteHeader(http.StatusNoContent) }, "HTTP status 204"},
		{"redirect", func(w http.ResponseWriter, r *http.Request, _ heard) {
			http.Redirect(w, r, "https://portal.example/login?code=1", http.StatusTemporaryRedirect)
		}, "redirect to portal.example was not followed"},
		{"proxy page", func(w http.ResponseWriter, _ *http.Request, _ heard) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, "<html>Sign in</html>")
		}, "came as text/html"},
		{"empty", func(http.ResponseWriter, *http.Request, heard) {}, "ends too early"},
		{"longer than 1 MiB", func(w http.ResponseWriter, _ *http.Request, req heard) {
			g.reply(w, req, result("S", "SUCCESS", `"pad":"`+strings.Repeat("x", maxAnswer)+`"`))
		}, "longer than"},
		{"shorter than announced", func(w http.ResponseWriter, _ *http.Request, _ heard) {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"response":{`)
		}, "broke off after 13 bytes"},
		{"broken off", func(w http.ResponseWriter, _ *http.Request, _ heard) {
			_, _ = io.WriteString(w, `{"response":{`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "broke off"},
		{"no answer at all", func(http.ResponseWriter, *http.Request, heard) { panic(http.ErrAbortHandler) }, "connection broke"},
		{"header without end", func(w http.ResponseWriter, _ *http.Request, req heard) {
			w.Header().Set("X-Long", strings.Repeat("x", 100<<10))
			paid(w, req)
		}, "headers exceeded"},
		{"compressed though nobody asked", func(w http.ResponseWriter, r *http.Request, _ heard) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Error("compression was asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{}`)
			_ = z.Close()
		}, "not valid JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g = newGateway(t, true, tc.answer)
			got := send(t, g.client(nil), request(t, offline.OpPay))
			if got.Kind != offline.NoAnswer || got.ResultStatus != "" || !strings.Contains(got.Detail, tc.detail) {
				t.Errorf("%+v", got)
			}
			if n := g.times(testReqMsgID); n != 1 {
				t.Errorf("the gateway saw the message %d times", n)
			}
		})
	}
}

func TestTheLargestAnswerIsRead(t *testing.T) {
	var g *gateway
	g = newGateway(t, false, func(w http.ResponseWriter, _ *http.Request, req heard) {
		g.reply(w, req, result("S", "SUCCESS", `"pad":"`+strings.Repeat("x", maxAnswer-2000)+`"`))
	})
	if got := send(t, g.client(nil), request(t, offline.OpPay)); got.Kind != offline.Success {
		t.Errorf("%+v", got)
	}
}

func TestAnAnswerThatDripsIsGivenUpInTime(t *testing.T) {
	stop := make(chan struct{})
	g := newGateway(t, true, func(w http.ResponseWriter, _ *http.Request, _ heard) {
		control := http.NewResponseController(w)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			if _, err := io.WriteString(w, " "); err != nil || control.Flush() != nil {
				return
			}
		}
	})
	defer close(stop)
	c := g.client(func(cfg *Config) { cfg.Timeout = 300 * time.Millisecond })
	if got := send(t, c, request(t, offline.OpPay)); got.Kind != offline.NoAnswer || !strings.Contains(got.Detail, "in time") {
		t.Errorf("%+v", got)
	}
}

func TestSilenceIsNoAnswer(t *testing.T) {
	heardIt := make(chan struct{})
	g := newGateway(t, true, func(_ http.ResponseWriter, r *http.Request, _ heard) {
		close(heardIt)
		<-r.Context().Done()
	})
	call, err := g.client(nil).Prepare(request(t, offline.OpPay))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-heardIt; cancel() }()
	if got := call.Send(ctx); got.Kind != offline.NoAnswer || !strings.Contains(got.Detail, "given up while waiting") {
		t.Errorf("%+v", got)
	}
}

func TestUnknownTradeStatusIsLoggedOnceAWord(t *testing.T) {
	var log bytes.Buffer
	c := newClient(t, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	for _, word := range []string{"ODD", "odd", "STRANGE", "ODD", "PENDING", "CLOSED"} {
		judge(t, c, request(t, offline.OpQuery), result("S", "SUCCESS", `"acquirementStatus":"`+word+`"`))
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 2 || !strings.Contains(log.String(), "trade_status=STRANGE") {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
	for i := range 100 {
		judge(t, c, request(t, offline.OpQuery), result("S", "SUCCESS", fmt.Sprintf(`"acquirementStatus":"W%d"`, i)))
	}
	if n := strings.Count(log.String(), "level=WARN"); n != maxWords {
		t.Errorf("%d warnings for a gateway that invents words", n)
	}
}

func TestPreparedMessagePrintsNoPaymentCode(t *testing.T) {
	m := mustPrepare(t, newClient(t, nil), request(t, offline.OpPay))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("call", "call", m)
	asJSON, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		fmt.Sprint(m), fmt.Sprintf("%v %+v %#v %s %q %x %d", m, m, m, m, m, m, m), log.String(), string(asJSON),
	} {
		if strings.Contains(s, testCode) || strings.Contains(s, fmt.Sprintf("%x", testCode)) || !strings.Contains(s, testReqMsgID) {
			t.Errorf("printed as %s", s)
		}
	}
}
