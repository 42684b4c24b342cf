//go:build !windows

package config

func systemDir() string { return "/etc/posagent" }
