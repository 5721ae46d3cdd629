package cache

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// again gives a cache set aside a new incarnation with a lease.
func again(c *Cache) {
	inc := c.Incarnation() + 1
	c.SetAside()
	c.Begin(inc)
	c.Renew(inc, 2000)
}

func yes(c *Cache, claims Claims) *call.RevalidateReply {
	r := &call.RevalidateReply{Incarnation: c.Incarnation()}
	for range claims.All {
		r.Kept = append(r.Kept, true)
	}
	return r
}

func TestC6_WhatWasSetAsideIsServedAfterTheAnswerOnly(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	require.True(t, c.FillChildren(c.Ticket(), 1, stat(a), []Child{{Name: ab, Instance: 9}}))
	require.True(t, c.FillAbsent(c.Ticket(), 1, abc, ab))
	again(c)
	_, ok := c.Look(a)
	require.False(t, ok)
	claims, ok := c.Claims()
	require.True(t, ok)
	require.Equal(t, []call.Claim{{Name: abc, Ancestor: ab},
		{Name: a, Instance: 7, Node: true, Zxid: stat(a).Zxid, List: true,
			Checksum: cell.Checksum([]byte("x"))}}, claims.All)
	_, more := c.Claims()
	require.False(t, more, "the first are not answered")
	_, ok = c.Look(a)
	require.False(t, ok, "claimed is not confirmed")
	c.Readmit(claims, yes(c, claims))
	found, ok := c.Look(a)
	require.True(t, ok)
	require.Equal(t, "x", string(found.Contents))
	require.Equal(t, []Child{{Name: ab, Instance: 9}}, found.Children)
	found, ok = c.Look(abc)
	require.True(t, ok && found.Absent)
	c.Invalidate([]cell.Name{ab})
	_, ok = c.Look(abc)
	require.False(t, ok, "an absence that came back rests on its ancestor still")
	require.Equal(t, Counts{Invalidated: 1, Revalidated: 2}, c.Counts())
}

func TestC6_NothingComesBackAgainstTheMastersWord(t *testing.T) {
	for _, x := range []struct {
		what string
		do   func(c *Cache, claims Claims)
	}{
		{"not confirmed", func(c *Cache, k Claims) {
			c.Readmit(k, &call.RevalidateReply{Incarnation: 1, Kept: make([]bool, len(k.All))})
		}},
		{"may cache nothing", func(c *Cache, k Claims) { c.Readmit(k, &call.RevalidateReply{Kept: yes(c, k).Kept}) }},
		{"no answer", func(c *Cache, k Claims) { c.Readmit(k, nil) }},
		{"an answer of another length", func(c *Cache, k Claims) {
			c.Readmit(k, &call.RevalidateReply{Incarnation: 1, Kept: []bool{true, true, true}})
		}},
		{"another incarnation", func(c *Cache, k Claims) {
			c.Readmit(k, &call.RevalidateReply{Incarnation: 9, Kept: yes(c, k).Kept})
		}},
		{"invalidated on the way", func(c *Cache, k Claims) { c.Invalidate([]cell.Name{a}); c.Readmit(k, yes(c, k)) }},
		{"dropped on the way", func(c *Cache, k Claims) { c.Drop(); c.Readmit(k, yes(c, k)) }},
	} {
		c := serving(0)
		require.True(t, fill(c, a))
		c.SetAside()
		c.Begin(1)
		c.Renew(1, 2000)
		claims, ok := c.Claims()
		require.True(t, ok, x.what)
		x.do(c, claims)
		require.Zero(t, c.Len()+c.Aside()+c.Bytes(), x.what)
	}
}

func TestC6_AnAnswerFromBeforeTheLastSetAsideChangesNothing(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	again(c)
	old, ok := c.Claims()
	require.True(t, ok)
	again(c)
	c.Readmit(old, &call.RevalidateReply{Incarnation: c.Incarnation(), Kept: []bool{true}})
	require.Equal(t, 1, c.Aside())
	require.Zero(t, c.Len())
	_, ok = c.Claims()
	require.True(t, ok, "it can be asked anew")
}

func TestC4_InJeopardyNothingIsClaimed(t *testing.T) {
	c := serving(0)
	require.True(t, fill(c, a))
	c.SetAside()
	_, ok := c.Claims()
	require.False(t, ok)
	c.Begin(1)
	_, ok = c.Claims()
	require.False(t, ok, "there is no lease yet")
}

