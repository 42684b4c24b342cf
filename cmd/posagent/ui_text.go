package main

import (
	"context"
	"errors"
)

// runTextWindow draws the window's screens in the terminal.
func runTextWindow(context.Context, *program, *window) error {
	return withExit(exitNoDisplay, errors.New("this build cannot draw in a terminal"))
}
