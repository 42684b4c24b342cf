// Package supervisor keeps the PINs of those who may allow what a cashier may not
// do alone, such as a refund, and judges whether one that was typed is right.
//
// PINs are kept as Argon2id hashes (RFC 9106) with the costs that OWASP's
// password storage sheet names as least: 19 MiB, two passes, one lane. A PIN of
// six digits is weak whatever its hash: what protects it is that tries are
// counted and that waits grow. The count is kept beside the hashes and written
// before a try is judged: neither a restart of the daemon nor a power cut in the
// middle of a try makes it a free one.
package supervisor
