package lease

import "sort"

// Mastership computes how long a master may act (L9): until the quorum-th newest send instant
// of a ping that a voter answered, + d/(1+drift), less a margin. The master itself counts as
// answering now. The caller says who counts: learners must not be told to it. It names each voter
// by a number that no other has.
type Mastership struct {
	answered map[uint64]Claim
	over     bool
}

// Answered records that voter promised claim.Length for the ping sent at claim.Sent. Older
// answers than the newest change nothing; nor does any answer after GiveUp.
func (m *Mastership) Answered(voter uint64, claim Claim) {
	if m.over {
		return
	}
	if m.answered == nil {
		m.answered = map[uint64]Claim{}
	}
	if old, ok := m.answered[voter]; !ok || claim.Sent > old.Sent {
		m.answered[voter] = claim
	}
}

// GiveUp ends the mastership for good: no later answer revives it.
func (m *Mastership) GiveUp() { m.over = true }

// GivenUp reports whether GiveUp was called.
func (m *Mastership) GivenUp() bool { return m.over }

// Until is the deadline of the mastership among the voters: 0 when a quorum has not answered.
// self must be one of voters; with a single voter it is the whole quorum.
func (m *Mastership) Until(now Instant, self uint64, voters []uint64, length Duration, r Drift,
	margin Duration) Instant {
	if m.over || len(voters) == 0 {
		return 0
	}
	ends := make([]Instant, 0, len(voters))
	for _, v := range voters {
		switch claim, ok := m.answered[v]; {
		case v == self:
			ends = append(ends, Claim{Sent: now, Length: length}.Until(r, margin))
		case ok:
			ends = append(ends, claim.Until(r, margin))
		}
	}
	quorum := len(voters)/2 + 1
	if len(ends) < quorum {
		return 0
	}
	sort.Slice(ends, func(i, j int) bool { return ends[i] > ends[j] })
	return ends[quorum-1]
}
