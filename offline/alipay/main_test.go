package alipay

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/offline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The made-up account and payment of all tests.
const (
	testClientID   = "211020000000000000044"
	testMerchantID = "218820000000000000023"
	testTransID    = "S01-T03-20261121T093000-5XKQ2M7TJ4WZ3GAB"
	testReqMsgID   = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	testAcqID      = "2026112112007101547201355678"
	testCode       = "280012345678901234"
)

var testNow = time.Date(2026, 11, 21, 9, 30, 0, 0, time.FixedZone("", 8*60*60))

func testKey(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func testConfig(t testing.TB) Config {
	t.Helper()
	return Config{
		BaseURL:         "http://127.0.0.1:1/api/alipay/intl/acquiring/",
		Version:         Version204,
		SignType:        RSA2,
		ClientID:        testClientID,
		MerchantID:      testMerchantID,
		PrivateKey:      testKey(t, "merchant"),
		AlipayPublicKey: &testKey(t, "gateway").PublicKey,
		Store:           Store{StoreID: "S01", StoreName: "Fish & Chips <Sunrise>", MCC: "5411"},
		TerminalID:      "T03",
		Now:             func() time.Time { return testNow },
	}
}

func newClient(t testing.TB, change func(*Config)) *Client {
	t.Helper()
	cfg := testConfig(t)
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func paymentCode(t testing.TB) offline.IdentityCode {
	t.Helper()
	code, err := offline.ParseIdentityCode(testCode)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// request is a good request of each operation, for HKD 128.50.
func request(t testing.TB, op offline.Op) offline.Request {
	t.Helper()
	req := offline.Request{
		Op:              op,
		ReqMsgID:        testReqMsgID,
		MerchantTransID: testTransID,
		Amount:          offline.Money{Currency: "HKD", Value: 12850},
	}
	switch op {
	case offline.OpPay:
		req.Code, req.OrderTitle, req.First = paymentCode(t), "Receipt 1001", true
	case offline.OpRefund:
		req.AcquirementID, req.RefundID = testAcqID, "R-1001-1"
		req.RefundAmount, req.RefundReason = offline.Money{Currency: "HKD", Value: 2000}, "broken jar"
	case offline.OpQuery, offline.OpCancel:
	}
	return req
}

func mustPrepare(t testing.TB, c *Client, req offline.Request) *message {
	t.Helper()
	m, err := c.prepare(req)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// responseTo is the value of "response": the head that fits req, and this body.
func responseTo(c *Client, req offline.Request, body string) string {
	ep, _ := EndpointOf(req.Op)
	return fmt.Sprintf(`{"head":{"version":%q,"function":%q,"clientId":%q,"respTime":"2026-11-21T09:30:01+08:00","reqMsgId":%q},"body":%s}`,
		c.cfg.Version, ep.Function, c.cfg.ClientID, req.ReqMsgID, body)
}

// signed is a whole answer with the gateway's signature of exactly this text.
func signed(t testing.TB, st SignType, response string) []byte {
	t.Helper()
	sig, err := sign(testKey(t, "gateway"), st, []byte(response))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(`{"response":` + response + `,"signature":"` + sig + `"}`)
}

// judge is what the client makes of a signed answer with this body.
func judge(t testing.TB, c *Client, req offline.Request, body string) offline.Outcome {
	t.Helper()
	return judgeRaw(t, c, req, signed(t, c.cfg.SignType, responseTo(c, req, body)))
}

func judgeRaw(t testing.TB, c *Client, req offline.Request, text []byte) offline.Outcome {
	t.Helper()
	return mustPrepare(t, c, req).receive(&reply{body: text, at: testNow}, testNow)
}

// result is a body with this resultInfo and further fields.
func result(status, code string, fields ...string) string {
	info := fmt.Sprintf(`{"resultInfo":{"resultStatus":%q,"resultCodeId":"00000000","resultCode":%q,"resultMsg":"text"}`, status, code)
	return strings.Join(append([]string{info}, fields...), ",") + "}"
}

func quoteJSON(s string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.TrimSpace(out.String())
}
