// Package keystore reads, makes and checks the keys of a terminal: its own RSA private key, Alipay's public key, the
// token of the local API.
//
// The gateway's signatures are RSA with keys of 2048 bits (docs.antom.com/ac/gr/signature); the portal hands out and
// takes public keys as one line of base64 without PEM armour. What people put into such a file by mistake is told by
// name: a certificate, the key's other half, an encrypted or elliptic-curve key, bare base64.
//
// Nothing in this package prints a private key or a token: their types print as masks by every route.
package keystore
