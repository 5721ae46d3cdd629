package packed

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// A leaf has at least one entry, and no more than this, but for a single one that is larger.
const (
	mostEntries = 64   // bits of leaf.has
	mostBytes   = 8192 // a size class, so that a full leaf wastes little

	// MostEntryBytes bounds a key and its value together.
	MostEntryBytes = 4 << 10
)

// owner tells which map may change a leaf in place. It has an address of its own.
type owner struct{ _ byte }

// leaf is a run of entries in the order of their keys.
type leaf[X any] struct {
	owner  *owner
	at     string   // where the map has it: no key is below, but in the first leaf
	prefix string   // of all keys
	starts []uint16 // of each entry in data; in room
	data   []byte
	has    uint64 // bit i: entry i has something apart
	apart  []X    // of those that have
	rising int    // where the next comes, if they come in order
	room   [mostEntries]uint16
}

// newLeaf is an empty leaf. It has few pieces, none of a name's size: names come and go by the million, and one
// left among them would keep their memory.
func newLeaf[X any](o *owner, at, prefix string) *leaf[X] {
	both := at + prefix
	l := &leaf[X]{owner: o, at: both[:len(at)], prefix: both[len(at):]}
	l.starts = l.room[:0]
	return l
}

// become makes a leaf as another is, which is used no more.
func (l *leaf[X]) become(as *leaf[X]) {
	*l = *as
	l.starts = l.room[:len(as.starts)]
}

// entry is one of a leaf's: what comes after the prefix in its key, and its value.
func (l *leaf[X]) entry(i int) (rest, value []byte) {
	b := l.data[l.starts[i]:l.end(i)]
	n, w := binary.Uvarint(b)
	return b[w : w+int(n)], b[w+int(n):]
}

func (l *leaf[X]) end(i int) int {
	if i+1 < len(l.starts) {
		return int(l.starts[i+1])
	}
	return len(l.data)
}

func (l *leaf[X]) key(i int) string {
	rest, _ := l.entry(i)
	var b strings.Builder
	b.Grow(len(l.prefix) + len(rest))
	b.WriteString(l.prefix)
	b.Write(rest)
	return b.String()
}

// is reports whether entry i has that key.
func (l *leaf[X]) is(i int, key string) bool {
	rest, _ := l.entry(i)
	n := len(l.prefix)
	return len(key) == n+len(rest) && key[n:] == string(rest) && key[:n] == l.prefix
}

// below reports whether all keys are below that one.
func (l *leaf[X]) below(key string) bool {
	rest, ok := strings.CutPrefix(key, l.prefix)
	if !ok {
		return l.prefix < key
	}
	last, _ := l.entry(len(l.starts) - 1)
	return string(last) < rest
}

// find gives the place of a key, or where it would stand.
func (l *leaf[X]) find(key string) (i int, found bool) {
	rest, ok := strings.CutPrefix(key, l.prefix)
	if !ok && key < l.prefix {
		return 0, false
	} else if !ok {
		return len(l.starts), false
	}
	low, high := 0, len(l.starts)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if at, _ := l.entry(mid); string(at) < rest {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(l.starts) {
		at, _ := l.entry(low)
		found = string(at) == rest
	}
	return low, found
}

// before counts the entries before i that have something apart: where its own stands, if it has.
func (l *leaf[X]) before(i int) int { return bits.OnesCount64(l.has & (1<<i - 1)) }

// more is what entry i has apart, or nil.
func (l *leaf[X]) more(i int) *X {
	if l.has>>i&1 == 0 {
		return nil
	}
	return &l.apart[l.before(i)]
}

// setMore replaces what entry i has apart.
func (l *leaf[X]) setMore(i int, x *X) {
	j, had := l.before(i), l.has>>i&1 == 1
	switch {
	case x == nil && had:
		l.apart = slices.Delete(l.apart, j, j+1)
		l.has &^= 1 << i
	case x != nil && had:
		l.apart[j] = *x
	case x != nil:
		l.apart = slices.Insert(l.apart, j, *x)
		l.has |= 1 << i
	}
}

// open makes room for an entry at i, with nothing in it; shut takes entry i out.
func (l *leaf[X]) open(i int) {
	l.starts = slices.Insert(l.starts, i, uint16(l.start(i)))
	low := uint64(1)<<i - 1
	l.has = l.has&low | l.has&^low<<1
}

func (l *leaf[X]) shut(i int) {
	l.setMore(i, nil)
	l.put(i, nil)
	l.starts = slices.Delete(l.starts, i, i+1)
	low := uint64(1)<<i - 1
	l.has = l.has&low | l.has>>1&^low
}

func (l *leaf[X]) start(i int) int {
	if i < len(l.starts) {
		return int(l.starts[i])
	}
	return len(l.data)
}

func (l *leaf[X]) length(i int) int { return l.end(i) - int(l.starts[i]) }

// needs is how many bytes the leaf has with an entry of that size at i.
func (l *leaf[X]) needs(i, size int) int { return len(l.data) - l.length(i) + size }

// put replaces the bytes of entry i. There is room for more.
func (l *leaf[X]) put(i int, entry []byte) {
	from, to := int(l.starts[i]), l.end(i)
	l.data = slices.Replace(l.data, from, to, entry...)
	for by, j := len(entry)-(to-from), i+1; by != 0 && j < len(l.starts); j++ {
		l.starts[j] = uint16(int(l.starts[j]) + by)
	}
}

// takes reports whether an entry may stand at i: in the place of the one there, or before it. Its key, where it
// begins otherwise, makes those of all others here longer.
func (l *leaf[X]) takes(i int, key string, value int, replaced bool) bool {
	n, prefix := len(l.starts), common(l.prefix, key)
	size := len(l.data) + n*(len(l.prefix)-prefix) + binary.MaxVarintLen16 + len(key) - prefix + value
	if replaced {
		return n == 1 || size-l.length(i) <= mostBytes
	}
	return n == 0 || n < mostEntries && size <= mostBytes
}

// half is the entry from which on half of the bytes are: neither the first, nor behind the last.
func (l *leaf[X]) half() int {
	half := 1
	for half < len(l.starts)-1 && int(l.starts[half]) < len(l.data)/2 {
		half++
	}
	return half
}

// size is about what entries of another leaf take here: their keys' lengths may need a byte more.
func (l *leaf[X]) size(of *leaf[X], from, to int) int {
	return of.end(to-1) - int(of.starts[from]) + (to-from)*(len(of.prefix)-len(l.prefix))
}

// take appends entries of another leaf, whose keys begin with l's prefix and come after l's own.
func (l *leaf[X]) take(of *leaf[X], from, to int) {
	for i := from; i < to; i++ {
		rest, value := of.entry(i)
		head := ""
		if cut := len(l.prefix) - len(of.prefix); cut > 0 {
			rest = rest[cut:]
		} else {
			head = of.prefix[len(l.prefix):]
		}
		l.starts = append(l.starts, uint16(len(l.data)))
		l.data = binary.AppendUvarint(l.data, uint64(len(head)+len(rest)))
		l.data = append(append(append(l.data, head...), rest...), value...)
		if x := of.more(i); x != nil {
			l.has |= 1 << (len(l.starts) - 1)
			l.apart = append(l.apart, *x)
		}
	}
	if len(l.starts) > mostEntries || len(l.data) > mostBytes+2*MostEntryBytes {
		cell.Assert(false, "a leaf of %d entries, %d bytes", len(l.starts), len(l.data))
	}
}

// common is the length of what both begin with.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
