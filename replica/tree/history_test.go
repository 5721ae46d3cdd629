package tree

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// A cursor sees every change after its zxid in order, whatever the piece, or is told that some
// fell off.
func TestC9_HistoryHasEveryChangeOrSaysSo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := Options{HistoryCount: rapid.IntRange(0, 30).Draw(rt, "count"), HistoryBytes: 1 << 20}
		if rapid.Bool().Draw(rt, "few bytes") {
			o.HistoryBytes = rapid.IntRange(0, 5000).Draw(rt, "bytes")
		}
		var h history
		h.most, h.mostBytes = o.HistoryCount, o.HistoryBytes
		tree := &Tree{history: h}
		var all []Change
		for z := cell.Zxid(1); z < 40; z++ {
			var some []Change
			for range rapid.SampledFrom([]int{0, 1, 2, 3, 40}).Draw(rt, "changes") {
				some = append(some, someChange(rt, z<<32+z))
			}
			tree.history.add(some)
			all = append(all, some...)
			require.LessOrEqual(rt, tree.history.count, o.HistoryCount)
			require.LessOrEqual(rt, tree.history.bytes, o.HistoryBytes)
		}
		from := cell.Zxid(rapid.IntRange(0, 41).Draw(rt, "from"))
		from += from << 32
		var want []Change
		for _, c := range all {
			if c.Zxid > from {
				want = append(want, c)
			}
		}
		got, ok := follow(tree, from, rapid.IntRange(0, 4).Draw(rt, "piece"))
		require.Equal(rt, from >= tree.HistoryFrom(), ok)
		if ok {
			require.Equal(rt, want, got)
		}
	})
}

// someChange is a change with anything in its fields.
func someChange(rt *rapid.T, z cell.Zxid) Change {
	number := func(what string) uint64 {
		return rapid.SampledFrom([]uint64{0, 1, 127, 128, uint64(z), 1<<63 + 1}).Draw(rt, what)
	}
	wall := func(what string) time.Time { return cell.Wall(rapid.Int64().Draw(rt, what)) }
	names := []cell.Name{"/ls/local", "/ls/local/x", cell.Name("/ls/local/" + strings.Repeat("x", 900))}
	name := rapid.SampledFrom(names).Draw(rt, "name")
	var contents []byte
	if n := rapid.SampledFrom([]int{0, 1, mostPacked, mostPacked + 1, 1000}).Draw(rt, "size"); n > 0 {
		contents = bytes.Repeat([]byte{byte(z)}, n)
	}
	kind := call.EventKind(rapid.IntRange(1, 11).Draw(rt, "kind"))
	c := Change{Event: call.Event{Kind: kind, Name: name, Zxid: z, Contents: contents, Stat: cell.Stat{Name: name,
		Instance: number("instance"), ContentGeneration: number("contents"), ACLGeneration: number("acl"),
		ChildrenGeneration: number("children"), Checksum: number("sum"), Size: int(int32(number("size"))),
		Children: int(int32(number("many"))), EphemeralOwner: cell.SessionID(number("owner")),
		Created: wall("created"), Modified: wall("modified"), Zxid: cell.Zxid(number("zxid"))}}}
	if rapid.Bool().Draw(rt, "more") {
		c.ACL, c.Was = &cell.ACL{Read: "some"}, &cell.ACL{Read: "others"}
		c.Stat.TTL, c.Stat.Container = time.Hour, rapid.Bool().Draw(rt, "container")
	}
	return c
}

// Large contents go with their change, not with the last one of its stretch.
func TestC9_WhatFellOffIsLetGo(t *testing.T) {
	h := history{most: 3, mostBytes: 1 << 20}
	for z := cell.Zxid(1); z < 100; z++ {
		h.add([]Change{{Event: call.Event{Zxid: z, Contents: make([]byte, 1000)}}})
	}
	kept := 0
	for _, s := range h.stretches {
		for _, x := range s.apart {
			if x.contents != nil {
				kept++
			}
		}
	}
	require.Equal(t, 3, kept)
}

func follow(tree *Tree, z cell.Zxid, piece int) (out []Change, ok bool) {
	for {
		some, ok := tree.Since(z, piece)
		if !ok || len(some) == 0 {
			return out, ok
		}
		out = append(out, some...)
		z = some[len(some)-1].Zxid
	}
}

// A history from which all has fallen off takes a transaction of more changes than it has taken memory for.
func TestC9_AHistoryThatKeepsNothingTakesWhatComes(t *testing.T) {
	w := born(t, nil) // its second tree keeps no history
	m := &call.Txn{}
	for _, name := range []string{"/ls/local/a/a/a", "/ls/local/b/a/a", "/ls/local/c/a/a", "/ls/local/d"} {
		m.Parts = append(m.Parts, &call.Create{Name: name, Parents: true})
	}
	got := w.call(w.open(1), m)
	require.Zero(t, got.Result.Code, got.Result.Message)
	require.NotEmpty(t, got.Changes)
}

func TestC9_ASnapshotBeginsAnewHistory(t *testing.T) {
	w := full(t)
	all, ok := w.a.Since(0, 1000)
	require.True(t, ok)
	require.NotEmpty(t, all)
	back, err := DecodeTree(bytes.NewReader(encode(t, w.a.Freeze())), w.options)
	require.NoError(t, err)
	_, ok = back.Since(back.Mark().Zxid-1, 1)
	require.False(t, ok)
	some, ok := back.Since(back.Mark().Zxid, 1)
	require.True(t, ok)
	require.Empty(t, some)
}
