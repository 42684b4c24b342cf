package ui

import (
	"fyne.io/fyne/v2"

	"posagent/ui/fonts"
)

// Faces are the fonts that this program brings along.
func Faces() []Face {
	var list []Face
	for _, f := range fonts.Faces() {
		lang := string(f.Lang)
		list = append(list, Face{
			Lang:    lang,
			Regular: fyne.NewStaticResource(lang+"-regular", f.Regular),
			Bold:    fyne.NewStaticResource(lang+"-bold", f.Bold),
		})
	}
	return list
}
