// Package logx is the program's log: lines through log/slog as text, as JSON with the names of the Elastic Common
// Schema, to the systemd journal in its own protocol, or to the Windows Event Log; to standard error or to a file that is
// rotated by size and age.
//
// Every field has one short name in the code and in text, and one name of the schema in JSON and the journal; [Fields]
// lists them. What a line is about stands in its action; [Actions] lists those, with the event ids of Windows.
//
// Whoever logs does not wait for the line to be written: lines are formatted at once, since what they name may change,
// and handed to one writer. A log that nobody reads, a slow disk or a full pipe must not hold up a customer. Too much that
// waits is dropped and counted, debug lines first, lines about money last: the till's journal holds what they said.
//
// Types of payment codes and keys mask themselves. [Mask] is the net below them: every finished line is searched for a
// whole payment code (16 or more digits that begin with 25 to 30) and for PEM private keys, which are masked before
// the line is written, and counted. A count above zero is a defect somewhere else.
package logx
