package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"posagent/internal/keystore"
)

// daemonText is a complete configuration; keys lie beside it.
const daemonText = `[terminal]
store_id = "S01"
terminal_id = "T03"
currency = "HKD"
[gateway]
client_id = "SANDBOX_5Y00000000000001"
merchant_id = "218820000000000000023"
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
[[scanner]]
type = "serial"
port = "COM3"
`

// testKeys are two pairs, made once: RSA keys take long to make.
var testKeys = sync.OnceValue(func() map[string][]byte {
	files := map[string][]byte{}
	for _, name := range []string{"terminal", "alipay"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			panic(err)
		}
		files[name+"_private.pem"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
		files[name+"_public.pem"] = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	}
	return files
})

// daemonFiles is daemonText with good keys.
func daemonFiles() map[string]string {
	files := map[string]string{"posagent.toml": daemonText}
	for name, data := range testKeys() {
		files["keys/"+name] = string(data)
	}
	return files
}

// closeKeys gives private keys and tokens the mode that they have to have.
func closeKeys(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range append(names, "keys/terminal_private.pem", "keys/alipay_private.pem") {
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func loadDaemon(t *testing.T, files map[string]string, closed ...string) (string, *Config, error) {
	t.Helper()
	dir := write(t, files)
	closeKeys(t, dir, closed...)
	cfg, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
	return dir, cfg, err
}

func TestACompleteConfigurationLoadsForTheDaemon(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] += "[api]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"not-made-yet/token\"\n"
	dir, cfg, err := loadDaemon(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Notes) != 0 {
		t.Errorf("notes: %v", cfg.Notes)
	}
	if _, err := keystore.LoadPrivate(cfg.Gateway.PrivateKeyFile); err != nil {
		t.Errorf("the path does not lead to the key: %v", err)
	}
	if want := filepath.Join(dir, "not-made-yet", "token"); cfg.API.TokenFile != want {
		t.Errorf("token file %s, want %s", cfg.API.TokenFile, want)
	}
}

func TestFaultsOfKeyFilesStandWhereTheFileIsNamed(t *testing.T) {
	keys := testKeys()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	ecPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecDER}))
	block, _ := pem.Decode(keys["alipay_public.pem"])
	bare := base64.StdEncoding.EncodeToString(block.Bytes)
	const private, alipay = "posagent.toml:8:1: gateway.private_key_file: ", "posagent.toml:9:1: gateway.alipay_public_key_file: "
	for _, row := range []struct {
		name    string
		file    string
		content string // empty: the file is removed
		want    string
	}{
		{"no private key", "keys/terminal_private.pem", "", private + `"keys/terminal_private.pem" does not exist; correct the path, or put the file there; relative paths count from the directory of the file that holds them`},
		{"no public key", "keys/alipay_public.pem", "", alipay + `"keys/alipay_public.pem" does not exist; correct the path, or put the file there; relative paths count from the directory of the file that holds them`},
		{"public for private", "keys/terminal_private.pem", string(keys["terminal_public.pem"]), private + `"keys/terminal_private.pem" holds a public key; give the file of the private key of the pair`},
		{"private for public", "keys/alipay_public.pem", string(keys["alipay_private.pem"]), alipay + `"keys/alipay_public.pem" holds a private key; give the file of the public key; a private key never leaves the machine it was made on`},
		{"EC", "keys/terminal_private.pem", ecPEM, private + `"keys/terminal_private.pem" holds an elliptic-curve private key; use an RSA key of 2048 bits; posagent keys generate makes one`},
		{"bare base64", "keys/alipay_public.pem", bare, alipay + `"keys/alipay_public.pem" is base64 without PEM armour; put the line -----BEGIN PUBLIC KEY----- above it and -----END PUBLIC KEY----- below it`},
		{"our own key as Alipay's", "keys/alipay_public.pem", string(keys["terminal_public.pem"]), alipay + "is the public half of this terminal's own key; save Alipay's public key from the portal; the terminal's own is only uploaded there"},
	} {
		t.Run(row.name, func(t *testing.T) {
			files := daemonFiles()
			files[row.file] = row.content
			dir := write(t, files)
			closeKeys(t, dir)
			if row.content == "" {
				if err := os.Remove(filepath.Join(dir, row.file)); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
			if err == nil {
				t.Fatal("no fault")
			}
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
			if diff := cmp.Diff(row.want, filepath.ToSlash(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: RoleClient}); err != nil {
				t.Errorf("a client, which does not open keys, was told: %v", err)
			}
		})
	}
}

