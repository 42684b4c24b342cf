package terminal

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/google/go-cmp/cmp"
)

func TestLinesAreBrokenWhereTheScriptAllowsIt(t *testing.T) {
	for _, row := range []struct {
		name, text string
		w          int
		want       []string
	}{
		{"a text that fits is one line", "Keep the goods.", 20, []string{"Keep the goods."}},
		{"words stay whole", "Keep the goods.", 10, []string{"Keep the", "goods."}},
		{"a word longer than a line is cut", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"Chinese breaks between characters, two cells each", "请先不要交出商品", 6, []string{"请先不", "要交出", "商品"}},
		{"a full stop does not begin a line", "请叫主管。好", 8, []string{"请叫主", "管。好"}},
		{"Thai vowels stay with their letter", "ที่นี่", 2, []string{"ที่นี่"}},
		{"Thai without spaces is cut between syllables", "กรุณาเรียกหัวหน้า", 6, []string{"กรุณาเรี", "ยกหัวห", "น้า"}},
		{"line ends are kept", "one\ntwo", 20, []string{"one", "two"}},
		{"nothing is no line", "  ", 20, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if d := cmp.Diff(row.want, wrap(row.text, row.w)); d != "" {
				t.Error(d)
			}
			for _, l := range wrap(row.text, row.w) {
				if width(l) > row.w {
					t.Errorf("%q takes %d cells of %d", l, width(l), row.w)
				}
			}
		})
	}
}

func TestACutTextSaysThatItIsCut(t *testing.T) {
	for _, row := range []struct {
		text string
		w    int
		want string
	}{
		{"Sunrise Mart", 12, "Sunrise Mart"}, {"Sunrise Mart", 8, "Sunrise…"}, {"请叫主管", 5, "请叫…"}, {"请叫主管", 4, "请…"}, {"abc", 0, ""},
	} {
		if got := fit(row.text, row.w); got != row.want {
			t.Errorf("fit(%q, %d) = %q, not %q", row.text, row.w, got, row.want)
		}
	}
}

func TestATextFromOutsideCannotSteerTheTerminal(t *testing.T) {
	g := newGrid(40, 1, tcell.StyleDefault)
	g.write(0, 0, 40, "a\x1b[2Jb\u202ec\rd\u0007", tcell.StyleDefault)
	if got := g.String(); strings.ContainsAny(got, "\x1b\r\u0007\u202e") || !strings.HasPrefix(got, "a\ufffd[2Jb\ufffdc\ufffdd\ufffd") {
		t.Errorf("drawn is %q", got)
	}
}

func TestAmountsAreDrawnWithLargeDigits(t *testing.T) {
	for _, row := range []struct {
		name, amount string
		rows, w      int
		want         []string
	}{
		{"three rows", "HK$ 2.50", 3, 40, []string{
			"    ▀▀█   █▀▀ █▀█",
			"    █▀▀   ▀▀█ █ █",
			"HK$ ▀▀▀ ▀ ▀▀▀ ▀▀▀",
		}},
		{"no room", "HK$ 1,234,567.00", 5, 60, nil},
		{"something else between the digits", "1/2", 3, 40, nil},
		{"no digits", "–", 3, 40, nil},
		{"what follows the digits stays", "5 kr", 3, 40, []string{"█▀▀", "▀▀█", "▀▀▀ kr"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if d := cmp.Diff(row.want, block(row.amount, row.rows, row.w)); d != "" {
				t.Error(d)
			}
		})
	}
}

// counted counts what is sent to the terminal.
type counted struct {
	tcell.Screen
	puts int
}

func (c *counted) Put(int, int, string, tcell.Style) (string, int) { c.puts++; return "", 1 }

func TestOnlyWhatDiffersGoesOverTheLine(t *testing.T) {
	before, after := newGrid(80, 24, tcell.StyleDefault), newGrid(80, 24, tcell.StyleDefault)
	before.write(2, 3, 80, "Time left 1:25", tcell.StyleDefault)
	after.write(2, 3, 80, "Time left 1:24", tcell.StyleDefault)
	c := &counted{}
	after.flush(c, before)
	if c.puts != 1 {
		t.Errorf("%d cells were sent for one digit", c.puts)
	}
	c.puts = 0
	after.flush(c, nil)
	if c.puts != 80*24 {
		t.Errorf("%d cells were sent for a whole screen", c.puts)
	}
}
