package device

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind says what is wrong with a scanner's port. The names are stable.
type Kind string

// What can be wrong with a port.
const (
	// KindAbsent: the scanner is not plugged in, or not where it should be.
	KindAbsent Kind = "absent"
	// KindNoPermission: the port is there and this user may not open it.
	KindNoPermission Kind = "no_permission"
	// KindBusy: another program has the port.
	KindBusy Kind = "busy"
	// KindGone: the scanner was unplugged, or switched off, while it was open.
	KindGone Kind = "gone"
	// KindFaulty: everything else: not a scanner's port, a setting that the
	// port refuses, an input or output error.
	KindFaulty Kind = "faulty"
)

// State is the health state that a fault of this kind puts a scanner into.
func (k Kind) State() State {
	switch k {
	case KindAbsent, KindGone:
		return StateAbsent
	case KindNoPermission:
		return StateNoPermission
	case KindBusy:
		return StateBusy
	default:
		return StateFaulty
	}
}

// Advice is what the cashier can do, in English.
func (k Kind) Advice() string {
	switch k {
	case KindAbsent:
		return "Plug the scanner in. It is used again by itself."
	case KindGone:
		return "The scanner was unplugged. Plug it in again; it is used again by itself."
	case KindNoPermission:
		return "The scanner cannot be used yet. Call store IT."
	case KindBusy:
		return "Another program is using the scanner. Close it, or call store IT."
	default:
		return "Unplug the scanner and plug it in again. If that does not help, call store IT."
	}
}

// Error is a fault of a scanner's port.
type Error struct {
	// Op is what was tried: "find", "open", "read".
	Op string
	// Port is where: a path, or what the configuration looks for.
	Port string
	Kind Kind
	// Err is the cause; it may be nil.
	Err error
	// Hint tells store IT what to do. It may be empty.
	Hint string
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s %s: %s", e.Op, e.Port, e.Kind)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error of a Driver or a Port. What is not an *Error
// is KindFaulty.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return KindFaulty
}

func hintOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint
	}
	return ""
}

// The errors of claims.
var (
	// ErrClaimed: somebody else holds the scanners. The error is a
	// *ClaimedError, which names the holder.
	ErrClaimed = errors.New("the scanners are claimed")
	// ErrReleased: the claim was released, before or while Next waited.
	ErrReleased = errors.New("the claim on the scanners was released")
	// ErrStopped: the manager's Run has ended.
	ErrStopped = errors.New("the scanners are stopped")
	// ErrNextRunning: another goroutine is inside Next of the same claim. Two
	// at once could not tell whose customer a scan belongs to.
	ErrNextRunning = errors.New("somebody is already waiting for a scan on this claim")
)

// ClaimedError names who holds the scanners. errors.Is(err, ErrClaimed) holds.
type ClaimedError struct {
	Holder string
	Since  time.Time
}

func (e *ClaimedError) Error() string {
	return fmt.Sprintf("the scanners are claimed by %s since %s", e.Holder, e.Since.Format(time.TimeOnly))
}

// Is makes the error match ErrClaimed.
func (e *ClaimedError) Is(target error) bool { return target == ErrClaimed }

type holderKey struct{}

// WithHolder names who claims, for the error that the next one gets.
func WithHolder(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, holderKey{}, name)
}

func holderOf(ctx context.Context) string {
	if name, ok := ctx.Value(holderKey{}).(string); ok && name != "" {
		return name
	}
	return "an unnamed holder"
}