func TestB2_ThousandsComeBackInBatchesTheMostRecentlyUsedFirst(t *testing.T) {
	const many = 3*call.MaxClaims + 7
	c := serving(0)
	for i := range many {
		require.True(t, fill(c, cell.Name(fmt.Sprintf("/ls/local/%05d", i))))
	}
	again(c)
	questions := 0
	for want := many - 1; ; questions++ {
		claims, ok := c.Claims()
		if !ok {
			break
		}
		require.LessOrEqual(t, len(claims.All), call.MaxClaims)
		for _, k := range claims.All {
			require.Equal(t, cell.Name(fmt.Sprintf("/ls/local/%05d", want)), k.Name)
			want--
		}
		c.Readmit(claims, yes(c, claims))
	}
	require.Equal(t, 4, questions)
	require.Equal(t, many, c.Len())
	require.Zero(t, c.Aside())
}

func TestB2_WhatIsSetAsideGoesFirst(t *testing.T) {
	c := serving(10 * (entryCost + 100))
	for i := range 10 {
		require.True(t, fill(c, cell.Name(fmt.Sprintf("/ls/local/old%d", i))))
	}
	c.SetAside()
	c.Begin(1)
	c.Renew(1, 2000)
	for i := range 8 {
		require.True(t, fill(c, cell.Name(fmt.Sprintf("/ls/local/new%d", i))))
		require.LessOrEqual(t, c.Bytes(), 10*(entryCost+100))
	}
	require.Equal(t, 8, c.Len())
}

// far is a master with the truth about some names, one session's registrations, and the stream to
// it, in whose order answers and invalidations arrive.
type far struct {
	truth      map[cell.Name]cell.Stat // without an Instance: absent
	registered map[cell.Name]bool
	zxid       cell.Zxid
	stream     []func()
}

func (f *far) change(n cell.Name, c *Cache) {
	if f.registered[n] {
		delete(f.registered, n)
		f.stream = append(f.stream, func() { c.Invalidate([]cell.Name{n}) })
		f.drain(len(f.stream)) // the write waits for the ack
	}
	f.zxid++
	f.truth[n] = cell.Stat{Name: n, Instance: 1, Zxid: f.zxid}
}

func (f *far) drain(most int) {
	for ; most > 0 && len(f.stream) > 0; most-- {
		f.stream[0]()
		f.stream = f.stream[1:]
	}
}

// TestC6_WhatTheCacheServesIsTheTruth sets the cache aside, revalidates and reads at random, with
// answers that are late: whatever it serves at any moment is what the master has.
func TestC6_WhatTheCacheServesIsTheTruth(t *testing.T) {
	names := []cell.Name{"/ls/local/1", "/ls/local/2", "/ls/local/3", "/ls/local/4"}
	back := uint64(0)
	rapid.Check(t, func(t *rapid.T) {
		c := serving(0)
		f := &far{truth: map[cell.Name]cell.Stat{}, registered: map[cell.Name]bool{}}
		for _, n := range names {
			f.change(n, c)
		}
		for range 80 {
			n := rapid.SampledFrom(names).Draw(t, "name")
			switch rapid.IntRange(0, 9).Draw(t, "do") {
			case 0, 1, 2:
				ticket, inc := c.Ticket(), c.Incarnation()
				f.registered[n] = true
				s := f.truth[n]
				f.stream = append(f.stream, func() { c.FillNode(ticket, inc, s, nil, true) })
			case 3:
				f.change(n, c)
			case 4, 5, 6:
				f.drain(rapid.IntRange(1, 3).Draw(t, "arrive"))
			case 7, 8:
				claims, ok := c.Claims()
				if !ok {
					continue
				}
				r := &call.RevalidateReply{Incarnation: c.Incarnation()}
				for _, k := range claims.All {
					f.registered[k.Name] = true
					r.Kept = append(r.Kept, f.truth[k.Name].Zxid == k.Zxid)
				}
				f.stream = append(f.stream, func() { c.Readmit(claims, r) })
			default:
				again(c)
				f.stream, f.registered = nil, map[cell.Name]bool{}
			}
			for _, n := range names {
				if found, ok := c.Look(n); ok {
					require.Equal(t, f.truth[n], found.Stat)
				}
			}
		}
		back += c.Counts().Revalidated
	})
	require.Positive(t, back, "nothing ever came back")
}
