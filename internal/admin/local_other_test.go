//go:build !linux

package admin_test

const socketVariable = "POSAGENT_TEST_ADMIN_SOCKET"

func askSocket(string) {}
