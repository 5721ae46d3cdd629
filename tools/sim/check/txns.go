package check

import "github.com/leasehold/leasehold/cell"

// Txns checks pairs of nodes that are only ever changed together, by transactions: after each
// transaction of the history both have the same contents, or neither is there; what a client was
// told of a transaction agrees with what the history did, whole (C11).
type Txns struct {
	court   *Court
	pairs   map[string]*pair
	told    map[string]bool // by contents: refused, as its client was told
	applied map[string]cell.Zxid
}

type pair struct {
	halves [2]string // contents; "": not there
	zxid   cell.Zxid
}

// NewTxns has seen nothing.
func NewTxns(c *Court) *Txns {
	return &Txns{court: c, pairs: map[string]*pair{}, told: map[string]bool{}, applied: map[string]cell.Zxid{}}
}

// Changed says that the history gave one half (0 or 1) of a pair these contents; "": deleted it.
func (t *Txns) Changed(of string, half int, contents string, at cell.Zxid) {
	p := t.pairs[of]
	if p == nil {
		p = &pair{}
		t.pairs[of] = p
	}
	p.halves[half], p.zxid = contents, at
	t.applied[contents] = at
	if contents != "" && t.told[contents] {
		t.court.Fail("C11", "%s got %q at %v, which a client was told was refused", of, contents, at)
	}
}

// Settled says that the transaction at zxid is over.
func (t *Txns) Settled(of string) {
	if p := t.pairs[of]; p != nil && p.halves[0] != p.halves[1] {
		t.court.Fail("C11", "the transaction %v left the pair %s as %q and %q", p.zxid, of, p.halves[0], p.halves[1])
	}
}

// Done says that a client was told that its transaction wrote these contents at zxid.
func (t *Txns) Done(contents string, at cell.Zxid) {
	if was := t.applied[contents]; was != at {
		t.court.Fail("C7", "a client was told that %q was written at %v; the history did at %v", contents, at, was)
	}
}

// Refused says that a client was told that its transaction was not applied.
func (t *Txns) Refused(contents string) {
	t.told[contents] = true
	if was := t.applied[contents]; was != 0 {
		t.court.Fail("C11", "a client was told that %q was refused; the history wrote it at %v", contents, was)
	}
}
