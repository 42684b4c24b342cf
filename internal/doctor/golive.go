package doctor

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"posagent/internal/config"
	"posagent/internal/finding"
	"posagent/internal/keystore"
	"posagent/offline/sandbox"
)

// GoLiveOptions say what is judged before the first customer pays.
type GoLiveOptions struct {
	Options
	// Before is the configuration with which this shop has tried the sandbox; empty:
	// none is at hand, and what must differ is judged by its looks alone.
	Before string
	// Journal counts the sales in the till's record, and those without an end.
	// fs.ErrNotExist: there is no record yet.
	Journal func(ctx context.Context) (sales, unsettled int, err error)
}

// GoLive judges whether this till may take real money. Alipay's integration guide
// for offline payments names three parameters that change between its sandbox and
// production: client id, RSA2 key and merchant id. Address, policy, shop, record
// and clock can be left over from trying just as well. It ends with a signed round
// trip, which asks for a payment that cannot exist.
func GoLive(ctx context.Context, opt GoLiveOptions) []finding.Finding {
	cfg, out := configuration(opt.Options)
	if cfg == nil {
		return out
	}
	for _, n := range cfg.Notes {
		out = append(out, finding.Of("configuration", finding.Warn, n.Where()+" "+n.Key+": "+n.Problem, n.Remedy))
	}
	out = append(out, leftovers(ctx, cfg, opt)...)
	out = append(out, gateway(ctx, cfg)...)
	out = append(out, scanners(cfg)...)
	return append(out, disk(ctx, cfg)...)
}

// leftovers judges what can be judged without the network.
func leftovers(ctx context.Context, cfg *config.Config, opt GoLiveOptions) []finding.Finding {
	out := append([]finding.Finding{address(cfg), protocol(cfg)}, account(cfg)...)
	out = append(out, keys(cfg)...)
	out = append(out, keyOrigin(cfg))
	if opt.Before != "" {
		out = append(out, changed(cfg, opt)...)
	}
	out = append(out, shop(cfg)...)
	out = append(out, pace(cfg)...)
	return append(out, authorities(cfg), journal(ctx, cfg, opt), logging(cfg))
}

// Hosts and path of production, as Alipay's pages of the interface name them.
const productionPath = "/api/alipay/intl/acquiring"

func productionHosts() []string { return []string{"open-sea.alipay.com", "open-na.alipay.com"} }

// address judges where messages go.
func address(cfg *config.Config) finding.Finding {
	const remedy = "set gateway.base_url to the production address of your account's documents, such as " +
		"https://open-sea.alipay.com" + productionPath + "/"
	f := finding.Of("address", finding.Fail, cfg.Gateway.BaseURL, remedy)
	u, err := url.Parse(cfg.Gateway.BaseURL)
	if err != nil {
		f.Detail = err.Error()
		return f
	}
	host := strings.ToLower(u.Hostname())
	ip := net.ParseIP(host)
	switch {
	case host == "localhost" || ip != nil && ip.IsLoopback():
		f.Detail = cfg.Gateway.BaseURL + " is a simulated gateway on this machine: no money is moved"
	case strings.HasSuffix(host, "alipaydev.com"), strings.Contains(strings.ToLower(host+u.Path), "sandbox"), strings.Contains(u.Path, "/isupergw/"):
		f.Detail = cfg.Gateway.BaseURL + " is a sandbox: no money is moved"
	case u.Scheme != "https":
		f.Detail = cfg.Gateway.BaseURL + " is not encrypted"
	case !slices.Contains(productionHosts(), host):
		f.Verdict, f.Detail = finding.Warn, host+" is none of the production hosts that are publicly known: "+strings.Join(productionHosts(), ", ")
		f.Remedy = "compare it with your account's documents"
	case strings.TrimSuffix(u.Path, "/") != productionPath:
		f.Verdict, f.Detail = finding.Warn, "the path is "+u.Path+", and "+productionPath+"/ is the one that is publicly known"
		f.Remedy = "compare it with your account's documents"
	default:
		f.Verdict, f.Remedy = finding.Pass, ""
	}
	return f
}

