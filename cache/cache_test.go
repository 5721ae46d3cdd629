package cache

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

const (
	root = cell.Name("/ls/local")
	a    = cell.Name("/ls/local/a")
	ab   = cell.Name("/ls/local/a/b")
	abc  = cell.Name("/ls/local/a/b/c")
)

func serving(most int) *Cache {
	c := New(most)
	c.Begin(1)
	c.Renew(1, 1000)
	return c
}

func stat(n cell.Name) cell.Stat { return cell.Stat{Name: n, Instance: 7, ContentGeneration: 1} }

// of is stat with the size and checksum of contents.
func of(n cell.Name, contents string) cell.Stat {
	s := stat(n)
	s.Size, s.Checksum = len(contents), cell.Checksum([]byte(contents))
	return s
}

func fill(c *Cache, n cell.Name) bool {
	return c.FillNode(c.Ticket(), c.Incarnation(), of(n, "x"), []byte("x"), true)
}

func TestC6_InvalidationSpoilsReadsOnTheirWay(t *testing.T) {
	for _, hit := range []struct {
		what string
		do   func(c *Cache)
	}{
		{"its name", func(c *Cache) { c.Invalidate([]cell.Name{ab}) }},
		{"an ancestor", func(c *Cache) { c.Invalidate([]cell.Name{root}) }},
		{"everything", func(c *Cache) { c.InvalidateAll() }},
		{"set aside", func(c *Cache) { c.SetAside(); c.Begin(1) }},
		{"a new incarnation and back", func(c *Cache) { c.Begin(2); c.Begin(1) }},
		{"drop", func(c *Cache) { c.Drop(); c.Begin(1) }},
	} {
		c := serving(0)
		ticket := c.Ticket()
		hit.do(c)
		require.False(t, c.FillNode(ticket, 1, stat(ab), nil, true), hit.what)
		require.False(t, c.FillChildren(ticket, 1, stat(ab), nil), hit.what)
		require.False(t, c.FillAbsent(ticket, 1, ab, a), hit.what)
		require.Zero(t, c.Len(), hit.what)
	}
}

// Contents that are not those of their Stat fill nothing, and leave what is there; without contents
// there is nothing to compare.
func TestZ14_RottenContentsFillNothing(t *testing.T) {
	c := serving(0)
	for _, rotten := range []string{"y", "", "xx"} {
		require.False(t, c.FillNode(c.Ticket(), 1, of(a, "x"), []byte(rotten), true), rotten)
		require.Zero(t, c.Len())
	}
	require.True(t, c.FillNode(c.Ticket(), 1, of(a, "x"), nil, false))
	require.True(t, fill(c, a))
	require.False(t, c.FillNode(c.Ticket(), 1, of(a, "x"), []byte("y"), true))
	found, ok := c.Look(a)
	require.True(t, ok)
	require.Equal(t, "x", string(found.Contents))

	c.SetAside()
	c.Begin(2)
	c.Renew(2, 2000)
	claims, ok := c.Claims()
	require.True(t, ok)
	require.Equal(t, cell.Checksum([]byte("x")), claims.All[0].Checksum)
}

func TestC6_OnlyTheIncarnationOfTheAnswerIsFilled(t *testing.T) {
	c := serving(0)
	require.False(t, c.FillNode(c.Ticket(), 2, stat(a), nil, true))
	require.False(t, New(0).FillNode(0, 0, stat(a), nil, true))
	require.True(t, fill(c, a))
}

func TestC6_AbsenceRestsOnItsAncestor(t *testing.T) {
	c := serving(0)
	require.True(t, c.FillAbsent(c.Ticket(), 1, abc, a))
	found, ok := c.Look(abc)
	require.True(t, ok)
	require.True(t, found.Absent)
	c.Invalidate([]cell.Name{ab}) // nothing rests on it
	_, ok = c.Look(abc)
	require.True(t, ok)
	c.Invalidate([]cell.Name{a})
	_, ok = c.Look(abc)
	require.False(t, ok)
	require.Empty(t, c.resting)
	require.False(t, c.FillAbsent(c.Ticket(), 1, ab, abc), "no ancestor of it")
}

func TestC10_NewIncarnationServesNothingBeforeItIsRenewed(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	c.Begin(2)
	_, ok := c.Look(a)
	require.False(t, ok)
	require.True(t, fill(c, a))
	_, ok = c.Look(a)
	require.False(t, ok, "no lease was granted in this incarnation")
	c.Renew(1, 5000) // of the incarnation before
	_, ok = c.Look(a)
	require.False(t, ok)
	c.Renew(2, 3000)
	found, ok := c.Look(a)
	require.True(t, ok)
	require.Equal(t, lease.Instant(3000), found.Until)
}

func TestL4_OneLookGivesEntryIncarnationAndDeadline(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	c.Renew(1, 900) // an earlier deadline takes nothing back
	found, ok := c.Look(a)
	require.True(t, ok)
	require.Equal(t, lease.Instant(1000), found.Until)
	require.Equal(t, uint64(1), found.Incarnation)
	require.Equal(t, of(a, "x"), found.Stat)
}

