//go:build race

package crashtest

// stride: under the race detector one point in so many is tried.
const stride = 12
