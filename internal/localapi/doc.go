// Package localapi serves the local API: HTTP/1.1 with JSON for the register
// software, the cashier window and the commands of the same machine.
//
// It is reached over a unix socket, whose file mode says who may, and over
// loopback TCP with a bearer token. It decides nothing about payments: it reads
// requests strictly, hands them to the till and the engine, and writes what they
// say. Every POST may be repeated: ids make it the same request.
//
// A web page in a browser of the same machine is the likeliest attacker. A Host
// that is no loopback name (DNS rebinding) or a foreign Origin is refused before
// anything else is looked at, and no CORS header is ever sent.
package localapi
