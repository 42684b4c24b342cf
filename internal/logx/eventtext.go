package logx

import (
	"slices"
	"strings"
	"unicode/utf16"
)

// EventSource is the name under which the Windows Event Log shows the program's events. The installer registers it.
const EventSource = "posagent"

// eventLimit is how many UTF-16 units one text of a Windows event may have (ReportEventW: 31,839).
const eventLimit = 31_839

// eventText is an event for the Windows Event Log: a sentence, and the fields below it by their names in the systemd
// journal, sorted. A zero byte would end it, and too long a text would be refused.
func eventText(e *event) string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(e.text, "\x00", "�"))
	b.WriteString("\r\n")
	keys := make([]string, 0, len(e.fields))
	for key := range e.fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		b.WriteString("\r\n" + key + "=" + oneLine(strings.ReplaceAll(e.fields[key], "\x00", "�")))
	}
	return cutUTF16(b.String(), eventLimit)
}

// cutUTF16 cuts a text to so many UTF-16 units, between characters.
func cutUTF16(text string, most int) string {
	n := 0
	for i, r := range text {
		if n += max(utf16.RuneLen(r), 1); n > most {
			return text[:i]
		}
	}
	return text
}
