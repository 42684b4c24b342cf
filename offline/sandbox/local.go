package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// The account that the gateway plays where nothing else is asked for;
// configs/sandbox.toml names the same.
const (
	ClientID   = "SANDBOX_5Y00000000000001"
	MerchantID = "218820000000000000023"
)

// BaseURL is gateway.base_url of a gateway that serves this address (host:port).
func BaseURL(address string) string { return "http://" + address + "/api/alipay/intl/acquiring/" }

// Local is a gateway that serves a loopback port of the system's choice.
type Local struct {
	*Gateway
	BaseURL string
	stop    context.CancelFunc
	served  chan error
}

// Open serves a gateway with the account ClientID, MerchantID and the keys of a
// directory, made where they are not there; opt may leave these out. It outlives
// ctx, since a daemon that stops still has to ask: Close ends it.
func Open(ctx context.Context, keys string, opt Options) (*Local, error) {
	k, err := EnsureKeys(keys)
	if err != nil {
		return nil, err
	}
	opt.ClientID, opt.MerchantID = ClientID, MerchantID
	opt.MerchantPublicKey, opt.AlipayPrivateKey = k.Terminal.PublicKey().RSA(), k.Alipay
	gw, err := New(opt)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the simulated gateway cannot listen: %w", err), gw.Close())
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	o := &Local{Gateway: gw, BaseURL: BaseURL(l.Addr().String()), stop: stop, served: make(chan error, 1)}
	go func() { o.served <- Serve(serving, l, gw) }()
	return o, nil
}

// Close ends serving and closes the gateway. It is called once.
func (o *Local) Close() error {
	o.stop()
	return errors.Join(<-o.served, o.Gateway.Close())
}
