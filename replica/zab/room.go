package zab

// spare is the room that a replica's disk must have to count as one that can take more: what is between it
// and a full disk is kept for what does not grow the tree (B3).
const spare = 1 << 30

// Room reports whether a quorum of the voters has room for more (B3). Who has not said how much it has, counts as
// one that has: an old pong, or a system on which that is not known.
func (c *Core) Room() bool {
	return c.quorumOf(roomy(c.free), func(p *peer) bool { return roomy(p.link.free) })
}

func roomy(free uint64) bool { return free == 0 || free >= spare }
