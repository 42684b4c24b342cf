// Package crashtest proves the crash rules on the real engine, the real client
// and the real journal, against the books of the pretend gateway. It holds tests
// only.
//
// For each scenario of the sandbox the process dies at every point at which a
// crash can matter: before and after each durable write, before each message
// leaves, and when the gateway has acted but its answer is not recorded. A new
// run then opens what survived, resumes, and works until nothing is left to do.
// What the customers' accounts show must be what the till shows, every message
// must have its intent, and every commit must keep the invariants.
//
// Time is virtual (testing/synctest): an hour of watching takes milliseconds.
package crashtest
