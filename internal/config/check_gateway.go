package config

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"posagent/offline/alipay"
)

var idPattern = regexp.MustCompile(`^[!-~]+$`)

func (l *loader) checkGateway() {
	g := &l.cfg.Gateway
	l.checkBaseURL(g.BaseURL)
	l.checkProxy(g.ProxyURL)
	if g.SignType == SignTypeRSA && g.APIVersion != APIVersion200 {
		l.fault("gateway.sign_type", fmt.Sprintf("RSA (SHA-1) with api_version %s", g.APIVersion),
			`use sign_type = "RSA2"; RSA is only for api_version = "2.0.0"`)
	}
	if l.required("gateway.client_id", g.ClientID, "give the client ID of the account with Alipay") {
		l.account("gateway.client_id", g.ClientID, alipay.MaxClientID)
	}
	longest := alipay.MaxMerchantID
	if g.APIVersion == APIVersion202 {
		longest = alipay.MaxPartnerID
	}
	if l.required("gateway.merchant_id", g.MerchantID, "give the merchant ID of the account with Alipay") {
		l.account("gateway.merchant_id", g.MerchantID, longest)
	}
	l.account("gateway.seller_id", g.SellerID, alipay.MaxSellerID)
	l.account("gateway.settle_contract_id", g.SettleContractID, alipay.MaxSettleContractID)
	l.checkReserve(g)
	const keysRemedy = "make a pair with: posagent keys generate, and give the file's path"
	l.required("gateway.private_key_file", g.PrivateKeyFile, keysRemedy)
	l.required("gateway.alipay_public_key_file", g.AlipayPublicKeyFile, "save Alipay's public key from the portal to a file and give its path")
	l.checkClient()
}

// account checks a value that Alipay gave out.
func (l *loader) account(key, value string, longest int) {
	switch {
	case value == "":
	case len(value) > longest:
		l.fault(key, fmt.Sprintf("has %d characters", len(value)), fmt.Sprintf("copy it again; it has at most %d", longest))
	case !idPattern.MatchString(value):
		l.fault(key, quote(value)+" holds a space or a character that is not ASCII", "copy it again without them")
	}
}

func (l *loader) checkReserve(g *Gateway) {
	if g.Reserve == "" {
		return
	}
	var object map[string]any
	switch {
	case g.ReserveFile != "":
		l.fault("gateway.reserve", "is given beside reserve_file", "give one of the two")
	case len(g.Reserve) > alipay.MaxReserve:
		l.fault("gateway.reserve", fmt.Sprintf("has %d bytes", len(g.Reserve)), fmt.Sprintf("shorten it to %d", alipay.MaxReserve))
	case json.Unmarshal([]byte(g.Reserve), &object) != nil || object == nil || g.Reserve[0] != '{':
		l.fault("gateway.reserve", "is not a JSON object", `write for example reserve = '{"name":"value"}'`)
	default:
		for name := range object {
			if credentialName.MatchString(name) {
				l.fault("gateway.reserve", "holds a credential, "+quote(name),
					"put the JSON object into a file of its own with mode 0600 and give its path as reserve_file")
				return
			}
		}
	}
}

var credentialName = regexp.MustCompile(`(?i)token|secret|password|key`)

func (l *loader) checkBaseURL(base string) {
	const key = "gateway.base_url"
	const remedy = "the address of production is " + DefaultBaseURL
	if base == "" {
		l.fault(key, "is empty", remedy)
		return
	}
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		l.fault(key, quote(base)+" is not an address", remedy)
	case u.User != nil:
		l.fault(key, "holds a user name or password", "take it out of the address; the gateway knows the terminal by its signature")
	case u.Scheme == "http" && !loopbackHost(u.Hostname()):
		l.fault(key, "http:// to "+quote(u.Host)+" would send payments unprotected", "use https://; http:// is for loopback addresses only")
	case u.Scheme != "http" && u.Scheme != "https":
		l.fault(key, "the scheme "+quote(u.Scheme)+" is not known", "use https://")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		l.fault(key, "holds a ? or #", "end it with the last / before the operation's path")
	case strings.HasSuffix(u.Path, ".htm"):
		l.fault(key, "is the address of one operation", "end it before that, for example with /acquiring/")
	case !strings.HasSuffix(u.Path, "/"):
		l.fault(key, quote(base)+" does not end with /", "write "+quote(base+"/")+"; the operations' paths are appended")
	}
}

func (l *loader) checkProxy(p ProxyURL) {
	const key = "gateway.proxy_url"
	if p == "" {
		return
	}
	u, err := p.URL()
	switch {
	case err != nil || u.Hostname() == "":
		l.fault(key, "is not an address", `write for example "http://proxy.example:3128"`)
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5":
		l.fault(key, "the scheme "+quote(u.Scheme)+" is not known", "use http://, https:// or socks5://")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		l.fault(key, "holds a path", "give scheme, host and port only")
	default:
		if _, set := u.User.Password(); set {
			l.note(key, "holds a password", "let the file be readable by posagent's user only, or let the proxy admit this till by its address")
		}
	}
}

func (l *loader) checkListeners() {
	a := &l.cfg.API
	if a.Socket == "" && a.Listen == "" {
		l.fault("api.socket", "and api.listen are both empty: nobody could reach posagent", "give socket; the default is "+defaultSocket())
	}
	if a.Socket != "" && !strings.HasPrefix(a.Socket, `\\`) && len(a.Socket) > longestSocket {
		l.fault("api.socket", fmt.Sprintf("%s has %d bytes", quotePath(a.Socket), len(a.Socket)),
			fmt.Sprintf("shorten it to %d: the system takes no longer path for a socket", longestSocket))
	}
	if a.Listen != "" {
		l.checkListen("api.listen", a.Listen)
		if a.TokenFile == "" {
			l.fault("api.listen", "is given without token_file", "name a file for the token; the daemon makes it")
		}
	}
	l.checkAdmin()
}

// longestSocket is what sockaddr_un holds on Linux, less the closing zero.
const longestSocket = 107

func (l *loader) checkListen(key, address string) {
	const remedy = `write a loopback address with a port, for example "127.0.0.1:7373"`
	if host, ok := l.checkAddress(key, address, remedy); ok && !loopbackHost(host) {
		l.fault(key, quote(address)+" can be reached from other machines", remedy)
	}
}

// checkAddress wants host and port, and tells the host.
func (l *loader) checkAddress(key, address, remedy string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		l.fault(key, quote(address)+" is not host:port", remedy)
		return "", false
	}
	if _, err := net.LookupPort("tcp", port); err != nil || strings.Trim(port, "0123456789") != "" || port == "" {
		l.fault(key, quote(port)+" is not a port", remedy)
		return "", false
	}
	return host, true
}

// loopbackHost accepts addresses, not names that a DNS server could point elsewhere; localhost is the exception.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
