package packed

import (
	"encoding/binary"
	"strings"

	"github.com/tidwall/btree"

	"github.com/leasehold/leasehold/cell"
)

// Map is the ordered map. X is what entries have apart.
type Map[X any] struct {
	leaves *btree.Map[string, *leaf[X]]
	owner  *owner
	length int
	spare  spare
	value  []byte // of the entry being put, and all of it
	buf    []byte

	near  *leaf[X] // where the entry is that was looked at last: it is often asked for again
	place int
}

// New is an empty map.
func New[X any]() *Map[X] {
	return &Map[X]{leaves: btree.NewMap[string, *leaf[X]](0), owner: new(owner)}
}

// Copy gives a map of the same entries, in constant time. Neither sees what becomes of the other.
func (m *Map[X]) Copy() *Map[X] {
	m.owner = new(owner)
	return &Map[X]{leaves: m.leaves.Copy(), owner: new(owner), length: m.length}
}

// Len counts the entries.
func (m *Map[X]) Len() int { return m.length }

// Get gives the value of a key, and what it has apart: nil for nothing. Both are the map's, are not to be
// changed, and stand until the map is.
func (m *Map[X]) Get(key string) (value []byte, x *X, ok bool) {
	l, i, found := m.find(key)
	if !found {
		return nil, nil, false
	}
	_, value = l.entry(i)
	return value, l.more(i), true
}

// find gives the leaf and the place of a key, or where it would stand. There is no leaf in an empty map.
func (m *Map[X]) find(key string) (l *leaf[X], i int, found bool) {
	if m.near != nil && m.near.is(m.place, key) {
		return m.near, m.place, true
	}
	if l = m.leaf(key); l == nil {
		return nil, 0, false
	}
	if i, found = l.find(key); found {
		m.near, m.place = l, i
	}
	return l, i, found
}

// Ascend tells the entries in order, from the first whose key is not below from, while each says true. It is not
// to change the map. What it is told stands as what Get gives; the key is its own.
func (m *Map[X]) Ascend(from string, each func(key string, value []byte, x *X) bool) {
	l := m.leaf(from)
	if l == nil {
		return
	}
	i, _ := l.find(from)
	m.leaves.Ascend(l.at, func(_ string, l *leaf[X]) bool {
		for ; i < len(l.starts); i++ {
			if _, value := l.entry(i); !each(l.key(i), value, l.more(i)) {
				return false
			}
		}
		i = 0
		return true
	})
}

// leaf is where a key is, if it is anywhere: the last leaf that does not stand behind it, or the first. It is
// nil in an empty map.
func (m *Map[X]) leaf(key string) (found *leaf[X]) {
	m.leaves.Descend(key, func(_ string, l *leaf[X]) bool {
		found = l
		return false
	})
	if found == nil {
		_, found, _ = m.leaves.Min()
	}
	return found
}

func (m *Map[X]) keep(l *leaf[X]) *leaf[X] {
	m.leaves.Set(l.at, l)
	m.near = nil
	return l
}

// replace lets a leaf be as another that stands at the same place, and gives it. One that is the map's own stays
// where it is in memory: the tree of leaves keeps pointers behind the ends of its nodes, and what they point to.
func (m *Map[X]) replace(l, by *leaf[X]) *leaf[X] {
	if l.owner != m.owner {
		return m.keep(by)
	}
	m.spare.give(l.data)
	l.become(by)
	m.near = nil
	return l
}

// crop leaves a leaf its first entries only, so many.
func (m *Map[X]) crop(l *leaf[X], to int, coming ...string) *leaf[X] {
	return m.replace(l, m.part(l, l.at, 0, to, coming...))
}

// drop takes a leaf out that nobody needs any more.
func (m *Map[X]) drop(l *leaf[X]) {
	m.leaves.Delete(l.at)
	m.near = nil
	if l.owner == m.owner {
		m.spare.give(l.data)
		l.become(new(leaf[X]))
	}
}

// Set puts an entry in, or replaces that of its key. The map copies the value, and *x, which may be nil. A key
// and its value have MostEntryBytes at most.
func (m *Map[X]) Set(key string, value []byte, x *X) (replaced bool) {
	cell.Assert(len(key)+len(value) <= MostEntryBytes, "an entry of more than %d bytes", MostEntryBytes)
	m.value = append(m.value[:0], value...) // it may be in a leaf that is taken apart
	value = m.value
	if _, last, ok := m.leaves.Max(); ok && last.below(key) {
		m.append(last, key, value, x)
		return false
	}
	l, i, replaced := m.find(key)
	if l == nil {
		l = m.keep(newLeaf[X](m.owner, "", key))
	} else if key < l.at { // others stood before it once
		first := m.cut(l, 0, "")
		m.drop(l)
		l = first
	}
	if !l.takes(i, key, len(value), replaced) {
		l = m.split(l, i, key)
		i, _ = l.find(key)
	} else if !strings.HasPrefix(key, l.prefix) || l.owner != m.owner {
		l = m.crop(l, len(l.starts), key)
	}
	if !replaced {
		l.open(i)
		l.rising = i + 1
		m.length++
	}
	m.put(l, i, key, value, x)
	return replaced
}

