// Package clocktest is the conformance suite of clocks: what every machine that counts leases
// may rely on (rule L2), whichever clock it was given.
package clocktest
