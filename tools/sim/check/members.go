package check

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Members checks that what is committed was durable at a quorum of the members that count for it: of
// those in the newest list in the history up to it, and, for a record that sets a list, of those
// before it too (Z15). Learners, and who was removed, do not help.
type Members struct {
	court *Court
	lists []numbered
	seen  uint64
	lost  map[cell.Incarnation]uint64 // how far directories had come that are no more
}

type numbered struct {
	index uint64
	list  cell.Members
}

// NewMembers knows the list of the file.
func NewMembers(c *Court, file cell.Members) *Members {
	return &Members{court: c, lists: []numbered{{0, file}}, lost: map[cell.Incarnation]uint64{}}
}

// Lost notes a directory that is taken away, as its disk knew it: it may have acked.
func (m *Members) Lost(d Durable) {
	m.lost[d.Hard.Incarnation] = max(m.lost[d.Hard.Incarnation], d.Last.Index)
}

// Committed sees each record when it is first applied anywhere, with the list that it sets, if any. on
// is what the disks of all machines know.
func (m *Members) Committed(r record.Record, sets cell.Members, on []Durable) {
	if r.Index <= m.seen {
		return
	}
	m.seen = r.Index
	m.quorum(r, m.lists[len(m.lists)-1].list, on)
	if sets != nil {
		m.quorum(r, sets, on)
		m.lists = append(m.lists, numbered{r.Index, sets})
	}
}

func (m *Members) quorum(r record.Record, list cell.Members, on []Durable) {
	have := 0
	for _, x := range list {
		if m.has(x, r.Index, on) {
			have++
		}
	}
	if have <= len(list)/2 {
		m.court.Fail("Z15", "%v is committed, and durable at %d of the members %v", r.Mark(), have, list)
	}
}

// has reports whether the directory that x names has the record, or had it. A list that binds nobody
// names every directory of that id: those are of a cell that is being born.
func (m *Members) has(x cell.Member, index uint64, on []Durable) bool {
	if x.Incarnation == 0 {
		return true
	}
	for _, d := range on {
		if d.Hard.Incarnation == x.Incarnation && d.Last.Index >= index {
			return true
		}
	}
	return m.lost[x.Incarnation] >= index
}
