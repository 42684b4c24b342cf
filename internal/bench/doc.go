// Package bench measures a payment on the way that the customer waits for, with
// the parts of the daemon as it runs: from the scanner's last byte to the first
// byte of the pay request, and from the gateway's answer to the event at a client
// of the local API. Beside each figure stands what the disk and the processor
// allow at best, measured in the same run and at the same pace.
//
// It holds benchmarks and tests alone. POSAGENT_BENCH_LARGE=1000000 repeats the
// figures with that many finished payments in the journal; docs/performance.md
// has the results.
package bench
