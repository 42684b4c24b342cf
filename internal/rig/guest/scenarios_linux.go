package main

import "time"

// scenarios in the order of playing.
func scenarios() []scenario {
	return []scenario{
		{name: "pay", quick: true, limit: 2 * time.Minute, run: payByEachKind},
	}
}
