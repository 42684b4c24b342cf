//go:build !window

package main

import "context"

// hasWindow: this build needs no OpenGL and has no window.
const hasWindow = false

func (*window) open(context.Context) error { return errNoDisplay }
