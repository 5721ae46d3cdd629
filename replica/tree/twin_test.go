package tree

import (
	"bytes"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// twin is the namespace in the dumbest form that can be right: a map.
type twin map[cell.Name]twinFile

type twinFile struct {
	contents   string
	generation uint64
}

func (w twin) kids(name cell.Name) []string {
	var out []string
	for n := range w {
		if p, ok := n.Parent(); ok && p == name {
			out = append(out, n.Base())
		}
	}
	sort.Strings(out)
	return out
}

// hit applies an op and gives the code that it deserves.
func (w twin) hit(op call.Op) error {
	switch o := op.(type) {
	case *call.Create:
		name := cell.Name(o.Name)
		if _, there := w[name]; there {
			return cell.ErrExists
		}
		return w.make(name, o.Parents, o.Contents)
	case *call.Write:
		f, there := w[o.Name]
		if !there && !o.OrCreate {
			return cell.ErrNotFound
		}
		if o.IfGeneration != nil && *o.IfGeneration != f.generation {
			return cell.ErrGeneration
		}
		if !there {
			return w.make(o.Name, o.Parents, o.Contents)
		}
		w[o.Name] = twinFile{string(o.Contents), f.generation + 1}
	case *call.Delete:
		f, there := w[o.Name]
		if !there {
			return cell.ErrNotFound
		}
		if o.IfGeneration != nil && *o.IfGeneration != f.generation {
			return cell.ErrGeneration
		}
		if len(w.kids(o.Name)) > 0 {
			return cell.ErrNotEmpty
		}
		delete(w, o.Name)
	}
	return nil
}

func (w twin) make(name cell.Name, parents bool, contents []byte) error {
	var missing []cell.Name
	p, _ := name.Parent()
	for _, there := w[p]; !there; _, there = w[p] {
		missing = append(missing, p)
		p, _ = p.Parent()
	}
	if len(missing) > 0 && !parents {
		return cell.ErrNotFound
	}
	for _, m := range missing {
		w[m] = twinFile{"", 1}
	}
	w[name] = twinFile{string(contents), 1}
	return nil
}

// drawName draws names whose components sort on both sides of the slash, and share prefixes.
func drawName(t *rapid.T) cell.Name {
	part := rapid.SampledFrom([]string{"a", "a!", "a.b", "a0", "ab", "b"})
	return cell.Name("/ls/local/" + strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "name"), "/"))
}

func drawFileOp(t *rapid.T) call.Op {
	name, contents := drawName(t), []byte(rapid.StringN(0, 5, 20).Draw(t, "contents"))
	contents = bytes.Repeat(contents, rapid.SampledFrom([]int{1, 1, 1, 100}).Draw(t, "times")) // packed, or not
	var generation *uint64
	if rapid.Bool().Draw(t, "if") {
		g := rapid.Uint64Range(0, 3).Draw(t, "generation")
		generation = &g
	}
	parents := rapid.Bool().Draw(t, "parents")
	switch rapid.IntRange(0, 3).Draw(t, "op") {
	case 0:
		return &call.Create{Name: string(name), Contents: contents, Parents: parents}
	case 1:
		return &call.Delete{Name: name, IfGeneration: generation}
	}
	return &call.Write{Name: name, Contents: contents, IfGeneration: generation,
		OrCreate: rapid.Bool().Draw(t, "or create"), Parents: parents}
}

// The tree's files behave as a map does, in outcomes and in what reads see.
func TestFilesAreAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, dumb := born(t, nil), twin{"/ls/local": {"", 1}}
		s := w.open(1)
		for range rapid.IntRange(1, 40).Draw(rt, "ops") {
			op := drawFileOp(rt)
			want := cell.CodeOf(dumb.hit(op))
			got := w.call(s, op)
			require.Equal(rt, want.String(), got.Result.Code.String(), got.Result.Message)
		}
		compare(rt, w.a, dumb)
	})
}

// What was read stands as it was read, whatever becomes of the tree.
func TestC6_WhatWasReadStands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := born(t, nil)
		w.plain = true
		s := w.open(1)
		var read [][]byte
		var was []string
		for range rapid.IntRange(1, 40).Draw(rt, "ops") {
			w.call(s, drawFileOp(rt))
			if _, contents, ok := w.a.Get(drawName(rt)); ok {
				read, was = append(read, contents), append(was, string(contents))
			}
			nodes, _ := w.a.Below("/ls/local", "", 1000)
			for _, n := range nodes {
				read, was = append(read, n.Contents), append(was, string(n.Contents))
			}
		}
		for i := range read {
			require.Equal(rt, was[i], string(read[i]))
		}
	})
}

func compare(t *rapid.T, tree *Tree, dumb twin) {
	nodes, more := tree.Below("/ls/local", "", 1000)
	require.False(t, more)
	require.Len(t, nodes, len(dumb))
	for _, n := range nodes {
		f, ok := dumb[n.Stat.Name]
		require.True(t, ok, n.Stat.Name)
		require.Equal(t, f, twinFile{string(n.Contents), n.Stat.ContentGeneration})
		require.Equal(t, dumb.kids(n.Stat.Name), list(t, tree, n.Stat.Name))
	}
	require.Equal(t, nodes, walk(tree, rapid.IntRange(1, 5).Draw(t, "piece")))
}

// list pages through the children with pages of a drawn size.
func list(t *rapid.T, tree *Tree, name cell.Name) []string {
	var out []string
	after, page := "", rapid.IntRange(1, 4).Draw(t, "page")
	for {
		_, kids, more, ok := tree.List(name, after, page)
		require.True(t, ok)
		require.LessOrEqual(t, len(kids), page)
		for _, k := range kids {
			after = k.Name.Base()
			out = append(out, after)
		}
		if !more {
			return out
		}
	}
}

// walk walks the whole tree in pieces.
func walk(tree *Tree, piece int) []Node {
	var out []Node
	after := cell.Name("")
	for {
		nodes, more := tree.Below("/ls/local", after, piece)
		out = append(out, nodes...)
		if !more {
			return out
		}
		after = nodes[len(nodes)-1].Stat.Name
	}
}
