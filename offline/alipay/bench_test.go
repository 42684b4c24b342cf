package alipay

import (
	"testing"

	"posagent/offline"
)

// BenchmarkPrepare is the work beside the commit of the intent; nearly all of it
// is the signature.
func BenchmarkPrepare(b *testing.B) {
	c := newClient(b, nil)
	req := request(b, offline.OpPay)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.prepare(req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignAlone(b *testing.B) {
	c := newClient(b, nil)
	text := mustPrepare(b, c, request(b, offline.OpPay)).wire
	for b.Loop() {
		if _, err := sign(c.cfg.PrivateKey, RSA2, text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReceive is the work from the last byte read to the outcome.
func BenchmarkReceive(b *testing.B) {
	c := newClient(b, nil)
	req := request(b, offline.OpPay)
	m := mustPrepare(b, c, req)
	r := &reply{body: signed(b, RSA2, responseTo(c, req, result("S", "SUCCESS", sameTrade, sameAmount, paymentTime))), at: testNow}
	b.ReportAllocs()
	for b.Loop() {
		if m.receive(r, testNow).Kind != offline.Success {
			b.Fatal("not a success")
		}
	}
}

func BenchmarkVerifyAlone(b *testing.B) {
	c := newClient(b, nil)
	req := request(b, offline.OpPay)
	env, err := cutEnvelope(signed(b, RSA2, responseTo(c, req, result("S", "SUCCESS", sameTrade, sameAmount, paymentTime))))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if verify(c.cfg.AlipayPublicKey, RSA2, env.response, env.signature) != nil {
			b.Fatal("does not verify")
		}
	}
}

// BenchmarkExchange is a whole pay over TLS on a connection that stands ready,
// with a gateway in this process that verifies and signs: two RSA signatures.
func BenchmarkExchange(b *testing.B) {
	g := newGateway(b, true, nil)
	c := g.client(nil)
	req := request(b, offline.OpPay)
	for b.Loop() {
		if got := mustPrepare(b, c, req).Send(b.Context()); got.Kind != offline.Success {
			b.Fatal(got)
		}
	}
}
