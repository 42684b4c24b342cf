// Package aim knows the AIM symbology identifiers of ISO/IEC 15424: the three
// characters "]cm" that a scanner can be told to send before every label. c
// names the symbology, m is a modifier whose meaning belongs to that symbology.
//
// The identifier is what tells labels apart that have the same digits: an
// 18-digit number that starts with 28 is a payment code in Code 128 (]C0) and
// may be a pallet's SSCC in GS1-128 (]C1).
//
// The package is pure: text in, values out.
package aim
