//go:build !race

package offlinetest_test

const defaultRuns = 10_000
