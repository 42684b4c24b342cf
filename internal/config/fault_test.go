package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// faultsOf loads as a client, whose missing account is no fault, and gives the faults with paths below the directory.
func faultsOf(t *testing.T, files map[string]string, opts Options) []string {
	t.Helper()
	dir := write(t, files)
	if opts.Path == "" {
		opts.Path = filepath.Join(dir, "posagent.toml")
	}
	opts.Explicit = true
	if opts.Role == "" {
		opts.Role = RoleClient
	}
	cfg, err := Load(opts)
	if err == nil {
		return nil
	}
	if cfg != nil {
		t.Error("Load gave a configuration together with faults")
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("an error of another type: %v", err)
	}
	var lines []string
	for _, f := range faults {
		if f.Problem == "" || f.Remedy == "" {
			t.Errorf("%s: a fault without problem or remedy", f)
		}
		lines = append(lines, strings.ReplaceAll(f.String(), dir+string(filepath.Separator), ""))
	}
	return lines
}

func TestEveryFaultNamesItsPlaceItsProblemAndTheRemedy(t *testing.T) {
	for _, row := range []struct {
		name string
		text string // of posagent.toml
		want []string
	}{
		{"an unknown key is met with the one that was meant",
			"[terminal]\nstroe_id = \"S01\"\n",
			[]string{"posagent.toml:2:1: terminal.stroe_id: unknown key; did you mean store_id?"}},
		{"an unknown key without a neighbour is met with the list",
			"[admin]\ncolour = 1\n",
			[]string{"posagent.toml:2:1: admin.colour: unknown key; delete it; the keys of admin are listen, socket, cert_file, key_file, client_ca_file, read, operate, money"}},
		{"a key in the wrong table is sent to its own",
			"[gateway]\nstore_name = \"x\"\n",
			[]string{"posagent.toml:2:1: gateway.store_name: unknown key; it belongs below [terminal]"}},
		{"a key outside of every table is sent to its own",
			"mcc = \"5411\"\n[terminal]\n",
			[]string{"posagent.toml:1:1: mcc: stands outside of its table; put it below [terminal]"}},
		{"an unknown table is met with the one that was meant",
			"\n[gatway]\ntimeout = \"1s\"\n",
			[]string{"posagent.toml:2:2: gatway: unknown table or key; did you mean gateway?"}},
		{"a quoted key with a dot is not its unquoted twin",
			"\"gateway.timeout\" = \"1s\"\n",
			[]string{`posagent.toml:1:1: "gateway.timeout": unknown table or key; delete it; the tables are terminal, gateway, policy, journal, scanner, api, supervisor, receipt, window, admin, log`}},
		{"a table where a value should be",
			"[gateway.timeout]\nx = 1\n",
			[]string{`posagent.toml:1:10: gateway.timeout: is a table, but should be a duration; write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`}},
		{"a value where a table should be",
			"log = 3\n",
			[]string{"posagent.toml:1:1: log: is a whole number, but should be a table; write [log] on a line of its own and its keys below"}},
		{"a duration without unit",
			"[gateway]\n  timeout = 10\n",
			[]string{`posagent.toml:2:3: gateway.timeout: the number 10 has no unit; write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`}},
		{"a bad duration, in a dotted key",
			"gateway.timeout = \"ten\"\n",
			[]string{`posagent.toml:1:9: gateway.timeout: "ten" is not a duration; write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`}},
		{"a bad duration, in an inline table",
			"gateway = { client_id = \"x\", timeout = \"5 s\" }\n",
			[]string{`posagent.toml:1:30: gateway.timeout: "5 s" is not a duration; write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`}},
		{"numbers, texts and truth values in each other's places",
			"[terminal]\nmcc = 5411\n[policy]\nquery_limit = \"20\"\nwatch_queries = 2.5\n[[scanner]]\ntype = \"serial\"\nport = \"a\"\nenabled = \"yes\"\nbaud = true\n",
			[]string{
				"posagent.toml:2:1: terminal.mcc: is a whole number, but should be a text; write it in quotes",
				`posagent.toml:4:1: policy.query_limit: the text "20" is not a whole number; write digits without quotes, for example 5`,
				"posagent.toml:5:1: policy.watch_queries: is a decimal number, but should be a whole number; write digits without quotes, for example 5",
				`posagent.toml:9:1: scanner[1].enabled: "yes" is not true or false; write true or false, without quotes`,
				"posagent.toml:10:1: scanner[1].baud: is true or false, but should be a whole number; write digits without quotes, for example 5",
			}},
		{"a syntax error has its line",
			"[terminal]\nstore_id = S01\n",
			[]string{`posagent.toml:2:12: not TOML: unexpected character U+0053 'S' at start of value; correct this line; texts stand in quotes, for example name = "text"`}},
		{"a backslash in double quotes",
			"[journal]\npath = \"C:\\ProgramData\\journal.db\"\n",
			[]string{`posagent.toml:2:11: not TOML: invalid escape character U+0050 'P'; write Windows paths in single quotes, for example 'C:\ProgramData\posagent'`}},
		{"a key given twice",
			"[log]\nlevel = \"info\"\nlevel = \"debug\"\n",
			[]string{`posagent.toml:3:1: not TOML: key level is already defined; correct this line; texts stand in quotes, for example name = "text"`}},
		{"UTF-16",
			"\xff\xfe[\x00l\x00",
			[]string{"posagent.toml:1:1: the file is UTF-16; save it as UTF-8"}},
		{"Latin-1",
			"[terminal]\nstore_name = \"Caf\xe9\"\n",
			[]string{"posagent.toml:2:18: byte 0xe9 is not UTF-8; save the file as UTF-8"}},
		{"names of terminal and store",
			"[terminal]\nstore_id = \"S 01\"\nterminal_id = \"T03-checkout-17\"\nstore_name = \"a\\tb\"\nmcc = \"541\"\ncurrency = \"hkd\"\nlanguage = \"zh-hans\"\n",
			[]string{
				`posagent.toml:2:1: terminal.store_id: "S 01" is no store number; use 1 to 64 of A-Z a-z 0-9 . _ -`,
				`posagent.toml:3:1: terminal.terminal_id: "T03-checkout-17" is no till number; use 1 to 14 of A-Z a-z 0-9 _ -`,
				"posagent.toml:4:1: terminal.store_name: holds a control character; write it in one line without tabs",
				`posagent.toml:5:1: terminal.mcc: "541" is no merchant category code; give four digits, for example mcc = "5411"`,
				`posagent.toml:6:1: terminal.currency: "hkd" is not in capital letters; write "HKD"`,
				`posagent.toml:7:1: terminal.language: "zh-hans" is not known here; did you mean zh-Hans? it can be en, zh-Hans, zh-Hant, ja, ko, th`,
			}},
		{"a currency that the gateway does not take",
			"[terminal]\ncurrency = \"KWD\"\n",
			[]string{`posagent.toml:2:1: terminal.currency: "KWD" is a currency that the gateway does not take; Alipay's table has AUD BDT BRL CAD CLP CNY EUR GBP HKD IDR JPY KRW MXN MYR NZD PEN PHP PKR PLN SGD THB TWD USD VND`}},
		{"an open gateway that is not on this machine",
			"[gateway]\nbase_url = \"http://open-sea.alipay.com/api/\"\n",
			[]string{`posagent.toml:2:1: gateway.base_url: http:// to "open-sea.alipay.com" would send payments unprotected; use https://; http:// is for loopback addresses only`}},
		{"a loopback look-alike",
			"[gateway]\nbase_url = \"http://127.0.0.1.evil.example/\"\n",
			[]string{`posagent.toml:2:1: gateway.base_url: http:// to "127.0.0.1.evil.example" would send payments unprotected; use https://; http:// is for loopback addresses only`}},
		{"a gateway without the last slash",
			"[gateway]\nbase_url = \"https://open-sea.alipay.com/api/alipay/intl/acquiring\"\n",
			[]string{`posagent.toml:2:1: gateway.base_url: "https://open-sea.alipay.com/api/alipay/intl/acquiring" does not end with /; write "https://open-sea.alipay.com/api/alipay/intl/acquiring/"; the operations' paths are appended`}},
		{"a gateway that is one operation",
			"[gateway]\nbase_url = \"https://open-sea.alipay.com/api/alipay/intl/acquiring/offline/pay.htm\"\n",
			[]string{`posagent.toml:2:1: gateway.base_url: is the address of one operation; end it before that, for example with /acquiring/`}},
		{"a gateway without scheme",
			"[gateway]\nbase_url = \"open-sea.alipay.com\"\n",
			[]string{`posagent.toml:2:1: gateway.base_url: "open-sea.alipay.com" is not an address; the address of production is https://open-sea.alipay.com/api/alipay/intl/acquiring/`}},
		{"SHA-1 with a version that has no use for it",
			"[gateway]\nsign_type = \"RSA\"\n",
			[]string{`posagent.toml:2:1: gateway.sign_type: RSA (SHA-1) with api_version 2.0.4; use sign_type = "RSA2"; RSA is only for api_version = "2.0.0"`}},
		{"account numbers",
			"[gateway]\napi_version = \"2.0.2\"\nclient_id = \"123456789012345678901234567890123\"\nmerchant_id = \"123456789012345678901234567890123\"\nseller_id = \"a b\"\n",
			[]string{
				"posagent.toml:3:1: gateway.client_id: has 33 characters; copy it again; it has at most 32",
				"posagent.toml:4:1: gateway.merchant_id: has 33 characters; copy it again; it has at most 32",
				`posagent.toml:5:1: gateway.seller_id: "a b" holds a space or a character that is not ASCII; copy it again without them`,
			}},
		{"a credential in reserve",
			"[gateway]\nreserve = '{\"isvAccesstoken\":\"hunter2\"}'\n",
			[]string{`posagent.toml:2:1: gateway.reserve: holds a credential, "isvAccesstoken"; put the JSON object into a file of its own with mode 0600 and give its path as reserve_file`}},
		{"a reserve that is no object",
			"[gateway]\nreserve = \"null\"\n",
			[]string{`posagent.toml:2:1: gateway.reserve: is not a JSON object; write for example reserve = '{"name":"value"}'`}},
		{"a proxy of an unknown kind does not show its password",
			"[gateway]\nproxy_url = \"ftp://joe:hunter2@proxy:21\"\n",
			[]string{`posagent.toml:2:1: gateway.proxy_url: the scheme "ftp" is not known; use http://, https:// or socks5://`}},
		{"limits of the policy",
			"[policy]\ncancel_retries = 2\nquery_limit = 0\nanswer_wait = \"0s\"\ncode_ttl = \"-1s\"\nrefund_retries = 21\n",
			[]string{
				"posagent.toml:2:1: policy.cancel_retries: 2 is out of range; use 3 to 5",
				"posagent.toml:3:1: policy.query_limit: 0 is out of range; use 1 to 200",
				"posagent.toml:4:1: policy.answer_wait: 0s is out of range; use 1ms to 10m",
				"posagent.toml:5:1: policy.code_ttl: -1s is out of range; use 1ms to 10m",
				"posagent.toml:6:1: policy.refund_retries: 21 is out of range; use 1 to 20",
			}},
		{"a range upside down, the maximum left at its default",
			"[policy]\nnot_exist_interval_min = \"8s\"\n",
			[]string{"posagent.toml:2:1: policy.not_exist_interval_min: policy.not_exist_interval_min is 8s and policy.not_exist_interval_max is 7s; the first must not be longer than the second"}},
		{"a watch that ends before the code does",
			"[policy]\nwatch_interval = \"2s\"\n",
			[]string{"posagent.toml:2:1: policy.watch_interval: policy.watch_queries and policy.watch_interval watch a cancelled trade for 40s, and policy.code_ttl is 1m; the watch must last at least as long as a code can be charged"}},
		{"a journal that forgets too soon",
			"[journal]\nretention = \"7d\"\n",
			[]string{"posagent.toml:2:1: journal.retention: 7d is too short; keep payments for at least 31d, so that a month can be reconciled"}},
		{"listeners that other machines reach",
			"[api]\nlisten = \"0.0.0.0:7373\"\ntoken_file = \"t\"\n[admin]\nlisten = \":9373\"\n",
			[]string{
				`posagent.toml:2:1: api.listen: "0.0.0.0:7373" can be reached from other machines; write a loopback address with a port, for example "127.0.0.1:7373"`,
				`posagent.toml:5:1: admin.listen: ":9373" can be reached from other machines, and callers need no certificate; give cert_file, key_file and client_ca_file, or write a loopback address, for example "127.0.0.1:9373"`,
			}},
		{"a listener without port, and one with a bad one",
			"[api]\nlisten = \"127.0.0.1\"\ntoken_file = \"t\"\n[admin]\nlisten = \"127.0.0.1:99999\"\n",
			[]string{
				`posagent.toml:2:1: api.listen: "127.0.0.1" is not host:port; write a loopback address with a port, for example "127.0.0.1:7373"`,
				`posagent.toml:5:1: admin.listen: "99999" is not a port; write an address with a port, for example "127.0.0.1:9373"`,
			}},
		{"a listener without a token",
			"[api]\nlisten = \"127.0.0.1:7373\"\n",
			[]string{"posagent.toml:2:1: api.listen: is given without token_file; name a file for the token; the daemon makes it"}},
		{"two listeners on one port",
			"[api]\nlisten = \"127.0.0.1:7373\"\ntoken_file = \"t\"\n[admin]\nlisten = \"127.0.0.1:7373\"\n",
			[]string{"posagent.toml:5:1: admin.listen: is the same address as api.listen; give it a port of its own"}},
		{"no way in",
			"[api]\nsocket = \"\"\n",
			[]string{"posagent.toml:2:1: api.socket: and api.listen are both empty: nobody could reach posagent; give socket; the default is " + defaultSocket()}},
		{"PINs without a file, and receipts that no printer takes",
			"[supervisor]\nfile = \"\"\nrefund = true\nvoid = 1\n[receipt]\nwidth = 12\nfooter = \"a\\tb\"\nfont_file = \"NotoSansCJK.ttc\"\n",
			[]string{
				"posagent.toml:2:1: supervisor.file: is empty, but PINs are asked for; name the file with the PINs' hashes; the default is " + defaultSupervisors(),
				"posagent.toml:4:1: supervisor.void: is a whole number, but should be true or false; write true or false, without quotes",
				"posagent.toml:6:1: receipt.width: 12 is out of range; use 24 to 80",
				"posagent.toml:7:1: receipt.footer: is longer than 256 bytes or holds a control character; shorten it to one line of text",
				"posagent.toml:8:1: receipt.font_file: \"NotoSansCJK.ttc\" is no TrueType font; give a file that ends in .ttf; collections (.ttc) and .otf do not work",
			}},
		{"log words and limits",
			"[log]\nlevel = \"verbose\"\nformat = \"jsn\"\nmax_size_mb = 0\n",
			[]string{
				`posagent.toml:2:1: log.level: "verbose" is not known here; it can be debug, info, warn, error`,
				`posagent.toml:3:1: log.format: "jsn" is not known here; did you mean json? it can be text, json, journald, eventlog`,
				"posagent.toml:4:1: log.max_size_mb: 0 is out of range; use 1 to 1024",
			}},
		{"a system's log beside a file",
			"[log]\nformat = \"" + systemsLog() + "\"\nfile = \"posagent.log\"\n",
			[]string{"posagent.toml:3:1: log.file: is set, and format " + systemsLog() + " writes no file; leave one of them out: a file takes \"text\" or \"json\""}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := faultsOf(t, map[string]string{"posagent.toml": row.text}, Options{})
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// systemsLog is the format that only this kind of system has.
func systemsLog() string {
	if runtime.GOOS == "windows" {
		return "eventlog"
	}
	return "journald"
}

func TestALogThatThisSystemDoesNotHaveIsAFault(t *testing.T) {
	other, want := "eventlog", `posagent.toml:2:1: log.format: is "eventlog", and only Windows has an Event Log; write "journald", "text" or "json"`
	if runtime.GOOS == "windows" {
		other, want = "journald", `posagent.toml:2:1: log.format: is "journald", and Windows has no systemd journal; write "eventlog", "text" or "json"`
	}
	got := faultsOf(t, map[string]string{"posagent.toml": "[log]\nformat = \"" + other + "\"\n"}, Options{})
	if diff := cmp.Diff([]string{want}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScannerFaultsNameTheScannerAndItsLine(t *testing.T) {
	for _, row := range []struct {
		name string
		text string
		want []string
	}{
		{"the same port twice",
			"[[scanner]]\ntype = \"serial\"\nport = \"/dev/ttyUSB0\"\n[[scanner]]\ntype = \"serial\"\nport = \"/dev/../dev/ttyUSB0\"\n",
			[]string{"posagent.toml:6:1: scanner[2].port: is the device of scanner[1] too (posagent.toml:1); delete one of the two; to change a scanner in a drop-in give it the same name"}},
		{"the same device twice",
			"[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0C2E\", pid = \"0caa\" }\n[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0x0c2e\", pid = \"0CAA\" }\n",
			[]string{"posagent.toml:6:11: scanner[2].match: is the device of scanner[1] too (posagent.toml:1); delete one of the two; to change a scanner in a drop-in give it the same name"}},
		{"one of a model and any of the model",
			"[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\", serial = \"A1\" }\n[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\", usb_path = \"1-2\" }\n",
			[]string{"posagent.toml:6:11: scanner[2].match: fits the device of scanner[1] too (posagent.toml:1); give each of the two its serial, or its usb_path; posagent scanner list shows them"}},
		{"two of a model that can be told apart",
			"[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\", serial = \"A1\" }\n[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\", serial = \"A2\" }\n" +
				"[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"05e0\", pid = \"1200\", usb_path = \"1-2\" }\n[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"05e0\", pid = \"1200\", usb_path = \"1-2.4\" }\n",
			nil},
		{"a layout for a serial scanner, an unknown layout, a bad socket",
			"[[scanner]]\ntype = \"serial\"\nport = \"x\"\nlayout = \"de\"\n[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\", usb_path = \"usb1\" }\nlayout = \"dvorak\"\n",
			[]string{
				`posagent.toml:4:1: scanner[1].layout: means nothing to a serial scanner; delete it; it belongs to type = "hid" in keyboard mode`,
				`posagent.toml:7:39: scanner[2].match.usb_path: "usb1" is not a USB socket; give bus and ports, for example "1-2.4"; posagent scanner list shows them`,
				`posagent.toml:8:1: scanner[2].layout: "dvorak" is not known here; it can be us, gb, de, fr, es, it, jp`,
			}},
		{"a pause that is too short for keys",
			"[[scanner]]\ntype = \"hid\"\nmatch = { vid = \"0c2e\", pid = \"0caa\" }\nidle_gap = \"60ms\"\n[[scanner]]\ntype = \"serial\"\nport = \"x\"\nidle_gap = \"60ms\"\n",
			[]string{"posagent.toml:4:1: scanner[1].idle_gap: 60ms is shorter than the pause that a scanner in keyboard mode may make between two keys; use 100ms or more"}},
		{"a socket alone",
			"[[scanner]]\ntype = \"serial\"\nmatch = { usb_path = \"1-2\" }\n",
			[]string{"posagent.toml:3:11: scanner[1].match: has neither vid nor pid; give both as well"}},
		{"a name twice",
			"[[scanner]]\nname = \"a\"\ntype = \"serial\"\nport = \"COM3\"\n[[scanner]]\nname = \"A\"\ntype = \"serial\"\nport = \"COM4\"\n",
			[]string{`posagent.toml:6:1: scanner[2].name: "A" is the name of scanner[1] too; give each scanner a name of its own`}},
		{"an unknown type",
			"[[scanner]]\ntype = \"bluetooth\"\nport = \"x\"\n",
			[]string{`posagent.toml:2:1: scanner[1].type: "bluetooth" is not known here; it can be serial, hid`}},
		{"no type",
			"\n[[scanner]]\nport = \"x\"\n",
			[]string{`posagent.toml:2:3: scanner[1].type: is not set; write type = "serial" or type = "hid"`}},
		{"an empty scanner",
			"[[scanner]]\n",
			[]string{"posagent.toml:1:3: scanner[1]: is empty; give it at least a type, or delete it"}},
		{"one bracket",
			"[scanner]\ntype = \"serial\"\n",
			[]string{"posagent.toml:1:2: scanner: is a table, but there can be several of it; write [[scanner]] with two brackets"}},
		{"neither port nor match",
			"[[scanner]]\ntype = \"serial\"\n",
			[]string{`posagent.toml:1:3: scanner[1].port: is not set; give port = "/dev/serial/by-id/..." (Windows: "COM3") or match = { vid = "...", pid = "..." }`}},
		{"both port and match",
			"[[scanner]]\ntype = \"serial\"\nport = \"x\"\nmatch.vid = \"0c2e\"\nmatch.pid = \"0caa\"\n",
			[]string{"posagent.toml:3:1: scanner[1].port: is given beside match; give one of the two"}},
		{"a HID scanner by class alone",
			"[[scanner]]\ntype = \"hid\"\n",
			[]string{`posagent.toml:1:3: scanner[1].match: is not set; name the device: match = { vid = "0c2e", pid = "0caa" }`}},
		{"half a match and a bad number",
			"[[scanner]]\ntype = \"serial\"\nmatch = { vid = \"c2e\" }\n",
			[]string{
				"posagent.toml:3:11: scanner[1].match: has only one of vid and pid; give both",
				`posagent.toml:3:11: scanner[1].match.vid: "c2e" is not a USB number; give four hexadecimal digits, for example "0c2e"`,
			}},
		{"line settings",
			"scanner = [{ type = \"serial\", port = \"x\", baud = 14400, data_bits = 9, stop_bits = 0, parity = \"mark\", suffix = \"cl\", aim = \"x\", idle_gap = \"1ms\", max_length = 10, prefix = \"a\\r\" }]\n",
			[]string{
				"posagent.toml:1:43: scanner[1].baud: 14400 cannot be set; use the rate that the scanner is set to, mostly 9600 or 115200; there are 50 75 110 134 150 200 300 600 1200 1800 2400 4800 9600 19200 38400 57600 115200 230400 460800 500000 576000 921600 1000000 1152000 1500000 2000000 2500000 3000000 3500000 4000000",
				"posagent.toml:1:57: scanner[1].data_bits: 9 is out of range; use 7 to 8",
				"posagent.toml:1:72: scanner[1].stop_bits: 0 is out of range; use 1 to 2",
				`posagent.toml:1:87: scanner[1].parity: "mark" is not known here; it can be none, odd, even`,
				`posagent.toml:1:104: scanner[1].suffix: "cl" is not known here; did you mean cr? it can be auto, cr, lf, crlf, tab, etx, none`,
				`posagent.toml:1:119: scanner[1].aim: "x" is not known here; it can be auto, strip, none`,
				"posagent.toml:1:130: scanner[1].idle_gap: 1ms is out of range; use 50ms to 5s",
				"posagent.toml:1:148: scanner[1].max_length: 10 is out of range; use 64 to 65536",
				"posagent.toml:1:165: scanner[1].prefix: holds CR, LF or ETX, which end a label; set the scanner to another prefix",
			}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := faultsOf(t, map[string]string{"posagent.toml": row.text}, Options{})
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOfAllLayersComeTogetherInTheirOrder(t *testing.T) {
	got := faultsOf(t, map[string]string{
		"posagent.toml":           "[log]\nlevel = \"loud\"\n[policy]\ncancel_retries = 9\n",
		"posagent.d/10-a.toml":    "[policy]\ncancel_retires = 4\n",
		"posagent.d/20-b.toml":    "[log\n",
		"posagent.d/30-c.toml":    "[[scanner]]\ntype = \"serial\"\nport = \"COM3\"\nbaud = 1\n",
		"posagent.d/notes.md":     "# not read",
		"posagent.d/40-d.toml":    "[api]\nlisten = \"192.168.1.5:1\"\ntoken_file = \"x\"\n",
		"posagent.d/sub/no.toml":  "nonsense",
		"posagent.d/.30-c.toml.x": "nonsense",
	}, Options{
		Env: []string{
			"POSAGENT_GATEWAY_TIMEOUT=soon", "POSAGENT_GATWAY_TIMEOUT=1s", "POSAGENT_LOG_LEVLE=debug", "POSAGENT_SCANNER_1_BAUD=2",
			"POSAGENT_SCANNER_7_PORT=COM9", "POSAGENT_POLICY_QUERY_LIMIT=many", "POSAGENT_WINDOW=1", "PATH=/bin",
		},
		Overrides: []Override{{Key: "log.format", Value: "xml", Flag: "--log-format"}, {Key: "log.colour", Value: "1", Flag: "--colour"}},
	})
	want := []string{
		`posagent.toml:2:1: log.level: "loud" is not known here; it can be debug, info, warn, error`,
		"posagent.toml:4:1: policy.cancel_retries: 9 is out of range; use 3 to 5",
		"posagent.d/10-a.toml:2:1: policy.cancel_retires: unknown key; did you mean cancel_retries?",
		`posagent.d/20-b.toml:1:5: not TOML: expected ']' to close table name; correct this line; texts stand in quotes, for example name = "text"`,
		`posagent.d/40-d.toml:2:1: api.listen: "192.168.1.5:1" can be reached from other machines; write a loopback address with a port, for example "127.0.0.1:7373"`,
		`environment POSAGENT_GATEWAY_TIMEOUT: gateway.timeout: "soon" is not a duration; write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`,
		"environment POSAGENT_GATWAY_TIMEOUT: unknown variable; did you mean POSAGENT_GATEWAY_TIMEOUT?",
		"environment POSAGENT_LOG_LEVLE: unknown variable; did you mean POSAGENT_LOG_LEVEL?",
		`environment POSAGENT_POLICY_QUERY_LIMIT: policy.query_limit: the text "many" is not a whole number; write digits without quotes, for example 5`,
		"environment POSAGENT_SCANNER_1_BAUD: scanner[1].baud: 2 cannot be set; use the rate that the scanner is set to, mostly 9600 or 115200; there are 50 75 110 134 150 200 300 600 1200 1800 2400 4800 9600 19200 38400 57600 115200 230400 460800 500000 576000 921600 1000000 1152000 1500000 2000000 2500000 3000000 3500000 4000000",
		"environment POSAGENT_SCANNER_7_PORT: scanner[7].port: there is no scanner 7, the last one is 1; use a number from 1 to 2",
		"environment POSAGENT_WINDOW: names a section and no key of it; unset it, or write POSAGENT_WINDOW_KEY",
		"flag --colour: log.colour: no such key; delete it; the keys of log are level, format, file, max_size_mb, max_age_days, max_files",
		`flag --log-format: log.format: "xml" is not known here; it can be text, json, journald, eventlog`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheDaemonIsToldEverythingThatIsMissing(t *testing.T) {
	got := faultsOf(t, map[string]string{"posagent.toml": "[log]\nlevel = \"info\"\n[gateway]\nclient_id = \"\"\n"}, Options{Role: RoleDaemon})
	var keys []string
	for _, line := range got {
		keys = append(keys, strings.SplitAfterN(line, "is not set", 2)[0])
	}
	want := []string{
		"posagent.toml: terminal.store_id: is not set",
		"posagent.toml: terminal.terminal_id: is not set",
		"posagent.toml: terminal.currency: is not set",
		"posagent.toml:3:2: gateway.merchant_id: is not set",
		"posagent.toml:3:2: gateway.private_key_file: is not set",
		"posagent.toml:3:2: gateway.alipay_public_key_file: is not set",
		"posagent.toml:4:1: gateway.client_id: is not set",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPastedKeyIsRefusedAndNeverRepeated(t *testing.T) {
	key := "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyjiWA4R4yw5OQ2p3H0s1b2v" + strings.Repeat("k3Ff", 30)
	armoured := "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----"
	for name, row := range map[string]struct {
		text string
		env  []string
	}{
		"bare base64":                 {text: "[gateway]\nprivate_key_file = \"" + key + "\"\n"},
		"PEM in three quotes":         {text: "[gateway]\nprivate_key_file = \"\"\"\n" + armoured + "\"\"\"\n"},
		"PEM in one quote":            {text: "[gateway]\nprivate_key_file = \"" + armoured + "\"\n"},
		"under a key that is unknown": {text: "[gateway]\nprivate_key = \"" + key + "\"\n"},
		"outside of every table":      {text: "private_key = \"" + key + "\"\n"},
		"in a duration":               {text: "[gateway]\ntimeout = \"" + key + "\"\n"},
		"in the environment":          {env: []string{"POSAGENT_GATEWAY_PRIVATE_KEY_FILE=" + armoured}},
		"in an unknown variable":      {env: []string{"POSAGENT_GATEWAY_PRIVATE_KEY=" + key}},
		"in a variable of no table":   {env: []string{"POSAGENT_KEY=" + key}},
	} {
		t.Run(name, func(t *testing.T) {
			got := faultsOf(t, map[string]string{"posagent.toml": row.text}, Options{Env: row.env})
			if len(got) != 1 || !strings.Contains(got[0], "put the key into a file of its own") {
				t.Fatalf("got %q", got)
			}
			if strings.Contains(got[0], key[:12]) || strings.Contains(got[0], key[40:60]) {
				t.Errorf("the fault repeats the key: %s", got[0])
			}
		})
	}
}

func TestAFileThatCannotBeReadIsAFault(t *testing.T) {
	dir := t.TempDir()
	got := faultsOf(t, nil, Options{Path: filepath.Join(dir, "none.toml")})
	want := []string{filepath.Join(dir, "none.toml") + ": cannot be read: no such file or directory; make one from what \"posagent config example\" prints, or name another with --config"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("missing file (-want +got):\n%s", diff)
	}
	if got := faultsOf(t, nil, Options{Path: dir}); len(got) != 1 || !strings.Contains(got[0], "is a directory") {
		t.Errorf("directory: %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "big.toml"), make([]byte, maxFileSize+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := faultsOf(t, nil, Options{Path: filepath.Join(dir, "big.toml")}); len(got) != 1 || !strings.Contains(got[0], "larger than") {
		t.Errorf("large file: %q", got)
	}
	got = faultsOf(t, map[string]string{"posagent.toml": minimal, "posagent.d": "not a directory"}, Options{})
	if len(got) != 1 || !strings.HasPrefix(got[0], "posagent.d: cannot be read") {
		t.Errorf("posagent.d is a file: %q", got)
	}
}

func TestFaultsMarshalForPrograms(t *testing.T) {
	faults := Faults{
		faultAt(Origin{Kind: OriginFile, File: "/etc/posagent/posagent.toml", Line: 3, Column: 1}, "log.level", "p", "r"),
		faultAt(Origin{Kind: OriginEnv, Name: "POSAGENT_LOG_LEVEL"}, "log.level", "p", "r"),
	}
	got, err := json.Marshal(faults)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"file":"/etc/posagent/posagent.toml","line":3,"column":1,"key":"log.level","problem":"p","remedy":"r"},` +
		`{"variable":"POSAGENT_LOG_LEVEL","key":"log.level","problem":"p","remedy":"r"}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, err := json.Marshal(Faults(nil)); err != nil || string(got) != "[]" {
		t.Errorf("no faults: %s, %v", got, err)
	}
}
