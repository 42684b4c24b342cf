package ui

import (
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"posagent/offline/cashier"
	"posagent/ui/model"
)

// pressing is a board on a window of the toolkit's test driver, and what it handed
// back.
type pressing struct {
	board  *Board
	window fyne.Window
	events []model.Event
}

func newPressing(t *testing.T) *pressing {
	t.Helper()
	p := &pressing{}
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
	b, err := NewBoard(Options{Palette: DarkPalette(), Faces: Faces(), Do: func(e model.Event) { p.events = append(p.events, e) }})
	if err != nil {
		t.Fatal(err)
	}
	p.board = b
	p.window = test.NewTempWindow(t, b)
	p.window.SetPadded(false)
	p.window.Resize(fyne.NewSize(1024, 768))
	return p
}

// tap presses in the middle of what has a name.
func (p *pressing) tap(t *testing.T, name string) {
	t.Helper()
	for _, m := range p.board.sheet.marks {
		if m.name == name {
			scale := unit(p.board.size)
			test.TapCanvas(p.window.Canvas(), fyne.NewPos((m.at.x+m.at.w/2)*scale, (m.at.y+m.at.h/2)*scale))
			return
		}
	}
	t.Fatalf("there is nothing to press called %s", name)
}

func simple() model.Screen {
	return model.Screen{
		Kind: model.KindWaiting, Lang: "en", Header: "Sunrise Mart · T03",
		Band:   model.Band{Role: model.RoleScan, Icon: model.IconScan, Title: "Scan the customer's code"},
		Amount: "HK$ 128.50", AmountLabel: "Amount", Money: "Nothing has been sent.", Action: "Ask for the payment code.",
		Countdown: model.Countdown{Label: "Time left", Text: "1:25", Left: 85, Total: 120},
		Buttons: []model.Button{
			{ID: "cancel", Label: "Cancel", Key: model.KeyEscape, KeyText: "Esc", Enabled: true},
			{ID: "details", Label: "Details", Key: model.KeyF6, KeyText: "F6", Enabled: false},
		},
		List: model.List{Title: "Sales", Selected: 0, Rows: []model.Row{
			{ID: "W-1", Role: model.RolePaid, Icon: model.IconCheck, Left: "14:30", Main: "Paid", Right: "HK$ 9.90", Small: "W-1"},
			{Main: "No id: nothing to choose"},
		}, Page: "1 / 2", Next: model.Button{ID: "page.next", Label: "Next", KeyText: "PageDown", Enabled: true}},
		Pad: []model.Button{{ID: "7", Label: "7", Enabled: true}, {ID: "8", Label: "8", Enabled: true}},
	}
}

func TestTapsComeBackAsTheIDsOfTheScreen(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	p.events = nil
	for _, name := range []string{"button/cancel/press", "pad/8/press", "row/0/press", "list/next/press"} {
		p.tap(t, name)
	}
	want := []model.Event{
		model.Pressed{ID: "cancel"}, model.Pressed{ID: "8"}, model.Selected{ID: "W-1"}, model.Pressed{ID: "page.next"},
	}
	if !slices.Equal(p.events, want) {
		t.Errorf("got %+v, want %+v", p.events, want)
	}
}

func TestADisabledButtonAndARowWithoutIDCannotBePressed(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	for _, m := range p.board.sheet.marks {
		if m.name == "button/details/press" || m.name == "row/1/press" {
			t.Errorf("%s can be pressed", m.name)
		}
	}
}

func TestABoardTellsHowManyRowsThereIsRoomForAndOnlyWhenThatChanges(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	rooms := len(p.events)
	next := simple()
	next.Countdown.Text, next.Countdown.Left = "1:24", 84
	p.board.Apply(next)
	if rooms != 1 || len(p.events) != 1 {
		t.Fatalf("told %+v", p.events)
	}
	if r := p.events[0].(model.Room); r.Rows < 2 || r.Rows > 12 {
		t.Errorf("room for %d rows", r.Rows)
	}
}

// A press is a finger that goes down and comes up; the toolkit compares the object
// below it. A countdown steps in between.
func TestAButtonIsTheSameObjectWhileACountdownSteps(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	before := p.board.sheet.kept["button/cancel/press"]
	next := simple()
	next.Countdown.Text, next.Countdown.Left = "1:24", 84
	next.Notice = model.Notice{Role: model.RoleWarning, Icon: model.IconWarning, Title: "Something came in between"}
	p.board.Apply(next)
	if before == nil || p.board.sheet.kept["button/cancel/press"] != before {
		t.Error("the button was made anew: a press that spans the step is lost")
	}
}

func TestWhatIsGoneFromTheScreenIsGoneFromTheCanvas(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	many := len(p.board.objects)
	p.board.Apply(model.Screen{Kind: model.KindStarting, Lang: "en", Band: model.Band{Role: model.RoleIdle, Title: "Starting"}})
	if few := len(p.board.objects); few >= many || few != len(p.board.sheet.kept) {
		t.Errorf("%d objects are drawn and %d kept, of %d before", few, len(p.board.sheet.kept), many)
	}
}

func TestNothingTakesTheKeyboardsFocus(t *testing.T) {
	p := newPressing(t)
	for _, s := range gallery(t, cashier.English, true, long()) {
		p.board.Apply(s.screen)
		for name, o := range p.board.sheet.kept {
			if _, ok := o.(fyne.Focusable); ok {
				t.Fatalf("%s: %s takes the focus, and a scan would press it", s.name, name)
			}
		}
	}
	p.board.Apply(simple())
	p.tap(t, "button/cancel/press")
	if f := p.window.Canvas().Focused(); f != nil {
		t.Errorf("after a tap the focus is on %T", f)
	}
}

// The colour that is seen from three metres is that of the state and no other.
func TestTheBandHasTheColourOfItsRole(t *testing.T) {
	p := newPressing(t)
	for _, role := range allRoles() {
		s := simple()
		s.List, s.Pad, s.Band.Role = model.List{}, nil, role
		p.board.Apply(s)
		band := p.board.sheet.kept["band"]
		at := p.window.Canvas().Capture().At(int(band.Position().X+band.Size().Width/2), int(band.Position().Y+4))
		if got := color.NRGBAModel.Convert(at); got != p.board.palette.Role(role).Back {
			t.Errorf("%s: the band is painted %v, not %v", role, got, p.board.palette.Role(role).Back)
		}
	}
}

func TestTheCustomersBoardFitsEverySizeAndSaysNothingElse(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
	b, err := NewCustomerBoard(Options{Palette: DarkPalette(), Faces: Faces()})
	if err != nil {
		t.Fatal(err)
	}
	w := test.NewTempWindow(t, b)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(800, 600))
	for _, lang := range languages() {
		for _, s := range gallery(t, lang, false, long()) {
			for _, size := range sizes() {
				b.shown, b.size = s.screen.Customer, size
				b.redraw()
				c := s.screen.Customer
				for _, m := range b.sheet.marks {
					if !inside(m.ink, m.at) {
						t.Errorf("%s, %s, %v: %s %q is cut off", lang, s.name, size, m.name, m.text)
					}
				}
				for name, tight := range b.sheet.tight {
					if tight {
						t.Errorf("%s, %s, %v: %s does not fit: %+v", lang, s.name, size, name, c)
					}
				}
			}
		}
	}
}
