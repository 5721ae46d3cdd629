package packed

import "slices"

const (
	mostSpare  = 64  // pieces
	leastSpare = 256 // bytes of a piece
)

// spare is memory of leaves that have grown or parted, for those that do next. Left to the collector it would lie
// among what is alive, piece by piece, and few of its pages would ever be free as a whole: of a million nodes that
// came nearly in order, 60 bytes each.
type spare struct {
	kept [mostSpare][]byte // nil: none
	last int               // that was dropped for another
}

// take gives memory for so many bytes, and for few more.
func (s *spare) take(size int) []byte {
	best := -1
	for i, b := range s.kept {
		if cap(b) >= size && cap(b) <= size+size/5 && (best < 0 || cap(b) < cap(s.kept[best])) {
			best = i
		}
	}
	if best < 0 {
		return slices.Grow([]byte(nil), size) // all of a size class
	}
	b := s.kept[best]
	s.kept[best] = nil
	return b
}

// give lets memory be taken again, into which nobody looks any more.
func (s *spare) give(b []byte) {
	if cap(b) < leastSpare {
		return
	}
	at := slices.IndexFunc(s.kept[:], func(b []byte) bool { return b == nil })
	if at < 0 {
		s.last = (s.last + 1) % mostSpare
		at = s.last
	}
	s.kept[at] = b[:0]
}
