package offline_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"posagent/offline"
)

func TestParseSaleAndRefundID(t *testing.T) {
	for _, id := range []string{"R", "R-1001", "a.b_c-9", strings.Repeat("x", 64)} {
		if got, err := offline.ParseSaleID(id); err != nil || string(got) != id {
			t.Errorf("ParseSaleID(%q) = %q, %v", id, got, err)
		}
		if got, err := offline.ParseRefundID(id); err != nil || string(got) != id {
			t.Errorf("ParseRefundID(%q) = %q, %v", id, got, err)
		}
	}
	for _, id := range []string{"", strings.Repeat("x", 65), "a b", "a/b", "a%2Fb", "ä", "a\n", "a\x00", "../x:"} {
		if _, err := offline.ParseSaleID(id); !errors.Is(err, offline.ErrID) {
			t.Errorf("ParseSaleID(%q) = %v, want ErrID", id, err)
		}
		if _, err := offline.ParseRefundID(id); !errors.Is(err, offline.ErrID) {
			t.Errorf("ParseRefundID(%q) = %v, want ErrID", id, err)
		}
	}
}

func TestMerchantTransIDIsMadeOfPlaceBeijingTimeAndChance(t *testing.T) {
	// 20:30 UTC is already the next day in Beijing.
	at := time.Date(2026, 11, 20, 20, 30, 0, 0, time.UTC)
	m := offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: bytes.NewReader(make([]byte, 10))}
	got, err := m.MerchantTransID(at)
	if err != nil || got != "S01-T03-20261121T043000-AAAAAAAAAAAAAAAA" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestIDsFitTheWireWhateverThePlaceIsCalled(t *testing.T) {
	wire := regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	for _, place := range []string{"", "S01", "旺角店", "a.b/c d", strings.Repeat("S", 200), strings.Repeat("é", 40), "x\x00y"} {
		m := offline.Minter{StoreID: place, TerminalID: place, Rand: rand.Reader}
		id, err := m.MerchantTransID(noon)
		if err != nil || !wire.MatchString(string(id)) {
			t.Errorf("%q: %q, %v", place, id, err)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	m := offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: rand.Reader}
	seen := map[string]bool{}
	for range 2000 {
		trans, err1 := m.MerchantTransID(noon)
		msg, err2 := m.ReqMsgID()
		boot, err3 := m.BootID()
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{string(trans), string(msg), string(boot)} {
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
	}
}

func TestNoIDWithoutRandomness(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"none": iotest.ErrReader(errors.New("no entropy")), "too little": bytes.NewReader([]byte{1, 2, 3}),
	} {
		m := offline.Minter{StoreID: "S01", TerminalID: "T03", Rand: r}
		if id, err := m.MerchantTransID(noon); err == nil || id != "" {
			t.Errorf("%s: merchantTransId %q, %v", name, id, err)
		}
		if id, err := m.ReqMsgID(); err == nil || id != "" {
			t.Errorf("%s: reqMsgId %q, %v", name, id, err)
		}
		if id, err := m.BootID(); err == nil || id != "" {
			t.Errorf("%s: run %q, %v", name, id, err)
		}
	}
}
