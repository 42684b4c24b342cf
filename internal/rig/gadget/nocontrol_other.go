//go:build !unix

package gadget

const noControl = 0
