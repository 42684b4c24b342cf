package till

import (
	"errors"
	"fmt"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/offline"
)

// Notice tells the cashier about a scan that was not used. It is no result: no
// payment was started by that scan.
type Notice struct {
	Serial uint64 // grows with every notice of this run
	At     time.Time
	SaleID offline.SaleID // "" outside a sale
	Code   string         // decode.Code, device.Reason, or one of the codes below; stable
	Source string         // the scanner's name; "" through the API
	Masked string         // of what was scanned; "" where nothing is known
	Title  string
	What   string
	Do     string

	// UsedBy and UsedAt are set for CodeAlreadyUsed.
	UsedBy offline.SaleID
	UsedAt time.Time
}

// Codes of notices beside those of decode and device.
const (
	CodeAlreadyUsed = "code_used"     // the code was charged before, or may have been
	CodeNotExpected = "not_expected"  // the sale takes no code any more
	CodeNotStarted  = "not_started"   // the payment could not be started
	CodeRepeated    = "code_repeated" // the code that was refused a moment ago
)

// Refused takes in a scan that the scanners did not hand over; it is made for
// device.Options.OnRefused and returns at once. A second read of the same code
// is no news.
func (t *Till) Refused(r device.Refused) {
	if r.Reason == device.ReasonDuplicate {
		return
	}
	words := r.Reason.Sentences()
	t.tell(Notice{
		At: r.At, Code: string(r.Reason), Source: r.Source, Masked: r.Masked,
		Title: words.Title, What: words.What, Do: words.Do,
	})
}

// noticeFor tells of a scan for a sale that came to nothing.
func (t *Till) noticeFor(id offline.SaleID, masked string, err error) {
	t.tell(noticeOf(id, "", masked, err))
}

func noticeOf(id offline.SaleID, source, masked string, err error) Notice {
	n := Notice{At: time.Now(), SaleID: id, Source: source, Masked: masked}
	var (
		wrong *CodeError
		used  *offline.CodeUsedError
	)
	words := decode.Sentences{
		Title: "Payment not started",
		What:  "The code was read but no payment was started with it.",
		Do:    "Do not scan it again. Call store IT.",
	}
	switch {
	case errors.As(err, &wrong):
		n.Code, words = string(wrong.Class.Code), wrong.Class.Sentences
	case errors.As(err, &used) && used.SaleID == id:
		n.Code, n.UsedBy, n.UsedAt = CodeRepeated, used.SaleID, used.At
		words = decode.Sentences{
			Title: "Same code again",
			What:  "This is the code that was just refused. No new payment was started.",
			Do:    "Ask the customer to refresh the payment code, then scan it again.",
		}
	case errors.As(err, &used):
		n.Code, n.UsedBy, n.UsedAt = CodeAlreadyUsed, used.SaleID, used.At
		words = decode.Sentences{
			Title: "Code already used",
			What: fmt.Sprintf("This code was used at %s for sale %s. No new payment was started.",
				used.At.Local().Format("15:04"), used.SaleID),
			Do: "Ask the customer to refresh the payment code, then scan it again.",
		}
	case errors.Is(err, offline.ErrFinal):
		n.Code = CodeNotExpected
		words = decode.Sentences{
			Title: "Scan not used",
			What:  "The sale takes no further code now. No payment was started with this scan.",
			Do:    "Follow what the window says about the sale.",
		}
	default:
		n.Code = CodeNotStarted
	}
	n.Title, n.What, n.Do = words.Title, words.What, words.Do
	return n
}

// tell hands a notice to the loop. The newest counts; nobody waits.
func (t *Till) tell(n Notice) {
	t.mu.Lock()
	t.serial++
	n.Serial = t.serial
	t.arrived = &n
	t.mu.Unlock()
	t.wake()
}

// takeNotice shows the newest notice. The scanners do not know whose scan they
// refused: it is put to the sale in the foreground.
func (t *Till) takeNotice() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.arrived == nil {
		return
	}
	t.notice, t.arrived = t.arrived, nil
	if t.notice.SaleID == "" && t.foreground != nil {
		t.notice.SaleID = t.foreground.ID
	}
}