// protocol judges version and signature.
func protocol(cfg *config.Config) finding.Finding {
	version, sign := string(cfg.Gateway.APIVersion), string(cfg.Gateway.SignType)
	f := finding.Of("version", finding.Pass, version+", "+sign, "")
	switch {
	case sign != "RSA2":
		f.Verdict, f.Detail = finding.Warn, version+" signed with SHA-1, which is broken for signatures"
		f.Remedy = "ask Alipay whether the account may use RSA2"
	case version != "2.0.4":
		f.Verdict, f.Remedy = finding.Warn, "2.0.4 is the newest; keep "+version+" only if the account's documents name it"
	}
	return f
}

// account judges client and merchant by what is known to be nobody's.
func account(cfg *config.Config) []finding.Finding {
	ids := []struct{ check, key, value, own string }{
		{"client id", "gateway.client_id", cfg.Gateway.ClientID, sandbox.ClientID},
		{"merchant id", "gateway.merchant_id", cfg.Gateway.MerchantID, sandbox.MerchantID},
	}
	var out []finding.Finding
	for _, id := range ids {
		f := finding.Of(id.check, finding.Pass, id.value, "")
		switch {
		case id.value == id.own:
			f.Verdict, f.Detail = finding.Fail, id.value+" is the account of the simulated gateway"
		case sample(id.value):
			f.Verdict, f.Detail = finding.Fail, id.value+" is an example of Alipay's documents"
		case looksTried(id.value):
			f.Verdict, f.Detail = finding.Fail, id.value+" is an account of a sandbox"
		}
		if f.Verdict != finding.Pass {
			f.Remedy = "set " + id.key + " to that of the production account; the portal shows it"
		}
		out = append(out, f)
	}
	return out
}

// sample tells ids that stand in the public documents of the interface.
func sample(id string) bool {
	return id == "211020000000000000044" || id == sandbox.MerchantID
}

var tried = regexp.MustCompile(`(?i)(^|[^a-z])(sandbox|test|testing|demo|dummy|training|train|example|e2e)([^a-z]|$)`)

// looksTried tells a name that somebody gave while trying.
func looksTried(name string) bool { return tried.MatchString(name) }

// keyOrigin judges whether the keys are those that the simulated gateway made: it
// leaves the private half of what it calls Alipay's key beside the others.
func keyOrigin(cfg *config.Config) finding.Finding {
	f := finding.Of("keys' origin", finding.Pass, "not made by a simulated gateway", "")
	for _, path := range []string{cfg.Gateway.PrivateKeyFile, cfg.Gateway.AlipayPublicKeyFile} {
		if keystore.IsCredential(path) {
			continue
		}
		beside := filepath.Join(filepath.Dir(path), "alipay_private.pem")
		if _, err := os.Stat(beside); err == nil {
			return finding.Of("keys' origin", finding.Fail, beside+" is the private key of a simulated gateway: the keys beside it are throw-away ones",
				"make a new pair with \"posagent keys generate\" in another folder, upload its public half, and save Alipay's public key from the production portal there")
		}
	}
	return f
}

// changed compares with the configuration that was used in the sandbox.
func changed(cfg *config.Config, opt GoLiveOptions) []finding.Finding {
	old, err := config.Load(config.Options{Path: opt.Before, Explicit: true, Role: config.RoleClient})
	if err != nil {
		return []finding.Finding{finding.Of("before", finding.Fail, opt.Before+" cannot be compared with: "+err.Error(), "give the configuration that was used in the sandbox")}
	}
	var out []finding.Finding
	differ := func(check, key string, same bool) {
		f := finding.Of("changed: "+check, finding.Pass, "differs from that in the sandbox", "")
		if same {
			f = finding.Of("changed: "+check, finding.Fail, "is the same as in the sandbox", "set "+key+" to that of production")
		}
		out = append(out, f)
	}
	differ("client id", "gateway.client_id", cfg.Gateway.ClientID == old.Gateway.ClientID)
	differ("merchant id", "gateway.merchant_id", cfg.Gateway.MerchantID == old.Gateway.MerchantID)
	differ("address", "gateway.base_url", cfg.Gateway.BaseURL == old.Gateway.BaseURL)
	for _, k := range []struct {
		check, key, now, before string
		fingerprint             func(string) (string, error)
	}{
		{"private key", "gateway.private_key_file", cfg.Gateway.PrivateKeyFile, old.Gateway.PrivateKeyFile, privateFingerprint},
		{"Alipay's public key", "gateway.alipay_public_key_file", cfg.Gateway.AlipayPublicKeyFile, old.Gateway.AlipayPublicKeyFile, publicFingerprint},
	} {
		now, err := k.fingerprint(k.now)
		if err != nil {
			continue // judged as such already
		}
		before, err := k.fingerprint(k.before)
		if err != nil {
			out = append(out, finding.Of("changed: "+k.check, finding.Warn, "that of the sandbox cannot be read: "+err.Error(), "compare the fingerprints by hand: \"posagent keys show-public\""))
			continue
		}
		differ(k.check, k.key, now == before)
	}
	return out
}

