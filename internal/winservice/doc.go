// Package winservice is the daemon as a Windows service: its life between the
// service control manager's commands, how it is registered, and what the installer
// hands over.
//
// The life is a state machine without a system call: it is played in tests against
// a manager that enforces the rules which Windows enforces (winsvc.h; "Service
// Control Handler Function" in the Windows documentation). The files for Windows
// carry its words to golang.org/x/sys/windows/svc and back.
//
// The service reports that it runs before anything is opened: the manager waits 30
// seconds at most, and a large journal takes longer. Whether the till sells is told
// by the local API, as on every system.
package winservice

import "posagent/internal/acl"

// Name is the service's name in the manager, and with it that of its account.
const Name = acl.Service
