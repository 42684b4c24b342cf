package main

import "time"

// scenarios in the order of playing.
func scenarios() []scenario {
	return []scenario{
		{name: "pay", quick: true, limit: 2 * time.Minute, run: payByEachKind},
		{name: "composite", quick: true, limit: 2 * time.Minute, run: composite},
		{name: "replug", quick: true, limit: 6 * time.Minute, run: replug},
		{name: "cutoff", quick: true, limit: time.Minute, run: cutOff},
		{name: "killed", quick: true, limit: 3 * time.Minute, run: killed},
		{name: "twins", quick: true, limit: time.Minute, run: twins},
		{name: "permission", quick: true, limit: time.Minute, run: permission},
		{name: "silent", limit: 2 * time.Minute, run: silent},
		{name: "noise", quick: true, limit: 2 * time.Minute, run: noise},
		{name: "labels", quick: true, limit: 5 * time.Minute, run: labels},
		{name: "flood", quick: true, limit: 3 * time.Minute, run: flood},
		{name: "endless", quick: true, limit: 2 * time.Minute, run: endless},
		{name: "latency", quick: true, limit: 4 * time.Minute, run: latency},
		{name: "enumeration", quick: true, limit: time.Minute, run: enumeration},
		{name: "idle", quick: true, limit: time.Minute, run: idle},
	}
}

// fourModels are the kinds of scanner, one for each port.
func fourModels() []model {
	return []model{cdcModel(), honeywellModel(), keyboardModel(), zebraModel()}
}