func TestB2_BytesAreBoundedTheLeastRecentlyUsedGo(t *testing.T) {
	c := serving(10 * (entryCost + 100))
	for i := range 100 {
		require.True(t, fill(c, cell.Name(fmt.Sprintf("/ls/local/%d", i))))
		c.Touch("/ls/local/0")
		require.LessOrEqual(t, c.Bytes(), 10*(entryCost+100))
	}
	_, ok := c.Look("/ls/local/0")
	require.True(t, ok, "it was used all the time")
	_, ok = c.Look("/ls/local/1")
	require.False(t, ok)
	large := make([]byte, 1<<20)
	require.True(t, c.FillNode(c.Ticket(), 1, of(a, string(large)), large, true))
	require.Zero(t, c.Len(), "what is larger than the bound is not kept")
	require.Zero(t, c.Bytes())
}

func TestB2_ForgottenStampsSpoil(t *testing.T) {
	c := serving(0)
	ticket := c.Ticket()
	c.Invalidate([]cell.Name{ab})
	for i := range maxStamps {
		c.Invalidate([]cell.Name{cell.Name(fmt.Sprintf("/ls/local/other/%d", i))})
	}
	require.False(t, c.FillNode(ticket, 1, stat(ab), nil, true))
	require.LessOrEqual(t, len(c.stamps.last), maxStamps)
	require.True(t, c.FillNode(c.Ticket(), 1, stat(ab), nil, true))
}

// twin is a cache that remembers every invalidation and every fill for ever.
type twin struct {
	log     []cell.Name // "" empties all
	entries map[cell.Name]held
}

type held struct {
	on   cell.Name // the name, or the ancestor it rests on
	at   int       // length of log when it was filled
	data string
}

func (w *twin) hit(from int, n cell.Name, covers bool) bool {
	for _, x := range w.log[from:] {
		if x == "" || x == n || (covers && x.Covers(n)) {
			return true
		}
	}
	return false
}

func (w *twin) look(n cell.Name) (held, bool) {
	h, ok := w.entries[n]
	if !ok || w.hit(h.at, h.on, false) || w.hit(h.at, n, false) {
		return held{}, false
	}
	return h, true
}

// TestC6_NeverServesMoreThanItsTwin compares the cache with one that forgets nothing: whatever
// it serves, the twin serves the same.
func TestC6_NeverServesMoreThanItsTwin(t *testing.T) {
	names := []cell.Name{root, a, ab, abc, "/ls/local/z", "/ls/local/a/y"}
	rapid.Check(t, func(t *rapid.T) {
		c, w := serving(0), &twin{entries: map[cell.Name]held{}}
		type read struct {
			n      cell.Name
			ticket Ticket
			at     int
		}
		var reads []read
		for i := range 60 {
			n := rapid.SampledFrom(names).Draw(t, "name")
			switch rapid.IntRange(0, 5).Draw(t, "do") {
			case 0, 1:
				reads = append(reads, read{n, c.Ticket(), len(w.log)})
			case 2:
				c.Invalidate([]cell.Name{n})
				w.log = append(w.log, n)
			case 3, 4:
				if len(reads) == 0 {
					continue
				}
				r := reads[len(reads)-1]
				reads = reads[:len(reads)-1]
				data := fmt.Sprint(i)
				up, deep := r.n.Parent()
				if deep && rapid.Bool().Draw(t, "absent") {
					kept := c.FillAbsent(r.ticket, 1, r.n, up)
					if kept {
						require.False(t, w.hit(r.at, r.n, true))
						w.entries[r.n] = held{on: up, at: len(w.log)}
					}
					continue
				}
				if c.FillNode(r.ticket, 1, of(r.n, data), []byte(data), true) {
					require.False(t, w.hit(r.at, r.n, true))
					w.entries[r.n] = held{on: r.n, at: len(w.log), data: data}
				}
			case 5:
				if rapid.IntRange(0, 9).Draw(t, "rare") == 0 {
					c.SetAside()
					c.Begin(1)
					c.Renew(1, 1000)
					w.log = append(w.log, "")
				}
			}
			for _, n := range names {
				f, ok := c.Look(n)
				h, should := w.look(n)
				require.Equal(t, should, ok, "%s", n)
				require.Equal(t, h.data, string(f.Contents))
			}
		}
	})
}

// An ACL's contents have changed: nothing from before is served, nor confirmed, and what is filled from
// then on is.
func TestC6_InvalidateAllLeavesNothing(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	c.SetAside()
	c.Begin(1)
	c.Renew(1, 1000)
	require.True(t, fill(c, ab))
	require.True(t, c.FillAbsent(c.Ticket(), 1, abc, ab))
	c.InvalidateAll()
	require.Zero(t, c.Len()+c.Aside()+c.Bytes())
	_, ok := c.Claims()
	require.False(t, ok)
	require.Equal(t, uint64(3), c.Counts().Invalidated)
	require.True(t, fill(c, a))
	_, ok = c.Look(a)
	require.True(t, ok)
}
