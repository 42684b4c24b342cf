package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"posagent/ui/model"
	textui "posagent/ui/terminal"
)

func TestMessagesAreToldAfterTheTerminalWindow(t *testing.T) {
	var out bytes.Buffer
	h := holdable(&out)
	if holdable(h) != h {
		t.Error("held twice, it would be told late")
	}
	write := func(text string) {
		t.Helper()
		if n, err := h.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	write("before\n")
	h.hold()
	write("while\n")
	if got := out.String(); got != "before\n" {
		t.Errorf("on the screen is %q", got)
	}
	h.release()
	write("after\n")
	if got := out.String(); got != "before\nwhile\nafter\n" {
		t.Errorf("told was %q", got)
	}
}

func TestTooManyMessagesKeepTheNewest(t *testing.T) {
	var out bytes.Buffer
	h := holdable(&out)
	h.hold()
	for range 3 {
		if _, err := h.Write(bytes.Repeat([]byte("x"), mostHeld)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Write([]byte("the last\n")); err != nil {
		t.Fatal(err)
	}
	h.release()
	if got := out.String(); len(got) > mostHeld+100 || !strings.HasSuffix(got, "the last\n") || !strings.Contains(got, "were dropped") {
		t.Errorf("told were %d bytes", len(got))
	}
}

func TestALanguageThatTheTerminalCannotDrawIsNotOffered(t *testing.T) {
	c := model.Config{Lang: "ja", Languages: languages()}
	if got := drawable(c, textui.Terminal{Plain: true}); got.Lang != "en" || len(got.Languages) != 1 {
		t.Errorf("a console begins in %s and offers %v", got.Lang, got.Languages)
	}
	if got := drawable(c, textui.Terminal{}); got.Lang != "ja" || len(got.Languages) != len(languages()) {
		t.Errorf("a terminal begins in %s and offers %v", got.Lang, got.Languages)
	}
}

func TestAFailureOfTheSessionEndsTheWindowInOrder(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	err := unharmed(stop, func() error { panic("broken") })
	if err == nil || !strings.Contains(err.Error(), "broken") || ctx.Err() == nil {
		t.Errorf("got %v, %v", err, ctx.Err())
	}
	if err := unharmed(func() {}, func() error { return errors.New("told") }); err == nil || err.Error() != "told" {
		t.Errorf("got %v", err)
	}
}
