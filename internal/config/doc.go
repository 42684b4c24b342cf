// Package config reads posagent's configuration and says everything that is wrong with it at once.
//
// Layers, later ones win: the defaults in [Default], the configuration file, the drop-ins posagent.d/*.toml beside
// that file in name order, environment variables POSAGENT_SECTION_KEY, command line flags. Every value keeps its
// [Origin], so that a fault names file, line and column, or the variable, or the flag.
//
// A relative path is relative to the directory of the file that holds it; one from the environment or a flag is
// relative to the working directory.
//
// Scanners are a list. A [[scanner]] in a drop-in whose name is already known changes the keys it gives of that
// scanner, any other one is added; enabled = false takes a scanner out. In keys scanners are counted from one:
// scanner[1].port, and in the environment POSAGENT_SCANNER_1_PORT (POSAGENT_SCANNER_PORT is the first).
//
// Secrets are references to files and never values. Key files are opened and judged while loading ([RoleDaemon]),
// because a till that finds out at the first customer that its key is unreadable has found out too late.
package config
