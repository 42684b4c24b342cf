package ui

import (
	"flag"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"github.com/google/go-cmp/cmp"

	"posagent/offline/cashier"
	"posagent/ui/model"
)

var updateGolden = flag.Bool("golden.update", false, "write what the main screens are made of anew; read the difference before committing")

// mainScreens are those that stand in testdata, by their names in the gallery. Other
// languages than English have those whose words are long.
func mainScreens(lang cashier.Lang) []string {
	if lang != cashier.English {
		return []string{"idle", "waiting", "paid", "attention"}
	}
	return []string{
		"offline", "idle", "entry typed", "history", "history opened", "pin", "refund", "page F4", "not ready scanner",
		"waiting", "confirming", "checking", "reversing.asked", "paid", "declined.top_up", "cancelled.returned", "expired", "attention",
		"notice product_ean13", "cancel asked",
	}
}

func TestMainScreensAreMadeOfWhatWasLookedAt(t *testing.T) {
	for _, lang := range []cashier.Lang{cashier.English, cashier.Japanese, cashier.Thai} {
		t.Run(string(lang), func(t *testing.T) {
			b := newTestBoard(t, fyne.NewSize(800, 600), func(model.Event) {})
			all := gallery(t, lang, false, plain())
			var text strings.Builder
			for _, name := range mainScreens(lang) {
				i := slices.IndexFunc(all, func(s shown) bool { return strings.HasPrefix(s.name, name+" (") })
				b.Apply(withoutCue(all[i].screen))
				fmt.Fprintf(&text, "== %s\n%s", all[i].name, b.markup())
			}
			file := filepath.Join("testdata", string(lang)+".txt")
			if *updateGolden {
				if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(text.String(), "\n")); d != "" {
				t.Errorf("the screens differ from %s (-golden.update writes it): %s", file, d)
			}
		})
	}
}

// markup is what a screen is made of, in the order in which it is painted: kind, name,
// place in units, colour, and for a text its size and words. Places are those of the
// objects and not of the letters in them.
func (b *Board) markup() string {
	names := map[fyne.CanvasObject]string{}
	for name, o := range b.sheet.kept {
		names[o] = name
	}
	var out strings.Builder
	for _, o := range b.sheet.order {
		at, size := o.Position(), o.Size()
		place := fmt.Sprintf("%.0f,%.0f %.0fx%.0f", at.X, at.Y, size.Width, size.Height)
		switch o := o.(type) {
		case *canvas.Rectangle:
			fmt.Fprintf(&out, "  rect %s %s %s\n", names[o], place, colour(o.FillColor))
		case *canvas.Text:
			weight := ""
			if o.TextStyle.Bold {
				weight = " bold"
			}
			fmt.Fprintf(&out, "  text %s %s %s %.0f%s %s %q\n", names[o], place, colour(o.Color), o.TextSize, weight, o.FontSource.Name(), o.Text)
		case *canvas.Image:
			fmt.Fprintf(&out, "  icon %s %s %s\n", names[o], place, o.Resource.Name())
		default:
			fmt.Fprintf(&out, "  press %s %s\n", names[o], place)
		}
	}
	return out.String()
}

func colour(c color.Color) string {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
}
