package alipay

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"posagent/offline"
)

var update = flag.Bool("update", false, "write the golden messages anew")

var goldenProfiles = []struct {
	name     string
	version  Version
	signType SignType
}{
	{"2.0.4", Version204, RSA2},
	{"2.0.2", Version202, RSA2},
	{"2.0.0", Version200, RSA2},
	{"2.0.0-sha1", Version200, RSA1},
}

func TestGoldenMessagesAreSentByteForByte(t *testing.T) {
	for _, prof := range goldenProfiles {
		for _, ep := range Functions() {
			t.Run(prof.name+"/"+string(ep.Op), func(t *testing.T) {
				c := newClient(t, func(cfg *Config) { cfg.Version, cfg.SignType = prof.version, prof.signType })
				req := request(t, ep.Op)
				if ep.Op == offline.OpCancel {
					req.AcquirementID = testAcqID // as after a query that saw the trade
				}
				got := mustPrepare(t, c, req).wire
				file := filepath.Join("testdata", "golden", string(ep.Op)+"-"+prof.name+".json")
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				var env struct {
					Request   json.RawMessage
					Signature string
				}
				if err := json.Unmarshal(got, &env); err != nil {
					t.Fatal(err)
				}
				if err := verify(&testKey(t, "merchant").PublicKey, prof.signType, env.Request, env.Signature); err != nil {
					t.Errorf("the signature does not cover the bytes of request as sent: %v", err)
				}
			})
		}
	}
}

// TestBodiesHoldWhatTheFieldTablesName reads the messages with a parser of its
// own and compares every field with the table of its operation.
func TestBodiesHoldWhatTheFieldTablesName(t *testing.T) {
	amount := map[string]any{"currency": "HKD", "value": "12850"}
	for _, tc := range []struct {
		op      offline.Op
		version Version
		want    map[string]any
	}{
		{offline.OpPay, Version204, map[string]any{
			"merchantId": testMerchantID, "productCode": "OFFLINE_PAY", "merchantTransId": testTransID,
			"codeType": "BARCODE", "identityCode": testCode,
			"order": map[string]any{
				"orderAmount": amount, "orderTitle": "Receipt 1001",
				"seller": map[string]any{"storeId": "S01", "storeName": "Fish & Chips <Sunrise>", "sellerMCC": "5411"},
			},
		}},
		{offline.OpQuery, Version202, map[string]any{"partnerId": testMerchantID, "merchantTransId": testTransID}},
		{offline.OpCancel, Version200, map[string]any{"merchantId": testMerchantID, "merchantTransId": testTransID}},
		{offline.OpRefund, Version204, map[string]any{
			"merchantId": testMerchantID, "acquirementId": testAcqID, "merchantRefundId": "R-1001-1",
			"refundAmount": map[string]any{"currency": "HKD", "value": "2000"}, "refundReason": "broken jar",
		}},
	} {
		t.Run(string(tc.op), func(t *testing.T) {
			c := newClient(t, func(cfg *Config) { cfg.Version = tc.version })
			var msg struct {
				Request struct {
					Head map[string]any
					Body map[string]any
				}
			}
			if err := json.Unmarshal(mustPrepare(t, c, request(t, tc.op)).wire, &msg); err != nil {
				t.Fatal(err)
			}
			got, _ := json.Marshal(msg.Request.Body)
			want, _ := json.Marshal(tc.want)
			if !bytes.Equal(got, want) {
				t.Errorf("body\ngot  %s\nwant %s", got, want)
			}
			head := msg.Request.Head
			if _, there := head["signType"]; there == (tc.version == Version200) {
				t.Errorf("version %s: signType in head: %v", tc.version, there)
			}
			if head["reqTime"] != "2026-11-21T09:30:00+08:00" || head["reqMsgId"] != testReqMsgID ||
				head["clientId"] != testClientID || head["version"] != string(tc.version) {
				t.Errorf("head %v", head)
			}
		})
	}
}

func TestOrderTitleIsTheStoresNameWhereNoneIsGiven(t *testing.T) {
	c := newClient(t, nil)
	req := request(t, offline.OpPay)
	req.OrderTitle = ""
	if wire := mustPrepare(t, c, req).wire; !bytes.Contains(wire, []byte(`"orderTitle":"Fish & Chips <Sunrise>"`)) {
		t.Errorf("%s", wire)
	}
}
