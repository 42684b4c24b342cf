package rig

import (
	"fmt"
	"strconv"
)

// Label is the n-th label of a source, 0 to 99: 18 digits as a payment code has
// them. Its last digits follow from the others, so that a label put together
// from parts of two is seen.
func Label(source, n int) string {
	return fmt.Sprintf("28%02d%06d%08d", source%100, n%1_000_000, check(source%100, n%1_000_000))
}

// ParseLabel gives source and number; false: this is no label that was sent.
func ParseLabel(s string) (source, n int, ok bool) {
	if len(s) != 18 || s[:2] != "28" {
		return 0, 0, false
	}
	source, err := strconv.Atoi(s[2:4])
	if err != nil {
		return 0, 0, false
	}
	if n, err = strconv.Atoi(s[4:10]); err != nil {
		return 0, 0, false
	}
	return source, n, Label(source, n) == s
}

// check spreads each of its arguments over all digits: two labels that differ in
// one digit in front differ in most of these.
func check(source, n int) uint32 {
	h := uint32(2166136261)
	for _, v := range []int{source, n, n >> 8, n >> 16} {
		h = (h ^ uint32(v&0xff)) * 16777619
	}
	h ^= h >> 15
	return h * 2654435761 % 100_000_000
}
