package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Revalidate asks which entries of a cache that was set aside still hold, MaxClaims at most.
type Revalidate struct{ Claims []Claim }

// Claim is what a cache says of one name: that the node of that Instance is unchanged, or that
// there is none below Ancestor. Node: its Stat, with the contents perhaps, as of Zxid and
// ChildrenGeneration, with that Checksum; List: its child list as of ChildrenGeneration. With neither, only that the
// instance is there.
type Claim struct {
	Name               cell.Name
	Instance           uint64 // 0: there is none
	Node               bool
	Zxid               cell.Zxid
	List               bool
	ChildrenGeneration uint64
	Ancestor           cell.Name // of an absence: the deepest that exists
	Checksum           uint64    // of the contents, as the Stat has it
}

// RevalidateReply answers Revalidate claim by claim. Kept: the session has been registered as
// cacher of what the claim rests on, and then it was found to hold. Incarnation is the cache's;
// 0 says that the session may cache nothing now.
type RevalidateReply struct {
	Incarnation uint64
	Kept        []bool
}

// Invalid: see Message.
func (m *Revalidate) Invalid() string {
	for i := range m.Claims {
		if why := m.Claims[i].invalid(); why != "" {
			return why
		}
	}
	return when(len(m.Claims) == 0 || len(m.Claims) > MaxClaims, "so many claims are not asked at a time")
}

func (c *Claim) invalid() string {
	absent := c.Instance == 0
	return first(when(absent != (c.Ancestor != ""), "a claim is of an instance, or of an absence"),
		when(absent && (c.Node || c.List), "an absent node has no Stat"),
		when(!c.Node && c.Checksum != 0, "a checksum without a Stat"))
}

func claimsToWire(all []Claim) []*wire.Claim {
	out := make([]*wire.Claim, len(all))
	for i, c := range all {
		out[i] = &wire.Claim{Name: string(c.Name), Instance: c.Instance, Node: c.Node, Zxid: uint64(c.Zxid),
			List: c.List, ChildrenGeneration: c.ChildrenGeneration, Ancestor: string(c.Ancestor),
			Checksum: c.Checksum}
	}
	return out
}

func claimsFromWire(all []*wire.Claim) ([]Claim, error) {
	out := make([]Claim, len(all))
	for i, w := range all {
		n, err := name(w.Name)
		if err != nil {
			return nil, err
		}
		up, err := maybeName(w.Ancestor)
		if err != nil {
			return nil, err
		}
		if up != "" && (up == n || !up.Covers(n)) {
			return nil, fmt.Errorf("%w: %s is no ancestor of %s", cell.ErrProtocol, up, n)
		}
		out[i] = Claim{Name: n, Instance: w.Instance, Node: w.Node, Zxid: cell.Zxid(w.Zxid),
			List: w.List, ChildrenGeneration: w.ChildrenGeneration, Ancestor: up,
			Checksum: w.Checksum}
	}
	return out, nil
}
