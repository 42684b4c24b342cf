package sandbox

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/offline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testClient   = "211020000000000000044"
	testMerchant = "218820000000000000023"
	testCode     = "280012345678901234"
)

// Keys take long to make, so all tests share these two pairs.
var terminalKey, alipayKey = newKey(), newKey()

func newKey() func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		return key
	})
}

// newGateway makes a gateway; change may alter its options.
func newGateway(t testing.TB, change ...func(*Options)) *Gateway {
	t.Helper()
	opt := Options{
		ClientID: testClient, MerchantID: testMerchant,
		MerchantPublicKey: &terminalKey().PublicKey, AlipayPrivateKey: alipayKey(),
	}
	for _, c := range change {
		c(&opt)
	}
	g, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// wallet is a small terminal of its own, written from the published pages, that
// knows nothing of the code under test but its paths.
type wallet struct {
	t    testing.TB
	rt   http.RoundTripper
	base string
	now  func() time.Time

	mu sync.Mutex
	n  int
}

func newWallet(t testing.TB, g *Gateway) *wallet {
	link := Transport(g)
	t.Cleanup(link.Wait)
	return &wallet{t: t, rt: link, base: "http://gateway.test", now: time.Now}
}

// object is a JSON object; its keys are written in sorted order.
type object map[string]any

func (w *wallet) head(function string) object {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	return object{
		"version": "2.0.4", "function": "alipay.intl.acquiring." + function, "clientId": testClient,
		"reqTime": w.now().Format("2006-01-02T15:04:05-07:00"), "reqMsgId": fmt.Sprintf("msg-%d", w.n), "signType": "RSA2",
	}
}

func payBody(id, code string, value int64) object {
	return object{
		"merchantId": testMerchant, "productCode": "OFFLINE_PAY", "merchantTransId": id, "codeType": "BARCODE", "identityCode": code,
		"order": object{
			"orderAmount": object{"currency": "HKD", "value": fmt.Sprint(value)}, "orderTitle": "Shop 01",
			"seller": object{"sellerId": "s1", "sellerName": "Shop", "storeId": "01", "storeName": "Main", "sellerMCC": "5411"},
		},
	}
}

func signed(raw string) string { return signedWith(terminalKey(), crypto.SHA256, raw) }

func signedWith(key *rsa.PrivateKey, kind crypto.Hash, raw string) string {
	var sum []byte
	if kind == crypto.SHA1 {
		s := sha1.Sum([]byte(raw))
		sum = s[:]
	} else {
		s := sha256.Sum256([]byte(raw))
		sum = s[:]
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, kind, sum)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

func jsonText(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func sealed(head, body object) string {
	raw := jsonText(object{"head": head, "body": body})
	return `{"request":` + raw + `,"signature":"` + signed(raw) + `"}`
}

// told is what an answer says, once it is proven to be the gateway's.
type told struct {
	Head struct {
		Version, Function, ClientID, RespTime, ReqMsgID string
	}
	Body struct {
		ResultInfo struct {
			ResultStatus, ResultCodeID, ResultCode, ResultMsg string
		}
		MerchantID, PartnerID, MerchantTransID, AcquirementID, AcquirementStatus string
		OrderAmount, PayAmount, RefundAmount                                     *offline.Money
		PaymentTime, Action, MerchantRefundID, RefundID, RefundTime              string
	}
}

// result is "S SUCCESS" and the like.
func (a told) result() string {
	return a.Body.ResultInfo.ResultStatus + " " + a.Body.ResultInfo.ResultCode
}

var errUnproven = errors.New("the answer is not proven to be the gateway's")

// believe checks the exact bytes, as the published pages tell to.
func believe(text []byte, kind crypto.Hash) (told, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil || len(top) != 2 {
		return told{}, fmt.Errorf("%w: top level %v, %w", errUnproven, slices.Collect(maps.Keys(top)), err)
	}
	var signature string
	if err := json.Unmarshal(top["signature"], &signature); err != nil {
		return told{}, errors.Join(errUnproven, err)
	}
	if strings.Count(string(text), `"response"`) != 1 {
		return told{}, fmt.Errorf("%w: response comes more than once", errUnproven)
	}
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return told{}, errors.Join(errUnproven, err)
	}
	sum := sha256.Sum256(top["response"])
	digest := sum[:]
	if kind == crypto.SHA1 {
		old := sha1.Sum(top["response"])
		digest = old[:]
	}
	if err := rsa.VerifyPKCS1v15(&alipayKey().PublicKey, kind, digest, sig); err != nil {
		return told{}, errors.Join(errUnproven, err)
	}
	var a told
	return a, json.Unmarshal(top["response"], &a)
}

// post sends text and returns the raw answer.
func (w *wallet) post(ctx context.Context, path, text string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+path, strings.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	return w.do(req)
}

func (w *wallet) do(req *http.Request) (*http.Response, []byte, error) {
	resp, err := w.rt.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	_, err = io.Copy(&out, resp.Body)
	return resp, out.Bytes(), errors.Join(err, resp.Body.Close())
}

const apiRoot = "/api/alipay/intl/acquiring/"

var paths = map[string]string{
	"offline.pay": apiRoot + "offline/pay.htm", "offline.payQuery": apiRoot + "offline/payquery.htm",
	"common.payCancel": apiRoot + "common/paycancel.htm", "common.refund": apiRoot + "common/grefund.htm",
}

// try sends one message and returns what a careful terminal can believe.
func (w *wallet) try(ctx context.Context, function string, body object) (told, error) {
	head := w.head(function)
	resp, text, err := w.post(ctx, paths[function], sealed(head, body))
	if err != nil {
		return told{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return told{}, fmt.Errorf("%w: HTTP %d", errUnproven, resp.StatusCode)
	}
	a, err := believe(text, crypto.SHA256)
	if err != nil {
		return told{}, err
	}
	if len(text) > 1<<20 || bytes.Count(text, []byte(`"resultStatus"`)) != 1 {
		return told{}, fmt.Errorf("%w: too long, or its result stands in it more than once", errUnproven)
	}
	if a.Head.Function != head["function"] || a.Head.ReqMsgID != head["reqMsgId"] {
		return a, fmt.Errorf("%w: it answers %s %s", errUnproven, a.Head.Function, a.Head.ReqMsgID)
	}
	return a, nil
}

// ask is try where an answer must come.
func (w *wallet) ask(function string, body object) told {
	w.t.Helper()
	a, err := w.try(w.t.Context(), function, body)
	if err != nil {
		w.t.Fatalf("%s: %v", function, err)
	}
	return a
}

func (w *wallet) pay(id, code string, value int64) told {
	w.t.Helper()
	return w.ask("offline.pay", payBody(id, code, value))
}

func byID(id string) object { return object{"merchantId": testMerchant, "merchantTransId": id} }

func (w *wallet) query(id string) told {
	w.t.Helper()
	return w.ask("offline.payQuery", byID(id))
}

func (w *wallet) cancel(id string) told {
	w.t.Helper()
	return w.ask("common.payCancel", byID(id))
}

func refundBody(acquirement, refund string, value int64) object {
	return object{
		"merchantId": testMerchant, "acquirementId": acquirement, "merchantRefundId": refund,
		"refundAmount": object{"currency": "HKD", "value": fmt.Sprint(value)}, "refundReason": "returned goods",
	}
}

func (w *wallet) refund(acquirement, refund string, value int64) told {
	w.t.Helper()
	return w.ask("common.refund", refundBody(acquirement, refund, value))
}

func wantResult(t testing.TB, a told, want string) {
	t.Helper()
	if a.result() != want {
		t.Fatalf("answer is %q (%s), want %q", a.result(), a.Body.ResultInfo.ResultMsg, want)
	}
}

func wantBalance(t testing.TB, g *Gateway, id string, want int64) {
	t.Helper()
	if got := g.Ledger().Balance(offline.MerchantTransID(id)); got.Value != want {
		t.Fatalf("%s is out of pocket by %d, want %d", id, got.Value, want)
	}
	if faults := g.Ledger().Audit(); len(faults) > 0 {
		t.Fatalf("audit: %v", faults)
	}
}

// codeFor makes a different payment code for every n.
func codeFor(n int) string { return fmt.Sprintf("28%016d", n) }

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