func privateFingerprint(path string) (string, error) {
	k, err := keystore.LoadPrivate(path)
	if err != nil {
		return "", err
	}
	return k.PublicKey().Fingerprint(), nil
}

func publicFingerprint(path string) (string, error) {
	k, err := keystore.LoadPublic(path)
	if err != nil {
		return "", err
	}
	return k.Fingerprint(), nil
}

// shop judges the names under which customers and files see this till.
func shop(cfg *config.Config) []finding.Finding {
	t := cfg.Terminal
	var out []finding.Finding
	for _, n := range []struct{ check, key, value string }{
		{"store id", "terminal.store_id", t.StoreID}, {"terminal id", "terminal.terminal_id", t.TerminalID}, {"store name", "terminal.store_name", t.StoreName},
	} {
		f := finding.Of(n.check, finding.Pass, n.value, "")
		switch {
		case looksTried(n.value):
			f.Verdict, f.Detail = finding.Warn, n.value+" looks left over from trying"
			f.Remedy = "set " + n.key + ": it stands in reconciliation files and, as the name, on the customer's phone"
		case n.check == "store name" && n.value == "Sunrise Mart":
			f.Verdict, f.Detail, f.Remedy = finding.Fail, n.value+" is the example's name", "set terminal.store_name: customers see it on the phone"
		case n.check == "store name" && n.value == "":
			f.Verdict, f.Detail, f.Remedy = finding.Warn, "customers see "+t.StoreID+" on the phone", "set terminal.store_name"
		}
		out = append(out, f)
	}
	mcc := finding.Of("category", finding.Pass, t.MCC, "")
	switch t.MCC {
	case "":
		mcc = finding.Of("category", finding.Warn, "no merchant category code is sent", "set terminal.mcc to the one of the contract, four digits of ISO 18245")
	case "0000", "1234", "9999":
		mcc = finding.Of("category", finding.Fail, t.MCC+" is no merchant category", "set terminal.mcc to the one of the contract, four digits of ISO 18245")
	}
	return append(out, mcc, finding.Of("currency", finding.Pass, t.Currency+": compare it with the contract", ""))
}

// authorities judges who may vouch for the gateway. Results are safe in any case,
// as answers are signed; payment codes are not.
func authorities(cfg *config.Config) finding.Finding {
	if cfg.Gateway.CAFile != "" {
		return finding.Of("TLS authorities", finding.Warn, cfg.Gateway.CAFile+" is trusted too: whoever has its key can read payment codes while they live",
			"keep gateway.ca_file only where a proxy of this shop inspects TLS on purpose; better is an exception for the gateway's host")
	}
	return finding.Of("TLS authorities", finding.Pass, "the system's alone", "")
}

// logging judges what the log would hold.
func logging(cfg *config.Config) finding.Finding {
	if cfg.Log.Level == "debug" {
		return finding.Of("log", finding.Warn, "level debug: each message of each sale is a line", "set log.level to \"info\"; it can be raised for an hour while the till sells")
	}
	return finding.Of("log", finding.Pass, "level "+string(cfg.Log.Level), "")
}
