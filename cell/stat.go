package cell

import "time"

// Stat is what the cell knows of a node beside its contents.
type Stat struct {
	Name               Name
	Instance           uint64 // zxid of the creation
	ContentGeneration  uint64 // from 1, one more at each write
	ACLGeneration      uint64 // from 1
	ChildrenGeneration uint64 // from 0, one more at each change of the child list
	Checksum           uint64 // CRC-64/ECMA of the contents
	Size               int    // bytes of contents
	Children           int
	EphemeralOwner     SessionID     // 0: not ephemeral
	Created, Modified  time.Time     // the master's wall clock: shown, never compared
	Zxid               Zxid          // of the last change of contents or ACL
	Container          bool          // it goes when its last child has gone
	TTL                time.Duration // it goes so long after its last change of contents or ACL; 0: it stays
}

// Holds reports whether contents are those that the Stat tells of, by size and checksum.
func (s *Stat) Holds(contents []byte) bool {
	return s.Size == len(contents) && s.Checksum == Checksum(contents)
}

// Wall is a wall-clock reading in unix nanoseconds as Stat shows it, in UTC.
func Wall(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
