package winservice

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"posagent/internal/atomicfile"
	"posagent/internal/config"
)

// Property is a public property of the installer: msiexec /i posagent.msi NAME=value.
type Property struct {
	Name string
	Key  string // of the configuration, section.key
}

// Properties lists them, in the order of the documents.
func Properties() []Property {
	return []Property{
		{"STOREID", "terminal.store_id"},
		{"STORENAME", "terminal.store_name"},
		{"TERMINALID", "terminal.terminal_id"},
		{"MCC", "terminal.mcc"},
		{"CURRENCY", "terminal.currency"},
		{"UILANGUAGE", "terminal.language"},
		{"GATEWAYURL", "gateway.base_url"},
		{"CLIENTID", "gateway.client_id"},
		{"MERCHANTID", "gateway.merchant_id"},
		{"PRIVATEKEYFILE", "gateway.private_key_file"},
		{"ALIPAYKEYFILE", "gateway.alipay_public_key_file"},
		{"PROXYURL", "gateway.proxy_url"},
		{"PIPEGROUP", "api.group"},
		{"LOGFORMAT", "log.format"},
	}
}

// mark stands before each value in the registry: the installer takes a leading # for
// a number.
const mark = "v:"

// Files that the installer's properties go to. The drop-in comes before all others
// by its name, so that what a company rolls out later wins.
const (
	mainFile = "posagent.toml"
	dropIn   = "00-installer.toml"
)

// dirMode counts where there are modes; on Windows the access list does.
const dirMode = 0o750

const mainText = `# This till's configuration. "posagent config example" prints every key with what it
# means. What the installer was given is in posagent.d\00-installer.toml; drop-ins there
# win over this file, in the order of their names.
`

const dropInText = `# Written by the installer from its properties, and again whenever it is given some.
# A drop-in with a later name wins over it.

`

// HandOver writes what the installer was given into the configuration in dir. A
// value replaces the one of an earlier installation, an empty one leaves it. Nothing
// is written if a value is refused: then the error is [config.Faults]. The file is
// replaced whole or not at all.
func HandOver(dir string, given map[string]string) error {
	if err := ensureMain(filepath.Join(dir, mainFile)); err != nil {
		return err
	}
	path := filepath.Join(dir, "posagent.d", dropIn)
	before, err := os.ReadFile(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return err
	}
	values := map[string]map[string]any{}
	if err := toml.Unmarshal(before, &values); err != nil {
		return fmt.Errorf("%s: %w; correct or remove it", path, err)
	}
	changed := fresh
	for _, p := range Properties() {
		value := given[p.Name]
		if value == "" {
			continue
		}
		section, key, _ := strings.Cut(p.Key, ".")
		if values[section] == nil {
			values[section] = map[string]any{}
		}
		values[section][key], changed = value, true
	}
	if fresh && values["log"] == nil {
		// A service has no standard error that anybody could read.
		values["log"] = map[string]any{"format": string(config.LogEventLog)}
	}
	if !changed {
		return nil
	}
	body, err := toml.Marshal(values)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	text := append([]byte(dropInText), body...)
	if err := judge(dir, text); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return err
	}
	return atomicfile.Replace(path, text)
}

// ensureMain makes the main file where there is none: without it the daemon would
// read no drop-in.
func ensureMain(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return err
	}
	return atomicfile.Replace(path, []byte(mainText))
}

// judge checks the drop-in by itself, in a directory of its own.
func judge(dir string, text []byte) error {
	tmp, err := os.MkdirTemp("", "posagent-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // rubbish, which a system that cannot remove it keeps
	file := filepath.Join(tmp, "posagent.d", dropIn)
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.WriteFile(file, text, 0o600),
		os.WriteFile(filepath.Join(tmp, mainFile), nil, 0o600)); err != nil {
		return err
	}
	_, faults := config.Inspect(config.Options{
		Path: filepath.Join(tmp, mainFile), Explicit: true, Role: config.RoleClient, As: filepath.Join(dir, mainFile),
	})
	for i, f := range faults {
		faults[i].Remedy = cmp.Or(propertyOf(f.Key), f.Remedy)
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// propertyOf is the remedy for a value that came from a property.
func propertyOf(key string) string {
	for _, p := range Properties() {
		if p.Key == key {
			return "give the installer another " + p.Name
		}
	}
	return ""
}
