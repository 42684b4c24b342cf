package survey

import (
	"fmt"
	"strconv"
	"time"

	"posagent/device/decode"
	"posagent/device/keyboard"
	"posagent/internal/config"
	"posagent/internal/finding"
)

// slowGap is a gap between characters beyond which a code of 24 digits takes
// more than half a second.
const slowGap = 20 * time.Millisecond

// Judge compares what a scanner does with what the configuration says.
func Judge(s config.Scanner, h Habits) (out []finding.Finding) {
	add := func(check string, v finding.Verdict, detail, remedy string) {
		out = append(out, finding.Finding{Scanner: s.Name, Check: check, Verdict: v, Detail: detail, Remedy: remedy})
	}
	if h.Labels == 0 && h.Damaged == 0 {
		add("labels", finding.Fail, "nothing came", "scan something; if the scanner beeps and nothing comes, it sends to another device or in another mode")
		return out
	}
	switch {
	case h.Damaged > 0:
		add("labels", finding.Fail, fmt.Sprintf("%d whole, %d damaged", h.Labels, h.Damaged), "check the cable, and in keyboard mode the layout that the scanner is set to")
	case h.Mismatch:
		judgeMismatch(s, h, add)
	default:
		add("labels", finding.Pass, fmt.Sprintf("%d read", h.Labels), "")
	}
	judgeEnd(s, h, add)
	switch {
	case h.Gap > slowGap:
		add("gap", finding.Warn, fmt.Sprintf("%s between two characters on average", h.Gap.Round(100*time.Microsecond)), "set a shorter inter-character delay in the scanner, or a higher baud rate on both sides")
	case h.Gap > 0:
		add("gap", finding.Pass, fmt.Sprintf("%s between two characters on average", h.Gap), "")
	}
	judgeFront(s, h, add)
	return out
}

func judgeMismatch(s config.Scanner, h Habits, add func(string, finding.Verdict, string, string)) {
	const detail = "the code that was scanned did not come as it is"
	if layout, ok := GuessLayout(keyboard.Layout(s.Layout), h.text, h.code); ok && s.Type == config.ScannerHID {
		add("layout", finding.Fail, detail+": the scanner is set to the layout "+string(layout),
			"write layout = "+quote(string(layout))+", or set the scanner to the layout US")
		return
	}
	add("labels", finding.Fail, detail, "check that this code was scanned; then baud and parity, in keyboard mode the layout that the scanner is set to")
}

func judgeEnd(s config.Scanner, h Habits, add func(string, finding.Verdict, string, string)) {
	configured := decode.Suffix(s.Suffix)
	switch {
	case h.Doubled:
		add("suffix", finding.Warn, "every label is ended twice", "harmless here: the second end is taken off; other software may read an empty code. Set one suffix in the scanner")
	case h.ByTransport:
		add("suffix", finding.Pass, "the end is told beside the bytes", "")
	case h.Changing:
		add("suffix", finding.Warn, "labels end in different ways", "set one suffix, CR, for all symbologies in the scanner")
	case h.Suffix == decode.SuffixNone && configured != decode.SuffixNone && configured != decode.SuffixAuto:
		add("suffix", finding.Fail, "none is sent, "+string(configured)+" is configured", "write suffix = \"auto\", or set the suffix CR in the scanner")
	case h.Suffix == decode.SuffixNone:
		add("suffix", finding.Warn, fmt.Sprintf("none: a label is used %s after its last character", s.IdleGap), "set the suffix CR in the scanner")
	case configured != decode.SuffixAuto && configured != h.Suffix:
		add("suffix", finding.Fail, fmt.Sprintf("%s is sent, %s is configured", h.Suffix, configured), "write suffix = \"auto\"")
	default:
		add("suffix", finding.Pass, string(h.Suffix), "")
	}
}

func judgeFront(s config.Scanner, h Habits, add func(string, finding.Verdict, string, string)) {
	switch {
	case h.code != "" && !h.Mismatch && h.Labels > 0 && h.Prefix != s.Prefix:
		add("prefix", finding.Fail, fmt.Sprintf("%s is sent, %s is configured", strconv.Quote(h.Prefix), strconv.Quote(s.Prefix)),
			"write prefix = "+quote(h.Prefix)+", or take the prefix off in the scanner")
	case h.Prefix != "":
		add("prefix", finding.Pass, strconv.Quote(h.Prefix), "")
	}
	if h.Rest != "" {
		add("suffix", finding.Fail, strconv.Quote(h.Rest)+" is sent behind the code", "take that suffix off in the scanner and leave CR alone")
	}
	if h.AIM {
		add("symbology", finding.Pass, "told by AIM identifier", "")
		return
	}
	add("symbology", finding.Warn, "not told: an article's number that looks like a payment code cannot be told from one",
		"switch \"transmit AIM identifier\" on in the scanner; nothing else changes, as it is taken off here")
}
