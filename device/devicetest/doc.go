// Package devicetest has the checks that every device.Driver must pass, whatever
// its transport. A driver's own test runs each of Cases on a new rig that can
// plug, unplug and make the scanner read something:
//
//	for _, c := range devicetest.Cases() {
//		t.Run(c.Name, func(t *testing.T) { c.Check(t, newRig(t)) })
//	}
package devicetest
