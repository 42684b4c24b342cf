package model

import "reflect"

// Kind names a screen. Views need it for nothing but tests and logs: what is to be
// drawn follows from the parts that are not empty.
type Kind string

// The screens.
const (
	KindStarting   Kind = "starting"   // no picture yet, and nothing is known to be wrong
	KindOffline    Kind = "offline"    // the daemon does not answer
	KindNotReady   Kind = "not_ready"  // the till takes no sales; the reasons and remedies
	KindTrouble    Kind = "trouble"    // sales are taken, but something needs a hand first
	KindIdle       Kind = "idle"       // nothing to do; totals of the day
	KindEntry      Kind = "entry"      // an amount is being typed
	KindOpening    Kind = "opening"    // the sale was asked for and is not confirmed yet
	KindWaiting    Kind = "waiting"    // from here the states of a sale, by the API's names
	KindWrongCode  Kind = "wrong_code" // still waiting; the last scan was no payment code
	KindProcessing Kind = "processing"
	KindConfirming Kind = "confirming"
	KindChecking   Kind = "checking"
	KindReversing  Kind = "reversing"
	KindPaid       Kind = "paid"
	KindDeclined   Kind = "declined"
	KindCancelled  Kind = "cancelled"
	KindExpired    Kind = "expired"
	KindAttention  Kind = "attention"   // to here
	KindAskCancel  Kind = "ask_cancel"  // really cancel what was sent already?
	KindAskClose   Kind = "ask_close"   // really close the window while a sale is under way?
	KindWarnings   Kind = "warnings"    // all that stands in the way, with remedies
	KindHistory    Kind = "history"     // sales, newest first, with search
	KindDetails    Kind = "details"     // one sale with its audit trail
	KindRefund     Kind = "refund"      // how much is to go back
	KindAskVoid    Kind = "ask_void"    // really give everything back?
	KindRefundDone Kind = "refund_done" // a refund's state
	KindResolve    Kind = "resolve"     // what a person found out
	KindPIN        Kind = "pin"         // a supervisor's name and PIN
	KindShift      Kind = "shift"       // end of shift: totals and open cases
	KindLanguage   Kind = "language"    // choice of the language
)

// Role is the meaning of a colour. A view has one colour for each role, in its
// dark and in its light form.
type Role string

// The roles.
const (
	RoleIdle      Role = "idle"
	RoleScan      Role = "scan"      // the customer's code is awaited
	RoleBusy      Role = "busy"      // under way, or for the customer to confirm
	RolePaid      Role = "paid"      // and of a refund that is confirmed
	RoleRefused   Role = "refused"   // not paid
	RoleUnknown   Role = "unknown"   // the result is not known, or a person is needed
	RoleCancelled Role = "cancelled" // ended without money
	RoleWarning   Role = "warning"   // of the till itself, not of a payment
)

// Icon names a picture that goes with a role, so that no meaning rests on colour
// alone.
type Icon string

// The icons.
const (
	IconNone    Icon = ""
	IconReady   Icon = "ready"
	IconScan    Icon = "scan"
	IconWait    Icon = "wait" // an hourglass that stands still
	IconPhone   Icon = "phone"
	IconCheck   Icon = "check"    // a tick
	IconCross   Icon = "cross"    // refused
	IconBack    Icon = "back"     // an arrow back: reversal, refund, cancelled
	IconAsk     Icon = "question" // asking the gateway
	IconPerson  Icon = "person"   // call somebody
	IconWarning Icon = "warning"  // a triangle
	IconClock   Icon = "clock"    // time is up
	IconPlug    Icon = "plug"     // not connected
	IconLock    Icon = "lock"     // PIN
	IconList    Icon = "list"
	IconSound   Icon = "sound"
)

// Screen is all that the window shows at a moment. It is a value: two Screens that
// are Equal look the same, and a view draws nothing when the next one is Equal to
// the last. All texts are in the chosen language and ready to be drawn; a part
// that is empty is not drawn.
type Screen struct {
	Kind Kind
	Lang string // BCP 47 tag of the texts, such as "zh-Hans": which font to use

	Header   string // the shop and the till
	Training string // a band that stands on every screen of a training till

	Band Band

	AmountLabel string
	Amount      string // with currency, at the largest size

	Money       string // what happened to the money
	ActionLabel string
	Action      string // what to do now
	SayLabel    string
	Say         string // what to say to the customer
	Small       string // the gateway's code, the number of the sale: small print

	Notice    Notice // a scan that was not used, a warning, an error of the last press
	Countdown Countdown
	Cue       Cue

	Fields []Field
	Pad    []Button // an on-screen key pad, three to a row
	List   List
	Lines  []Line // label and value, such as totals

	Buttons    []Button
	Indicators []Indicator
	RecentHead string
	Recent     []Row    // the latest sales, for a column beside the rest; hidden where there is no room
	Pretend    []Button // codes that a demonstration can scan

	Customer Customer
}