// append puts an entry in behind all others: more are likely to come, for which a new leaf has memory at once.
func (m *Map[X]) append(l *leaf[X], key string, value []byte, x *X) {
	n := len(l.starts)
	if !l.takes(n, key, len(value), false) {
		l = m.begin(m.crop(l, n), key)
		l.data = m.spare.take(mostBytes)
	} else if !strings.HasPrefix(key, l.prefix) || l.owner != m.owner {
		l = m.crop(l, n, key)
	}
	m.length++
	l.open(len(l.starts))
	m.put(l, len(l.starts)-1, key, value, x)
}

// begin is an empty leaf for what comes behind a full one.
func (m *Map[X]) begin(full *leaf[X], key string) *leaf[X] {
	return m.keep(newLeaf[X](m.owner, key, key[:common(key, full.prefix)]))
}

func (m *Map[X]) put(l *leaf[X], i int, key string, value []byte, x *X) {
	rest := key[len(l.prefix):]
	m.buf = append(append(binary.AppendUvarint(m.buf[:0], uint64(len(rest))), rest...), value...)
	if need := l.needs(i, len(m.buf)); need > cap(l.data) {
		small := l.data
		l.data = append(m.spare.take(need), small...)
		m.spare.give(small)
	}
	l.put(i, m.buf)
	l.setMore(i, x)
	m.near, m.place = l, i
}

// split makes room for a key that is to stand at i in a full leaf, and gives the leaf that it comes into. What
// is put in rising order fills each leaf: who comes next begins another, and takes with it no more than a little
// of what stands behind. So does who comes first, before one alone or before others that it has little in common
// with.
func (m *Map[X]) split(l *leaf[X], i int, key string) *leaf[X] {
	n := len(l.starts)
	switch {
	case i == n:
		return m.begin(m.crop(l, n), key)
	case i == 0 && (n == 1 || !strings.HasPrefix(key, l.prefix)):
		m.cut(l, 0, l.key(0))
		return m.replace(l, newLeaf[X](m.owner, l.at, key))
	case i > 0 && i == l.rising && !l.is(i, key):
		if len(l.data)-l.start(i) > mostBytes/8 {
			m.cut(l, i, l.key(i))
			return m.begin(m.crop(l, i), key)
		}
		next := m.cut(l, i, key, key)
		m.crop(l, i)
		return next
	}
	half := l.half()
	at := l.key(half)
	if key < at {
		m.cut(l, half, at)
		return m.crop(l, half, key)
	}
	next := m.cut(l, half, at, key)
	m.crop(l, half)
	return next
}

// part gives the entries of a leaf from one on and up to another in a leaf of their own, in memory of about
// their size. Its prefix is as long as their keys allow, and the one that is coming in.
func (m *Map[X]) part(l *leaf[X], at string, from, to int, coming ...string) *leaf[X] {
	first := l.key(from)
	prefix := common(first, l.key(to-1))
	for _, key := range coming {
		prefix = min(prefix, common(first, key))
	}
	p := newLeaf[X](m.owner, at, first[:prefix])
	p.data = m.spare.take(p.size(l, from, to))
	p.take(l, from, to)
	return p
}

// cut keeps what stands from one entry on in a leaf of its own, with who is coming in.
func (m *Map[X]) cut(l *leaf[X], from int, at string, coming ...string) *leaf[X] {
	return m.keep(m.part(l, at, from, len(l.starts), coming...))
}

// Delete takes the entry of a key out.
func (m *Map[X]) Delete(key string) (found bool) {
	l, i, found := m.find(key)
	if !found {
		return false
	}
	if m.length--; len(l.starts) == 1 {
		m.drop(l)
		return true
	}
	if l.owner != m.owner {
		l = m.crop(l, len(l.starts))
	}
	l.shut(i)
	m.near = nil
	if len(l.data) < cap(l.data)/2 {
		m.tighten(l)
	}
	return true
}

// tighten gives a leaf that has lost half of what it had memory of its size, or joins it with a neighbour.
func (m *Map[X]) tighten(l *leaf[X]) {
	if !m.join(m.before(l), l) && !m.join(l, m.behind(l)) {
		m.crop(l, len(l.starts))
	}
}

// join makes one leaf of two neighbours, if both together fill no more than half of it.
func (m *Map[X]) join(l, r *leaf[X]) bool {
	if l == nil || r == nil || len(l.starts)+len(r.starts) > mostEntries/2 {
		return false
	}
	first := l.key(0)
	both := newLeaf[X](m.owner, l.at, first[:common(first, r.key(len(r.starts)-1))])
	size := both.size(l, 0, len(l.starts)) + both.size(r, 0, len(r.starts))
	if size > mostBytes/2 {
		return false
	}
	both.data = m.spare.take(size)
	both.take(l, 0, len(l.starts))
	both.take(r, 0, len(r.starts))
	m.drop(r)
	m.replace(l, both)
	return true
}

// behind is the leaf after l, or nil; before the one before it.
func (m *Map[X]) behind(l *leaf[X]) (next *leaf[X]) {
	m.leaves.Ascend(l.at, func(_ string, at *leaf[X]) bool {
		next = at
		return at == l
	})
	return other(next, l)
}

func (m *Map[X]) before(l *leaf[X]) (last *leaf[X]) {
	m.leaves.Descend(l.at, func(_ string, at *leaf[X]) bool {
		last = at
		return at == l
	})
	return other(last, l)
}

func other[X any](found, l *leaf[X]) *leaf[X] {
	if found == l {
		return nil
	}
	return found
}
