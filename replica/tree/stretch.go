package tree

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
)

const (
	leastStretch   = 1 << 10  // bytes of memory that are taken at once, but for a larger change
	mostStretch    = 16 << 10 // its places are of 16 bits; it goes when all of its changes have fallen off
	changeOverhead = 32       // about what a change takes beside its bytes
)

// stretch is some changes of the history side by side, packed. What has been written of it stands.
type stretch struct {
	changes []pastPlace
	data    []byte
	apart   []pastApart // of those that have something apart
}

// pastPlace tells where a change is.
type pastPlace struct {
	start uint16 // in data
	apart uint16 // from 1; 0: it has nothing apart
}

func newStretch(size int) *stretch { return &stretch{data: make([]byte, 0, size)} }

func (s *stretch) takes(size int) bool { return cap(s.data)-len(s.data) >= size }

// add appends a change, and what it has apart.
func (s *stretch) add(p past, x pastApart) {
	at := pastPlace{start: uint16(len(s.data))}
	s.data = append(s.data, p...)
	if x.contents != nil || x.more != nil {
		s.apart = append(s.apart, x)
		at.apart = uint16(len(s.apart))
	}
	s.changes = append(s.changes, at)
}

func (s *stretch) past(i int) past {
	p := s.data[s.changes[i].start:]
	if i+1 < len(s.changes) {
		p = p[:s.changes[i+1].start-s.changes[i].start]
	}
	return p
}

// more is what change i has apart, or nil.
func (s *stretch) more(i int) *pastApart {
	if at := s.changes[i].apart; at > 0 {
		return &s.apart[at-1]
	}
	return nil
}

// weight is what change i counts for.
func (s *stretch) weight(i int) int {
	n := changeOverhead + len(s.past(i))
	if x := s.more(i); x != nil {
		n += len(x.contents)
	}
	return n
}

// fallOff lets go of what change i has apart.
func (s *stretch) fallOff(i int) {
	if x := s.more(i); x != nil {
		*x = pastApart{}
	}
}

// after is the place of the first change after z; end is the zxid of the last.
func (s *stretch) after(z cell.Zxid) int {
	return sort.Search(len(s.changes), func(i int) bool { return s.past(i).zxid() > z })
}

func (s *stretch) end() cell.Zxid { return s.past(len(s.changes) - 1).zxid() }
