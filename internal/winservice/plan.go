package winservice

import (
	"errors"
	"path/filepath"
	"time"

	"posagent/internal/acl"
)

// Errors of registering, starting and stopping.
var (
	// ErrUnsupported: this system has no such services.
	ErrUnsupported = errors.New("only Windows has such services")
	// ErrNotInstalled: there is no service of that name.
	ErrNotInstalled = errors.New("the service is not installed")
	// ErrPermission: this takes an administrator.
	ErrPermission = errors.New("an administrator's rights are needed")
	// ErrSlow: the service did not get there in time.
	ErrSlow = errors.New("the service takes too long")
)

// Plan is how the service is registered.
type Plan struct {
	Executable  string
	Arguments   []string
	DisplayName string
	Description string
	Account     string
	// Recovery is how long the manager waits before each new start; the last counts
	// for all that follow. It counts from the beginning after ResetAfter without a
	// failure.
	Recovery    []time.Duration
	ResetAfter  time.Duration
	PreShutdown time.Duration // for the end of the daemon when the machine is shut down
	Directories []Directory
}

// Directory is one that the service needs, with its access list.
type Directory struct {
	Path string
	List string
}

// NewPlan is the plan for a program and the directory of its configuration. The
// service starts automatically, after what Windows itself needs.
func NewPlan(executable, configDir string) Plan {
	return Plan{
		Executable:  executable,
		Arguments:   []string{"service", "run"},
		DisplayName: "posagent",
		Description: "Wallet payments at the checkout: reads the customer's payment code, charges it, and ends with a result that is proven.",
		Account:     acl.ServiceAccount,
		// A crash loop must not hammer the gateway with questions about open payments.
		Recovery:    []time.Duration{5 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute},
		ResetAfter:  time.Hour,
		PreShutdown: stopLimit + 10*time.Second,
		Directories: []Directory{
			{configDir, acl.ConfigDir()},
			{filepath.Join(configDir, "posagent.d"), acl.ConfigDir()},
			{filepath.Join(configDir, "keys"), acl.KeyDir()},
			{filepath.Join(configDir, "data"), acl.WorkDir()},
			{filepath.Join(configDir, "logs"), acl.WorkDir()},
		},
	}
}

// Registered is how the service stands in the manager.
type Registered struct {
	State    string          `json:"state"`
	Process  uint32          `json:"process"`
	Account  string          `json:"account"`
	Command  string          `json:"command"`
	Delayed  bool            `json:"delayedStart"`
	Recovery []time.Duration `json:"recoveryNanoseconds"`
}
