package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"posagent/internal/pretend"
	"posagent/ui/model"
)

// lesson is a pretend shop for teaching, in a directory that goes when the lesson
// ends.
type lesson struct {
	dir    string
	config string
	shop   *pretend.Shop
}

// pretended is a label that a lesson's scanner reads, and what the gateway then
// plays for the payment.
type pretended struct {
	id       string // the label is a text of the window: see model.Pretend
	scenario string // "" is paid at once
	code     string // "" is a payment code that was never used
}

func lessonLabels() []pretended {
	return []pretended{
		{id: "paid"},
		{id: "confirm", scenario: "confirm"},
		{id: "declined", scenario: "f_user_balance_not_enough"},
		{id: "expired", scenario: "f_expired_code"},
		{id: "lost", scenario: "drop"},
		{id: "never", scenario: "confirm_never"},
		{id: "person", scenario: "cancel_unknown_ever"},
		{id: "product", code: "4006381333931"},
		{id: "wallet", code: "134567890123456789"},
	}
}

// unhurried are waits that show in a minute what takes ten at the till, and leave a
// learner the time to read.
const unhurried = `answer_wait = "6s"
query_interval = "1s"
query_timeout = "2s"
cancel_interval = "500ms"
watch_queries = 6
watch_interval = "1s"
code_ttl = "5s"`

// prepareLesson sets up everything but the daemon.
func prepareLesson(ctx context.Context, out io.Writer) (*lesson, error) {
	dir, err := os.MkdirTemp("", "posagent-training-")
	if err != nil {
		return nil, err
	}
	shop, err := pretend.Open(ctx, pretend.Options{
		Dir: dir, Maker: "posagent run --training", StoreID: "TRAINING", Policy: unhurried, LogLevel: "info",
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	fmt.Fprintf(out, "posagent: training till in %s; nothing here moves money\n", dir)
	return &lesson{dir: dir, config: shop.Config, shop: shop}, nil
}

// pretend is what the window offers to scan.
func (*lesson) pretend() []model.Pretend {
	var list []model.Pretend
	for _, p := range lessonLabels() {
		list = append(list, model.Pretend{ID: p.id})
	}
	return list
}

// scan makes the scanner read a label.
func (l *lesson) scan(id string) error {
	for _, p := range lessonLabels() {
		if p.id != id {
			continue
		}
		if p.scenario != "" {
			if err := l.shop.Play(p.scenario); err != nil {
				return err
			}
		}
		code := p.code
		if code == "" {
			code = l.shop.NextCode()
		}
		return l.shop.Scanner.Send(code)
	}
	return fmt.Errorf("there is no pretend code %q", id)
}

// end takes everything down. The daemon must have ended.
func (l *lesson) end() error { return errors.Join(l.shop.Close(), os.RemoveAll(l.dir)) }
