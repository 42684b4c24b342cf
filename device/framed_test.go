package device

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
)

// framedDriver opens ports that have a framing of their own.
type framedDriver struct{ *fakeDriver }

type framedPort struct{ *fakePort }

func (d framedDriver) Open(loc Location) (Port, error) {
	if _, err := d.fakeDriver.Open(loc); err != nil {
		return nil, err
	}
	return framedPort{d.port}, nil
}

func (framedPort) Framing(configured decode.Framing) decode.Framing {
	configured.Suffix, configured.IdleGap = decode.SuffixNone, time.Hour
	return configured
}

func TestAPortThatMarksTheEndsOfLabelsDecidesWhereTheyAre(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		m, err := New(Options{Scanners: []Scanner{{Name: "lane", Driver: framedDriver{d}, Framing: decode.Framing{Prefix: "#", Suffix: decode.SuffixCR}}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		synctest.Wait()
		c, err := m.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan Scan, 1)
		go func() {
			s, err := c.Next(t.Context())
			if err != nil {
				t.Error(err)
			}
			got <- s
		}()
		synctest.Wait()
		d.send("#first line\rsecond")
		pass(time.Minute)
		d.give(input{chunk: Chunk{Data: []byte(" line"), End: true}})
		if s := <-got; s.Text.Reveal() != "first line\rsecond line" {
			t.Errorf("scan %q", s.Text.Reveal())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
