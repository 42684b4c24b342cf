package support

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"

	"posagent/device/usb"
	"posagent/internal/survey"
)

var errNobodyAsked = errors.New("not part of a bundle that is made here")

// parts lists everything in the order in which it is collected: what is gone soonest first.
func (b *bundle) parts() []part {
	list := []part{
		{name: "status.json", about: "what the daemon says of till, scanners, gateway, journal and warnings", collect: b.call(b.opt.Status)},
		{name: "metrics.txt", about: "what Prometheus would get now", collect: b.metrics},
		{name: "log.json", about: "level of the log, and what became of its lines", collect: b.logState},
	}
	list = append(list, b.logParts()...)
	list = append(list, b.journalParts()...)
	list = append(list, b.configParts()...)
	list = append(list,
		part{name: "version.json", about: "version and commit of this program", collect: func(context.Context) ([]byte, error) {
			if b.opt.Build == nil {
				return nil, errNobodyAsked
			}
			return asJSON(b.opt.Build, nil)
		}},
		part{name: "libraries.txt", about: "what this program was built from", collect: libraries},
		part{name: "scanners.json", about: "scanners that are plugged in, and what stands in the way of using them", collect: scanners},
		part{name: "doctor.json", about: "what posagent doctor found", collect: b.call(b.opt.Doctor)},
	)
	return append(list, b.systemParts()...)
}

// call makes a collector of a func that may not be there.
func (b *bundle) call(ask func(context.Context) (any, error)) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		if ask == nil {
			return nil, errNobodyAsked
		}
		return asJSON(ask(ctx))
	}
}

func (b *bundle) metrics(ctx context.Context) ([]byte, error) {
	if b.opt.Metrics == nil {
		return nil, errNobodyAsked
	}
	return b.opt.Metrics(ctx)
}

func (b *bundle) logState(context.Context) ([]byte, error) {
	if b.opt.LogState == nil {
		return nil, errors.New("only the running daemon knows")
	}
	return asJSON(b.opt.LogState(), nil)
}

func (b *bundle) configParts() []part {
	return []part{
		{name: "configuration/effective.toml", about: "the configuration as it counts, where each value comes from; credentials masked", collect: func(context.Context) ([]byte, error) {
			if b.opt.Config == nil {
				return nil, b.noConfig()
			}
			var out bytes.Buffer
			err := b.opt.Config.Print(&out)
			return out.Bytes(), err
		}},
		{name: "configuration/differs.json", about: "the keys that differ from their defaults, and what lower layers say", collect: func(context.Context) ([]byte, error) {
			if b.opt.Config == nil {
				return nil, b.noConfig()
			}
			return asJSON(b.opt.Config.Differing(), nil)
		}},
		{name: "configuration/faults.json", about: "what config check says", collect: func(context.Context) ([]byte, error) {
			out := struct {
				OK    bool     `json:"ok"`
				Error string   `json:"error,omitempty"`
				Notes any      `json:"notes,omitempty"`
				Files []string `json:"files"`
			}{OK: b.opt.ConfigError == nil, Files: []string{}}
			if b.opt.ConfigError != nil {
				out.Error = b.opt.ConfigError.Error()
			}
			if b.opt.Config != nil {
				out.Notes, out.Files = b.opt.Config.Notes, b.opt.Config.Sources()
			}
			return asJSON(out, nil)
		}},
		{name: "configuration/files.txt", about: "modes, sizes and times of the files that the configuration names; no content", collect: b.configFiles},
	}
}

func (b *bundle) noConfig() error {
	if b.opt.ConfigError != nil {
		return b.opt.ConfigError
	}
	return errors.New("there is no configuration")
}

// configFiles lists the files that the configuration names, as ls -l would.
func (b *bundle) configFiles(context.Context) ([]byte, error) {
	c := b.opt.Config
	if c == nil {
		return nil, b.noConfig()
	}
	names := c.Sources()
	names = append(names, c.Gateway.PrivateKeyFile, c.Gateway.AlipayPublicKeyFile, c.Gateway.CAFile, c.Gateway.ReserveFile,
		c.API.TokenFile, c.API.Socket, c.Supervisor.File, c.Receipt.FontFile, c.Journal.Path, c.Log.File)
	for _, s := range c.Scanners {
		names = append(names, s.Port)
	}
	var out bytes.Buffer
	for _, name := range names {
		if name == "" {
			continue
		}
		describeFile(&out, name)
		if dir := filepath.Dir(name); dir != "." && dir != string(filepath.Separator) {
			describeFile(&out, dir)
		}
	}
	return out.Bytes(), nil
}

func describeFile(out *bytes.Buffer, name string) {
	info, err := os.Stat(name)
	if err != nil {
		out.WriteString(err.Error() + "\n")
		return
	}
	out.WriteString(info.Mode().String() + " " + owner(info) + " " + formatSize(info.Size()) + " " + info.ModTime().UTC().Format("2006-01-02T15:04:05Z") + " " + name + "\n")
}

func libraries(context.Context) ([]byte, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil, errors.New("this program was built without it")
	}
	var out bytes.Buffer
	out.WriteString(info.GoVersion + " " + info.Path + " " + info.Main.Version + "\n")
	for _, d := range info.Deps {
		out.WriteString(d.Path + " " + d.Version + "\n")
	}
	for _, s := range info.Settings {
		out.WriteString(s.Key + "=" + s.Value + "\n")
	}
	return out.Bytes(), nil
}

func scanners(context.Context) ([]byte, error) {
	found, err := survey.Look(usb.System{}, nil)
	if found == nil {
		found = []survey.Candidate{}
	}
	return asJSON(found, err)
}
