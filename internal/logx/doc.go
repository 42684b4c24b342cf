// Package logx sets up the program's log: text or JSON lines through log/slog, to standard error or to a file that is
// rotated by size and age.
//
// Types of payment codes and keys mask themselves. [Mask] is the net below them: every finished line is searched for a
// whole payment code (16 or more digits that begin with 25 to 30) and for PEM private keys, which are masked before
// the line is written, and counted. A count above zero is a defect somewhere else.
package logx
