package winservice

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"

	"posagent/internal/acl"
	"posagent/internal/logx"
)

// explain words the system's errors that a person can do something about.
func explain(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return fmt.Errorf("%w: %w", ErrPermission, err)
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return fmt.Errorf("%w: %w", ErrNotInstalled, err)
	}
	return err
}

// unknown tells that this system lacks a part of a service's configuration: wine
// does, every Windows that Go runs on has all.
func unknown(err error) bool { return errors.Is(err, windows.ERROR_INVALID_LEVEL) }

// Install registers the service as planned, or brings one that is there in line
// with the plan: it may be called again at any time. What it did before a failure
// stays; the next call goes on from there.
func Install(p Plan) error {
	for _, d := range p.Directories {
		if err := os.MkdirAll(d.Path, dirMode); err != nil {
			return explain(err)
		}
		if err := acl.Apply(d.Path, d.List); err != nil {
			return explain(err)
		}
	}
	m, err := mgr.Connect()
	if err != nil {
		return explain(err)
	}
	defer m.Disconnect() //nolint:errcheck // only a handle
	s, err := open(m, p)
	if err != nil {
		return explain(err)
	}
	defer s.Close() //nolint:errcheck // only a handle
	if err := recovery(s, p); err != nil {
		return explain(err)
	}
	return source()
}

// open finds the service or makes it, and sets it right.
func open(m *mgr.Mgr, p Plan) (*mgr.Service, error) {
	want := mgr.Config{
		ServiceType: windows.SERVICE_WIN32_OWN_PROCESS, StartType: mgr.StartAutomatic,
		ErrorControl: mgr.ErrorNormal, ServiceStartName: p.Account, // a virtual account is the service's own SID
		DisplayName: p.DisplayName, Description: p.Description,
	}
	s, err := m.OpenService(Name)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		s, err = m.CreateService(Name, p.Executable, want, p.Arguments...)
	}
	if err != nil {
		return nil, fmt.Errorf("registering the service: %w", err)
	}
	want.BinaryPathName = windows.ComposeCommandLine(append([]string{p.Executable}, p.Arguments...))
	want.DelayedAutoStart = true
	if err := s.UpdateConfig(want); err != nil && !unknown(err) {
		return nil, errors.Join(fmt.Errorf("changing the service: %w", err), s.Close())
	}
	return s, nil
}

func recovery(s *mgr.Service, p Plan) error {
	actions := make([]mgr.RecoveryAction, len(p.Recovery))
	for i, d := range p.Recovery {
		actions[i] = mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: d}
	}
	if err := s.SetRecoveryActions(actions, uint32(p.ResetAfter.Seconds())); err != nil {
		return fmt.Errorf("setting the service's recovery: %w", err)
	}
	// A daemon that ends with an exit code has not crashed in Windows' eyes.
	if err := s.SetRecoveryActionsOnNonCrashFailures(true); err != nil && !unknown(err) {
		return fmt.Errorf("setting the service's recovery from errors: %w", err)
	}
	wait := binary.LittleEndian.AppendUint32(nil, uint32(p.PreShutdown.Milliseconds()))
	if err := windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_PRESHUTDOWN_INFO, &wait[0]); err != nil && !unknown(err) {
		return fmt.Errorf("setting the service's time at a shutdown: %w", err)
	}
	return nil
}

// source registers the name under which the Event Log shows our events. Its texts
// come from a file of Windows itself, which takes the numbers 1 to 1000.
func source() error {
	_ = eventlog.Remove(logx.EventSource) // an older one; a missing one is no error
	err := eventlog.InstallAsEventCreate(logx.EventSource, eventlog.Info|eventlog.Warning|eventlog.Error)
	if err != nil {
		return fmt.Errorf("registering the Event Log source: %w", err)
	}
	return nil
}

// Remove ends the service and takes its registration away, and that in the Event
// Log. Configuration, keys and the journal stay. What is not there is no error.
func Remove(ctx context.Context) error {
	err := with(windows.DELETE|windows.SERVICE_STOP|windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error {
		if err := end(ctx, s); err != nil {
			return err
		}
		return s.Delete()
	})
	if err != nil && !errors.Is(err, ErrNotInstalled) && !errors.Is(err, windows.ERROR_SERVICE_MARKED_FOR_DELETE) {
		return err
	}
	if err := eventlog.Remove(logx.EventSource); err != nil && !errors.Is(err, windows.ERROR_FILE_NOT_FOUND) {
		return explain(err)
	}
	return nil
}

// Start starts the service and waits until it reports that it runs. That it runs
// already is no error.
func Start(ctx context.Context) error {
	return with(windows.SERVICE_START|windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error {
		if err := s.Start(); err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
			return err
		}
		return reach(ctx, s, svc.Running)
	})
}

// End stops the service and waits for it.
func End(ctx context.Context) error {
	return with(windows.SERVICE_STOP|windows.SERVICE_QUERY_STATUS, func(s *mgr.Service) error { return end(ctx, s) })
}

func end(ctx context.Context, s *mgr.Service) error {
	_, err := s.Control(svc.Stop)
	if err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return err
	}
	return reach(ctx, s, svc.Stopped)
}

// reach waits for a state.
func reach(ctx context.Context, s *mgr.Service, want svc.State) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		status, err := s.Query()
		switch {
		case err != nil:
			return err
		case status.State == want:
			return nil
		case want == svc.Running && status.State == svc.Stopped:
			return fmt.Errorf("the service ended at once, with exit code %d; the Event Log says why", status.ServiceSpecificExitCode)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrSlow, ctx.Err())
		}
	}
}

// with opens the service with just the rights that are needed: any user may ask how
// it stands.
func with(rights uint32, do func(*mgr.Service) error) error {
	h, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return explain(err)
	}
	m := &mgr.Mgr{Handle: h}
	defer m.Disconnect() //nolint:errcheck // only a handle
	name, err := windows.UTF16PtrFromString(Name)
	if err != nil {
		return err
	}
	h, err = windows.OpenService(m.Handle, name, rights)
	if err != nil {
		return explain(err)
	}
	s := &mgr.Service{Name: Name, Handle: h}
	defer s.Close() //nolint:errcheck // only a handle
	return explain(do(s))
}

// Query tells how the service is registered and whether it runs.
func Query() (r Registered, err error) {
	err = with(windows.SERVICE_QUERY_STATUS|windows.SERVICE_QUERY_CONFIG, func(s *mgr.Service) error {
		status, err := s.Query()
		if err != nil {
			return err
		}
		c, err := s.Config()
		if err != nil && !unknown(err) {
			return err
		}
		actions, err := s.RecoveryActions()
		if err != nil && !unknown(err) {
			return err
		}
		r = Registered{State: stateName(status.State), Process: status.ProcessId, Account: c.ServiceStartName, Command: c.BinaryPathName, Delayed: c.DelayedAutoStart}
		for _, a := range actions {
			r.Recovery = append(r.Recovery, a.Delay)
		}
		return nil
	})
	return r, err
}

func stateName(s svc.State) string {
	switch s {
	case svc.Stopped:
		return "stopped"
	case svc.StartPending:
		return "starting"
	case svc.StopPending:
		return "stopping"
	case svc.Running:
		return "running"
	}
	return fmt.Sprintf("state %d", s)
}
