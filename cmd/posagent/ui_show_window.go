//go:build window

package main

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
)

// showAndRun shows a window and returns when all are closed. A window system that
// is named but out of reach, such as one that has ended, is errNoDisplay: the
// toolkit only logs it, and panics in its next call.
func showAndRun(w fyne.Window) (err error) {
	defer func() {
		switch r := recover(); {
		case r == nil:
		case strings.HasPrefix(fmt.Sprint(r), "NotInitialized"):
			err = errNoDisplay
		default:
			panic(r)
		}
	}()
	w.ShowAndRun()
	return nil
}
