package ui

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// WhenPainted puts an object of one point below a board that tells when it is
// painted. The toolkit goes on without a word where it cannot paint; this tells the
// two apart. told is called on the toolkit's goroutine, perhaps more than once.
func WhenPainted(board fyne.CanvasObject, told func()) fyne.CanvasObject {
	point := canvas.NewRaster(func(int, int) image.Image {
		told()
		return image.NewUniform(color.Transparent)
	})
	point.Resize(fyne.NewSize(1, 1))
	return container.NewStack(container.NewWithoutLayout(point), board)
}
