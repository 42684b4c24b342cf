// Package offlinetest has what tests of package offline and of its users need:
// a scripted gateway, an in-memory journal, and checks of the invariants.
package offlinetest
