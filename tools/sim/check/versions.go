package check

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
)

// Versions keeps what every node held at each point of the history: an answer that names its zxid
// must be what the history had then, and no client is answered with less than it has seen (C6).
type Versions struct {
	court *Court
	of    map[cell.Name][]version // rising
}

type version struct {
	zxid     cell.Zxid
	contents string
	there    bool
}

// NewVersions has seen nothing.
func NewVersions(c *Court) *Versions { return &Versions{court: c, of: map[cell.Name][]version{}} }

// Changed says that the history gave name these contents, or with there false deleted it.
func (v *Versions) Changed(name cell.Name, at cell.Zxid, contents string, there bool) {
	v.of[name] = append(v.of[name], version{at, contents, there})
}

// Answered says that a client which had seen so much was answered as of a zxid.
func (v *Versions) Answered(client int, name cell.Name, seen, at cell.Zxid, contents string, there bool) {
	all := v.of[name]
	was := version{}
	if i := sort.Search(len(all), func(i int) bool { return all[i].zxid > at }); i > 0 {
		was = all[i-1]
	}
	switch {
	case at < seen:
		v.court.Fail("C6", "client %d has seen %v and read %s at a replica as of %v", client, seen, name, at)
	case was.there != there || was.contents != contents:
		v.court.Fail("C6", "client %d read %s as of %v: there %v, %q; the history then had: there %v, %q",
			client, name, at, there, contents, was.there, was.contents)
	}
}
