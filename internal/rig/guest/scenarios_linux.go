package main

import "time"

// scenarios in the order of playing.
func scenarios() []scenario {
	return []scenario{
		{name: "pay", quick: true, limit: 2 * time.Minute, run: payByEachKind},
		{name: "replug", quick: true, limit: 6 * time.Minute, run: replug},
		{name: "cutoff", quick: true, limit: time.Minute, run: cutOff},
		{name: "flood", quick: true, limit: 3 * time.Minute, run: flood},
		{name: "endless", quick: true, limit: 2 * time.Minute, run: endless},
		{name: "idle", quick: true, limit: time.Minute, run: idle},
	}
}

// fourModels are the kinds of scanner, one for each port.
func fourModels() []model {
	return []model{cdcModel()}
}
