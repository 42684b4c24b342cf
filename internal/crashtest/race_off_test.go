//go:build !race

package crashtest

// stride: every point is tried.
const stride = 1
