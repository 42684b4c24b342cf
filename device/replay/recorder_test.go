package replay

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/device/aim"
	"posagent/device/decode"
)

func TestARecorderNotesWhatItsScannerSendsAndWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		played := Capture{
			{Op: OpBytes, Data: []byte("28123456")}, {After: 3 * time.Millisecond, Op: OpBytes, Data: []byte("7890123456"), End: true, AIM: aim.ID{Code: 'C', Modifier: '0'}},
			{After: 4 * time.Second, Op: OpBytes, Data: []byte("40"), Damaged: true},
			{After: time.Second, Op: OpUnplug}, {After: 2 * time.Second, Op: OpReplug},
			{After: 5 * time.Second, Op: OpBytes, Data: []byte("4006381333931\r")},
		}
		source := NewDriver("source", played)
		rec := Record(source)
		m, err := device.New(device.Options{Scanners: []device.Scanner{{Name: "lane", Driver: rec}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		for !source.Done() {
			pass(time.Second)
		}
		pass(time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		got := rec.Capture()
		if len(got) != len(played) {
			t.Fatalf("noted %+v", got)
		}
		for i, e := range got {
			want := played[i]
			if e.Op != want.Op || string(e.Data) != string(want.Data) || e.End != want.End || e.AIM != want.AIM || e.Damaged != want.Damaged {
				t.Errorf("event %d is %+v, want %+v", i, e, want)
			}
			// The manager finds a replugged scanner within a quarter of a second.
			if d := e.After - want.After; i > 0 && i < 4 && d != 0 || d.Abs() > 250*time.Millisecond {
				t.Errorf("event %d comes after %v, want %v", i, e.After, want.After)
			}
		}
		if rec.Full() || rec.Kind() != "replay" {
			t.Errorf("full %v, kind %s", rec.Full(), rec.Kind())
		}
	})
}

// flood is a scanner that never stops.
type flood struct{ *Driver }

func (f flood) Open(device.Location) (device.Port, error) { return f, nil }
func (flood) Read() (device.Chunk, error) {
	return device.Chunk{Data: bytes.Repeat([]byte("7"), 4096)}, nil
}
func (flood) Close() error { return nil }

func TestARecordingIsBounded(t *testing.T) {
	rec := Record(flood{NewDriver("x", nil)})
	p, err := rec.Open(device.Location{})
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if _, err := p.Read(); err != nil {
			t.Fatal(err)
		}
	}
	size := 0
	for _, e := range rec.Capture() {
		size += len(e.Data)
	}
	if !rec.Full() || size > recordMax || size < recordMax/2 {
		t.Errorf("full %v with %d bytes", rec.Full(), size)
	}
}

func TestARecordingIsReadAsItWasWritten(t *testing.T) {
	want := Recording{
		About:   []string{"Honeywell Voyager 0c2e:0b81", "two lines\nin one"},
		Framing: decode.Framing{Prefix: "\x02", Suffix: decode.SuffixCRLF, AIM: decode.AIMStrip, IdleGap: 300 * time.Millisecond},
		Labels:  []string{"payment_code 281234567890123456", "garbage \x01\"é"},
		Events:  Capture{{Op: OpBytes, Data: []byte("28")}, {After: time.Second, Op: OpUnplug}},
	}
	var b bytes.Buffer
	if n, err := want.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatalf("%d of %d, %v", n, b.Len(), err)
	}
	got, err := ParseRecording("x", &b)
	if err != nil {
		t.Fatal(err)
	}
	want.About[1] = "two lines in one"
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestABadRecordingIsNamedByLine(t *testing.T) {
	for text, want := range map[string]string{
		"0 34\n#= suffix: cr":          `x:2: "suffix: cr" is not a setting`,
		"#= suffix = cr":               `x:1: "suffix = cr" is not a setting`,
		"#= suffix = \"bell\"":         `x: suffix "bell" is not known`,
		"#= colour = \"red\"":          `x:1: "colour" is no setting`,
		"#= idle_gap = \"soon\"":       "x:1: idle_gap",
		"#> garbage \\":                "x:1: the label is not written",
		"# fine\n\n5 34":               `x:3: "5" is not a delay`,
		strings.Repeat(" ", fileMax+1): "x: longer than",
	} {
		if _, err := ParseRecording("x", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
}