// Equal tells whether both look the same.
func (s Screen) Equal(o Screen) bool { return reflect.DeepEqual(s, o) }

// Button returns the button with an id, from all parts of the screen.
func (s Screen) Button(id string) (Button, bool) {
	for _, list := range [][]Button{s.Buttons, s.Pad, s.Pretend, {s.List.Prev, s.List.Next}} {
		for _, b := range list {
			if b.ID == id && id != "" {
				return b, true
			}
		}
	}
	return Button{}, false
}

// Band is the strip that is read from three metres away.
type Band struct {
	Role  Role
	Icon  Icon
	Title string
}

// Weight says how much a button should stand out.
type Weight string

// The weights.
const (
	WeightPlain  Weight = "plain"
	WeightMain   Weight = "main"   // the usual next step; at most one on a screen
	WeightDanger Weight = "danger" // cannot be undone
)

// Button is something to press. Its key does the same as a tap. A disabled button
// is drawn as such; pressing it does nothing.
type Button struct {
	ID      string // for Pressed
	Label   string
	Key     Key    // KeyNone: by tap only, such as the keys of a pad
	KeyText string // the key as it is shown on the button, such as "F5"
	Weight  Weight
	Enabled bool
}

// Level is how well something is.
type Level string

// The levels.
const (
	LevelOK   Level = "ok"
	LevelWarn Level = "warn" // works, but look at it
	LevelBad  Level = "bad"  // does not work
	LevelOff  Level = "off"  // not known, or not there on purpose
)

// Indicator is a dot with a word in the header.
type Indicator struct {
	ID    string // scanner network journal service
	Level Level
	Label string // what it is about, such as "Scanner"
	State string // how it is, in a word or two, such as "ready"
}

// Notice is a strip below the band. It is about a scan, the till or a press, never
// about a payment's result.
type Notice struct {
	Role   Role // "" if there is none
	Icon   Icon
	Title  string
	Text   string
	Action string // what to do
}

// Countdown is the time that is left. It changes once a second.
type Countdown struct {
	Label string // "" if there is none
	Text  string // such as "1:25"
	Left  int    // seconds
	Total int    // seconds; 0 where unknown
}

// Sound names a sound.
type Sound string

// The sounds.
const (
	SoundGoodRead  Sound = "good_read"
	SoundWrongCode Sound = "wrong_code"
	SoundPaid      Sound = "paid"
	SoundNotPaid   Sound = "not_paid"
	SoundAttention Sound = "attention"
)

// Sounds lists all sounds.
func Sounds() []Sound {
	return []Sound{SoundGoodRead, SoundWrongCode, SoundPaid, SoundNotPaid, SoundAttention}
}

// Cue is the visible twin of a sound. It stands for about a second and a half.
type Cue struct {
	Sound Sound // "" if there is none
	Role  Role
	Icon  Icon
	Text  string
}

// Field is a line that takes what is typed. The model holds its text; a view draws
// it and needs no entry of its own.
type Field struct {
	ID      string // amount search pin name note by
	Label   string
	Text    string // as it is drawn: a PIN comes as dots
	Hint    string // drawn faintly while Text is empty
	Error   string // what is wrong with it
	Focused bool   // what is typed goes here
	Secret  bool
}

// List is rows to choose from, a page at a time.
type List struct {
	Title    string // "" and no rows: there is no list
	Rows     []Row  // of this page
	Selected int    // index into Rows; -1 where nothing can be chosen
	Page     string // such as "1 / 4"; empty if all is on one page
	Empty    string // instead of rows
	Prev     Button // its ID is "" where there is one page
	Next     Button
}

// Row is one line of a list.
type Row struct {
	ID    string // for Selected; "" cannot be chosen
	Role  Role   // colour of its mark; "" has none
	Icon  Icon
	Left  string // such as the time
	Main  string // such as the state in a word
	Right string // such as the amount
	Small string // below Main
}

// Line is a label and its value.
type Line struct {
	Label string
	Value string
}

// Customer is what the customer's display shows. None of the cashier's words
// stands on it.
type Customer struct {
	Lang   string
	Role   Role
	Icon   Icon
	Title  string // such as "Please show your payment code"
	Line   string // one more sentence
	Amount string
	Shop   string
}
