package config

import "time"

// Config is the whole effective configuration. It is immutable after [Load].
type Config struct {
	// Terminal says which till this is.
	Terminal Terminal `toml:"terminal"`
	// Gateway says where payments are sent, and as whom.
	Gateway Gateway `toml:"gateway"`
	// Policy says how long to wait and how often to ask. Change it only with a reason: each figure guards against
	// charging twice or forgetting a charge.
	Policy Policy `toml:"policy"`
	// Journal says where payments are recorded.
	Journal Journal `toml:"journal"`
	// Scanners are the code readers. None is allowed: codes then come through the local API only.
	Scanners []Scanner `toml:"scanner"`
	// API is the local interface for cashier software.
	API API `toml:"api"`
	// Supervisor says what a cashier may not do alone.
	Supervisor Supervisor `toml:"supervisor"`
	// Receipt says what a receipt looks like.
	Receipt Receipt `toml:"receipt"`
	// Window says how the cashier's window opens by itself.
	Window Window `toml:"window"`
	// Admin is how store IT reaches the daemon.
	Admin Admin `toml:"admin"`
	// Log says what is logged, how and where.
	Log Log `toml:"log"`

	// Notes are remarks that are no faults, such as an empty list of scanners.
	Notes Faults `toml:"-"`

	file     string
	sources  []string
	texts    []text // of the sources
	origins  map[string]Origin
	layers   map[string][]Layer // every value that was given, lowest layer first
	contents map[string]content // of the files that keys name
}

// Terminal says which till this is.
type Terminal struct {
	// Store number, sent as order.seller.storeId; its first 14 characters stand in every merchantTransId. 1 to 64 of
	// A-Z a-z 0-9 . _ -. Required.
	StoreID string `toml:"store_id"`
	// Store name, sent as order.seller.storeName; the customer sees it on the phone. At most 256 bytes.
	StoreName string `toml:"store_name" reload:"live"`
	// Till number, unique within the store, part of every merchantTransId. 1 to 14 of A-Z a-z 0-9 _ -. Required.
	// Two tills must never share one.
	TerminalID string `toml:"terminal_id"`
	// Merchant category code of ISO 18245, four digits. Empty: not sent.
	MCC string `toml:"mcc" reload:"live"`
	// Currency of all sales, ISO 4217, for example HKD. Required.
	Currency string `toml:"currency" reload:"live"`
	// Language of the texts for the cashier.
	Language Language `toml:"language" reload:"live"`
}

// Gateway says where payments are sent, and as whom.
type Gateway struct {
	// Address of the gateway up to and including the last slash before the operation's path. https:// except on
	// loopback addresses.
	BaseURL string `toml:"base_url" reload:"live"`
	// Version of the interface, from the account's documents: 2.0.4 (merchantId), 2.0.2 (partnerId), 2.0.0 (AlipayHK).
	APIVersion APIVersion `toml:"api_version" reload:"live"`
	// Signature algorithm: RSA2 is SHA256withRSA; RSA is SHA1withRSA, with api_version 2.0.0 only.
	SignType SignType `toml:"sign_type" reload:"live"`
	// Client ID given by Alipay, at most 32 characters. Required.
	ClientID string `toml:"client_id" reload:"live"`
	// Merchant ID (partner ID with 2.0.2) given by Alipay, at most 64 characters, 32 with 2.0.2. Required.
	MerchantID string `toml:"merchant_id" reload:"live"`
	// Secondary merchant, sent as order.seller.sellerId. Empty: not sent.
	SellerID string `toml:"seller_id" reload:"live"`
	// Settlement contract, sent as settleContractId. Empty: the merchant's default contract.
	SettleContractID string `toml:"settle_contract_id" reload:"live"`
	// JSON object sent as head.reserve, at most 256 bytes, without credentials. Empty: not sent.
	Reserve string `toml:"reserve" reload:"live"`
	// File whose content is sent as head.reserve instead: for the isvAccesstoken of an integrator, mode 0600.
	ReserveFile string `toml:"reserve_file" path:"key" reload:"live"`
	// This terminal's private key: PEM, PKCS#8 or PKCS#1, RSA of 2048 to 4096 bits. A file of mode 0600, or "credential:NAME" for one that systemd hands over (LoadCredential=NAME:FILE or LoadCredentialEncrypted=NAME:FILE). Required.
	PrivateKeyFile string `toml:"private_key_file" path:"key" reload:"live"`
	// Alipay's public key, with which answers are verified: PEM, RSA. Required.
	AlipayPublicKeyFile string `toml:"alipay_public_key_file" path:"key" reload:"live"`
	// PEM certificates trusted beside the system's, for an inspecting proxy. Empty: the system's only.
	CAFile string `toml:"ca_file" path:"file" reload:"live"`
	// Proxy on the way out: http://, https:// or socks5://host:port. Empty: none; the environment's proxies are not used.
	ProxyURL ProxyURL `toml:"proxy_url" reload:"live"`
	// Time limit of one HTTP exchange, 1s to 60s.
	Timeout time.Duration `toml:"timeout" min:"1s" max:"1m" reload:"live"`
}

