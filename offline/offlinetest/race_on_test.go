//go:build race

package offlinetest_test

// The race detector makes a run ten times slower and finds nothing in a model
// without goroutines: fewer runs do.
const defaultRuns = 500
