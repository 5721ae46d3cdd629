package quorum

import "github.com/leasehold/leasehold/cell"

// Majority is how many of n make a quorum.
func Majority(n int) int { return n/2 + 1 }

// Voters are the lists whose majorities decide: New alone, or New and Old while New is not
// known to be committed (Z15). An empty Old asks for nothing; an empty New is never reached.
type Voters struct{ New, Old cell.Members }

// Reached reports whether a majority of each list says yes. The member handed to yes carries
// the incarnation that its list binds the id to: one id may count in one list only.
func (v Voters) Reached(yes func(cell.Member) bool) bool {
	return reached(v.New, yes) && (len(v.Old) == 0 || reached(v.Old, yes))
}

func reached(list cell.Members, yes func(cell.Member) bool) bool {
	n := 0
	for _, m := range list {
		if yes(m) {
			n++
		}
	}
	return len(list) > 0 && n >= Majority(len(list))
}

// Index is the highest index that a majority of each list has reached: the committed one, when
// at gives what each member has acked. Who does not count has index 0.
func (v Voters) Index(at func(cell.Member) uint64) uint64 {
	n := index(v.New, at)
	if len(v.Old) == 0 {
		return n
	}
	return min(n, index(v.Old, at))
}

// index sorts at most cell.MaxMembers numbers, falling, in place on the stack, and takes the one
// that a majority has reached.
func index(list cell.Members, at func(cell.Member) uint64) uint64 {
	cell.Assert(len(list) <= cell.MaxMembers, "a member list of %d", len(list))
	if len(list) == 0 {
		return 0
	}
	var acked [cell.MaxMembers]uint64
	for i, m := range list {
		x, j := at(m), i
		for ; j > 0 && acked[j-1] < x; j-- {
			acked[j] = acked[j-1]
		}
		acked[j] = x
	}
	return acked[Majority(len(list))-1]
}

// Missing are the members of either list that do not say yes, by rising id, each id once.
func (v Voters) Missing(yes func(cell.Member) bool) []cell.ReplicaID {
	var ids []cell.ReplicaID
	add := func(list cell.Members) {
		for _, m := range list {
			if !yes(m) {
				ids = insert(ids, m.ID)
			}
		}
	}
	add(v.New)
	add(v.Old)
	return ids
}

func insert(ids []cell.ReplicaID, id cell.ReplicaID) []cell.ReplicaID {
	i := 0
	for i < len(ids) && ids[i] < id {
		i++
	}
	if i < len(ids) && ids[i] == id {
		return ids
	}
	ids = append(ids, 0)
	copy(ids[i+1:], ids[i:])
	ids[i] = id
	return ids
}