// Journal says where payments are recorded.
type Journal struct {
	// The journal's file, on a local disk that survives a power cut.
	Path string `toml:"path" path:"file"`
	// How long finished payments stay on record, at least 31d. A payment that is gone can no longer be refunded.
	Retention time.Duration `toml:"retention" reload:"live"`
}

// API is the local interface for cashier software.
type API struct {
	// Unix socket (Windows: named pipe) on which the API answers. Empty: none.
	Socket string `toml:"socket" path:"socket"`
	// Windows: the group, by name or SID, whose members may use the pipe. Empty: whoever is logged on at the machine.
	Group string `toml:"group"`
	// Loopback address and port on which the API answers as well, for example 127.0.0.1:7373. Empty: none.
	Listen string `toml:"listen"`
	// File with the bearer token that callers of listen must show, mode 0600; made by the daemon if absent. Needed with listen.
	TokenFile string `toml:"token_file" path:"file"`
}

// Admin is how store IT reaches the daemon.
type Admin struct {
	// Address and port, for example 127.0.0.1:9373. On loopback without certificates it shows health, metrics and the
	// version to any user of the machine, and nothing else; anywhere else it needs the three files. Empty: none.
	Listen string `toml:"listen"`
	// Unix socket (Windows: named pipe) for "posagent admin", for root and the service's user. Empty: beside api.socket.
	Socket string `toml:"socket" path:"socket"`
	// The listener's own certificate with its chain, PEM. With it, callers must show one too, over TLS 1.3.
	CertFile string `toml:"cert_file" path:"file"`
	// Private key of cert_file, PEM, mode 0600.
	KeyFile string `toml:"key_file" path:"file"`
	// Certificates of those who issue callers' certificates, PEM.
	ClientCAFile string `toml:"client_ca_file" path:"file"`
	// Callers who may look: rules for certificates such as "OU=monitoring,O=Sunrise; CN=prometheus". Empty: nobody.
	Read string `toml:"read" reload:"live"`
	// Callers who may drain, resume, reload, set the log level, verify and copy the journal, and fetch a support bundle.
	Operate string `toml:"operate" reload:"live"`
	// Callers who may say how a sale in doubt ended.
	Money string `toml:"money" reload:"live"`
}

// Log says what is logged, how and where.
type Log struct {
	// Least level that is written.
	Level LogLevel `toml:"level" reload:"live"`
	// Shape of a line: text, json (names of the Elastic Common Schema), journald (systemd's journal with fields) or
	// eventlog (the Windows Event Log). In a systemd service text gets the journal's fields by itself.
	Format LogFormat `toml:"format"`
	// File to write to, with text and json only. Empty: standard error.
	File string `toml:"file" path:"file"`
	// Size in megabytes at which the file is put aside and a new one begun, 1 to 1024.
	MaxSizeMB int `toml:"max_size_mb" min:"1" max:"1024"`
	// Files put aside longer ago than this many days are deleted, 1 to 3650.
	MaxAgeDays int `toml:"max_age_days" min:"1" max:"3650"`
	// Number of files put aside that are kept, 1 to 1000.
	MaxFiles int `toml:"max_files" min:"1" max:"1000"`
}

// File is the absolute path of the main configuration file, empty where none was found.
func (c *Config) File() string { return c.file }

// Sources are the absolute paths of all files that were read, in the order in which they were applied.
func (c *Config) Sources() []string { return append([]string(nil), c.sources...) }

// Provenance says where the value of a key such as "gateway.timeout" or "scanner[1].port" came from.
func (c *Config) Provenance(key string) Origin {
	if o, ok := c.origins[key]; ok {
		return o
	}
	return Origin{Kind: OriginDefault}
}
