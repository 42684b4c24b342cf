package ui

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"posagent/ui/model"
)

// bench is a keyboard whose toolkit is the test.
type keyBench struct {
	*Keyboard
	got   []model.KeyPressed
	queue []func()
}

func newKeyBench(system string) *keyBench {
	b := &keyBench{}
	b.Keyboard = NewKeyboard(func(e model.Event) { b.got = append(b.got, e.(model.KeyPressed)) }, func(f func()) { b.queue = append(b.queue, f) })
	b.place = places(system)
	b.now = func() time.Time { return time.Unix(1, 0) }
	return b
}

// digit is what the toolkit tells of a digit key: pressed, named, and its character
// if the input method lets it through.
func (b *keyBench) digit(code int, name fyne.KeyName, r rune) {
	e := &fyne.KeyEvent{Name: name, Physical: fyne.HardwareKey{ScanCode: code}}
	b.Down(e)
	b.Typed(e)
	if r != 0 {
		b.Rune(r)
	}
	b.Up(e)
}

// turn ends a turn of the toolkit's loop.
func (b *keyBench) turn() {
	queue := b.queue
	b.queue = nil
	for _, f := range queue {
		f()
	}
}

func (b *keyBench) want(t *testing.T, want ...model.KeyPressed) {
	t.Helper()
	for i := range b.got {
		b.got[i].At = time.Time{}
	}
	if !slices.Equal(b.got, want) {
		t.Errorf("got  %+v\nwant %+v", b.got, want)
	}
}

func TestADigitComesOnceWithItsCharacterAndItsPlace(t *testing.T) {
	b := newKeyBench("linux")
	b.digit(11, fyne.Key2, '2')
	b.digit(88, fyne.Key2, '2') // number pad
	b.turn()
	b.want(t, model.KeyPressed{Rune: '2', Position: "2"}, model.KeyPressed{Rune: '2', Position: "2"})
}

func TestADigitOfAnotherLayoutKeepsItsPlace(t *testing.T) {
	b := newKeyBench("linux")
	b.digit(11, "É", 'é') // French: the upper row has accents
	b.turn()
	b.want(t, model.KeyPressed{Rune: 'é', Position: "2"})
}

func TestADigitThatAnInputMethodKeepsComesByItsPlace(t *testing.T) {
	b := newKeyBench("linux")
	b.digit(11, fyne.Key2, 0)
	b.digit(17, fyne.Key8, 0)
	b.turn()
	b.want(t, model.KeyPressed{Position: "2"}, model.KeyPressed{Position: "8"})
}

func TestAHeldDigitComesBeforeTheKeyThatFollows(t *testing.T) {
	b := newKeyBench("linux")
	b.digit(11, fyne.Key2, 0)
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn, Physical: fyne.HardwareKey{ScanCode: 36}}
	b.Down(enter)
	b.Typed(enter)
	b.turn()
	b.want(t, model.KeyPressed{Position: "2"}, model.KeyPressed{Key: model.KeyEnter})
}

func TestWindowsHasOtherScanCodes(t *testing.T) {
	b := newKeyBench("windows")
	b.digit(0x03, fyne.Key2, '2')
	b.digit(0x52, fyne.Key0, '0')
	b.digit(0x1E, fyne.KeyA, 'a')
	b.turn()
	b.want(t, model.KeyPressed{Rune: '2', Position: "2"}, model.KeyPressed{Rune: '0', Position: "0"}, model.KeyPressed{Rune: 'a'})
}

func TestKeysWithoutCharactersHaveTheirNames(t *testing.T) {
	for name, want := range map[fyne.KeyName]model.Key{
		fyne.KeyReturn: model.KeyEnter, fyne.KeyEnter: model.KeyEnter, fyne.KeyEscape: model.KeyEscape,
		fyne.KeyBackspace: model.KeyBackspace, fyne.KeyDelete: model.KeyDelete,
		fyne.KeyUp: model.KeyUp, fyne.KeyDown: model.KeyDown, fyne.KeyLeft: model.KeyLeft, fyne.KeyRight: model.KeyRight,
		fyne.KeyPageUp: model.KeyPageUp, fyne.KeyPageDown: model.KeyPageDown, fyne.KeyHome: model.KeyHome, fyne.KeyEnd: model.KeyEnd,
		fyne.KeyF1: model.KeyF1, fyne.KeyF5: model.KeyF5, fyne.KeyF12: model.KeyF12,
	} {
		b := newKeyBench("linux")
		e := &fyne.KeyEvent{Name: name}
		b.Down(e)
		b.Typed(e)
		b.Up(e)
		b.turn()
		b.want(t, model.KeyPressed{Key: want})
	}
}

// The toolkit keeps Tab to move its focus, and tells of it only as a key that went
// down.
func TestTabAndShiftTabReachTheModel(t *testing.T) {
	b := newKeyBench("linux")
	tab := &fyne.KeyEvent{Name: fyne.KeyTab}
	b.Down(tab)
	b.Down(&fyne.KeyEvent{Name: "LeftShift"})
	b.Down(tab)
	b.Up(&fyne.KeyEvent{Name: "LeftShift"})
	b.Down(tab)
	b.want(t, model.KeyPressed{Key: model.KeyTab}, model.KeyPressed{Key: model.KeyTab, Shift: true}, model.KeyPressed{Key: model.KeyTab})
}

func TestLettersAndModifiersAloneArePassedOverUntilTheirCharacterComes(t *testing.T) {
	b := newKeyBench("linux")
	for _, name := range []fyne.KeyName{"LeftShift", "LeftControl", fyne.KeyA, fyne.KeySpace} {
		e := &fyne.KeyEvent{Name: name, Physical: fyne.HardwareKey{ScanCode: 38}}
		b.Down(e)
		b.Typed(e)
	}
	b.turn()
	b.want(t)
}