func TestAPrivateKeyThatOthersCanReadIsAFaultOfItsKey(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access is not a matter of mode bits here")
	}
	dir := write(t, daemonFiles())
	_, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
	if err == nil || !strings.Contains(err.Error(), "posagent.toml:8:1: gateway.private_key_file: ") || !strings.Contains(err.Error(), "chmod 0600 ") {
		t.Errorf("got %v", err)
	}
}

func TestOtherFilesAreJudgedToo(t *testing.T) {
	certificateLess := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
	for _, row := range []struct{ name, text, file, content, want string }{
		{"no CA file", "[gateway]\nca_file = \"ca.pem\"\n", "x", "x", `posagent.toml:2:1: gateway.ca_file: "ca.pem" cannot be read`},
		{"a key for a CA", "[gateway]\nca_file = \"ca.pem\"\n", "ca.pem", string(testKeys()["alipay_public.pem"]), `"ca.pem" holds a PEM block that is no certificate`},
		{"a damaged CA", "[gateway]\nca_file = \"ca.pem\"\n", "ca.pem", certificateLess, `"ca.pem": certificate 1 is damaged`},
		{"an empty CA", "[gateway]\nca_file = \"ca.pem\"\n", "ca.pem", "", `"ca.pem" holds no certificate`},
		{"a short token", "[api]\ntoken_file = \"token\"\n", "token", "letmein", `posagent.toml:2:1: api.token_file: "token" holds no token`},
		{"a reserve that is no JSON", "[gateway]\nreserve_file = \"isv\"\n", "isv", "hunter2", `posagent.toml:2:1: gateway.reserve_file: "isv" holds no JSON object`},
		{"a journal that is a directory", "[journal]\npath = \"data\"\n", "data/x", "x", `posagent.toml:2:1: journal.path: "data" is a directory`},
		{"a log that is a directory", "[log]\nfile = \"data\"\n", "data/x", "x", `posagent.toml:2:1: log.file: "data" is a directory`},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := write(t, map[string]string{"posagent.toml": row.text, row.file: row.content})
			if err := os.Chmod(filepath.Join(dir, row.file), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true})
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
			if !strings.Contains(got, row.want) {
				t.Errorf("got %s\nwant %s", got, row.want)
			}
			if strings.Contains(got, "hunter2") || strings.Contains(got, "letmein") {
				t.Errorf("a secret is repeated: %s", got)
			}
		})
	}
}

func TestTheReserveComesFromItsFile(t *testing.T) {
	const isv = `{"isvAccesstoken":"hunter2"}`
	files := daemonFiles()
	files["posagent.toml"] = strings.Replace(daemonText, "[gateway]\n", "[gateway]\nreserve_file = \"isv.json\"\n", 1)
	files["isv.json"] = isv + "\n"
	_, cfg, err := loadDaemon(t, files, "isv.json")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := cfg.Gateway.ReserveSecret()
	if err != nil || secret.Reveal() != isv {
		t.Errorf("got %q, %v", secret.Reveal(), err)
	}
	if secret, err := (Gateway{Reserve: `{"a":"b"}`}).ReserveSecret(); err != nil || secret.Reveal() != `{"a":"b"}` {
		t.Errorf("from the configuration: %v, %v", secret, err)
	}
}
