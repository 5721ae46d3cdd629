package packed

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plain is the map that everybody understands.
type plain map[string]held

type held struct {
	value string
	x     string // "": nothing apart
}

// agree requires that a map has what the plain one has, by every way of asking, and is well laid out.
func agree(t require.TestingT, want plain, m *Map[string]) {
	require.Equal(t, len(want), m.Len())
	keys := slices.Sorted(maps.Keys(want))
	var got []string
	m.Ascend("", func(key string, value []byte, x *string) bool {
		got = append(got, key)
		require.Equal(t, want[key], holding(value, x), "%q", key)
		return true
	})
	require.Equal(t, len(keys), len(got))
	for i, key := range keys {
		require.Equal(t, key, got[i])
		value, x, ok := m.Get(key)
		require.True(t, ok, "%q", key)
		require.Equal(t, want[key], holding(value, x), "%q", key)
	}
	laidOut(t, m)
}

func holding(value []byte, x *string) held {
	h := held{value: string(value)}
	if x != nil {
		h.x = *x
	}
	return h
}

// laidOut requires what each leaf promises: its place and its bounds.
func laidOut(t require.TestingT, m *Map[string]) {
	last := ""
	first := true
	m.leaves.Scan(func(at string, l *leaf[string]) bool {
		n := len(l.starts)
		require.Equal(t, at, l.at)
		require.Greater(t, n, 0)
		require.LessOrEqual(t, n, mostEntries)
		require.LessOrEqual(t, len(l.data), mostBytes+MostEntryBytes)
		require.Zero(t, l.has>>(n-1)>>1, "marks of entries that are not there")
		require.Len(t, l.apart, l.before(n))
		for i := range n {
			require.True(t, first && i == 0 || l.key(i) > last, "%q after %q", l.key(i), last)
			require.True(t, first || l.key(i) >= at)
			last = l.key(i)
		}
		first = false
		return true
	})
}

// drawKey draws names that share beginnings, of any length.
func drawKey(t *rapid.T) string {
	dir := rapid.SampledFrom([]string{"", "/a", "/a/b", "/a-b", "/" + strings.Repeat("long", 60), "/b"}).Draw(t, "dir")
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return dir
	case 1:
		return dir + "/" + rapid.StringN(0, 4, 12).Draw(t, "name")
	default:
		return fmt.Sprintf("%s/%04d", dir, rapid.IntRange(0, 400).Draw(t, "number"))
	}
}

func drawHeld(t *rapid.T) held {
	size := rapid.SampledFrom([]int{0, 1, 30, 120, 300, 2000}).Draw(t, "size")
	return held{value: string(bytes.Repeat([]byte{byte(rapid.IntRange('a', 'z').Draw(t, "byte"))}, size)),
		x: rapid.SampledFrom([]string{"", "", "x", "yy"}).Draw(t, "apart")}
}

// Whatever is put in, replaced and taken out, the map has what a plain one has; and a copy has what there was
// when it was made, whatever becomes of either.
func TestWhateverComesAndGoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type pair struct {
			want plain
			m    *Map[string]
		}
		all := []pair{{plain{}, New[string]()}}
		for range rapid.IntRange(0, 40).Draw(t, "rounds") {
			p := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				if len(all) < 4 {
					all = append(all, pair{maps.Clone(p.want), p.m.Copy()})
				}
			case 1, 2:
				for range rapid.IntRange(1, 60).Draw(t, "many") {
					remove(t, p.want, p.m, drawKey(t))
				}
			case 3: // from somewhere on
				keys, from := slices.Sorted(maps.Keys(p.want)), drawKey(t)
				at, _ := slices.BinarySearch(keys, from)
				var got []string
				p.m.Ascend(from, func(key string, _ []byte, _ *string) bool {
					got = append(got, key)
					return len(got) < 3
				})
				require.Equal(t, strings.Join(keys[at:min(at+3, len(keys))], "\n"), strings.Join(got, "\n"))
			default:
				for range rapid.IntRange(1, 60).Draw(t, "many") {
					set(t, p.want, p.m, drawKey(t), drawHeld(t))
				}
			}
		}
		for _, p := range all {
			agree(t, p.want, p.m)
		}
	})
}

func set(t require.TestingT, want plain, m *Map[string], key string, h held) {
	_, there := want[key]
	want[key] = h
	x := &h.x
	if h.x == "" {
		x = nil
	}
	require.Equal(t, there, m.Set(key, []byte(h.value), x), "%q", key)
}

func remove(t require.TestingT, want plain, m *Map[string], key string) {
	_, there := want[key]
	delete(want, key)
	require.Equal(t, there, m.Delete(key), "%q", key)
}

// A leaf of one large entry takes none before it, and none of another beginning.
func TestLargeEntries(t *testing.T) {
	for _, keys := range [][]string{{"/b", "/a"}, {"/a", "/b"}, {"/a/x", "/b", "/a/w"}, {"/b", "/c", "/a", "/bb"}} {
		want, m := plain{}, New[string]()
		for _, key := range keys {
			set(t, want, m, key, held{value: strings.Repeat(key, 3900/len(key))})
			agree(t, want, m)
		}
		for _, key := range keys {
			set(t, want, m, key, held{})
			agree(t, want, m)
			remove(t, want, m, key)
			agree(t, want, m)
		}
	}
	large, want, m := held{value: strings.Repeat("x", 3900)}, plain{}, New[string]()
	set(t, want, m, "/a/b", held{})
	set(t, want, m, "/a/c", large)
	remove(t, want, m, "/a/b")
	set(t, want, m, "/a/a", large)
	agree(t, want, m)
}

// A copy stands at whatever point of a leaf it was made, while more comes behind.
func TestACopyStandsWhileMoreComes(t *testing.T) {
	type pair struct {
		want plain
		m    *Map[string]
	}
	var copies []pair
	want, m := plain{}, New[string]()
	for i := range 2*mostEntries + 10 {
		set(t, want, m, fmt.Sprintf("/dir/%04d", i), held{value: strings.Repeat("x", 20+i%3), x: "x"[:i%2]})
		copies = append(copies, pair{maps.Clone(want), m.Copy()})
	}
	for _, c := range copies {
		agree(t, c.want, c.m)
	}
}

// What comes in order fills its leaves, also between others; what goes leaves little behind.
func TestLeavesAreFull(t *testing.T) {
	m, value := New[string](), make([]byte, 100)
	m.Set("/z", nil, nil)
	const n = 20_000
	name := func(i int) string { return fmt.Sprintf("/dir/node-%08d", i) }
	for i := range n {
		m.Set(name(i), value, nil)
	}
	leaves, bytes := weigh(m)
	require.LessOrEqual(t, bytes, n*110)
	require.LessOrEqual(t, leaves, n/30)
	for i := range n {
		if i%16 != 0 {
			require.True(t, m.Delete(name(i)))
		}
	}
	laidOut(t, m)
	leaves, bytes = weigh(m)
	require.LessOrEqual(t, bytes, n/16*220)
	require.LessOrEqual(t, leaves, n/16/8)
}

// A value that lies in the map may be put in under another key, also where its leaf is taken apart for that.
func TestAValueOfTheMapItself(t *testing.T) {
	m, name := New[string](), func(i int) string { return fmt.Sprintf("/b/%04d", i) }
	for i := range 3 * mostEntries {
		m.Set(name(i), bytes.Repeat([]byte{byte(i)}, 60), nil)
	}
	gone := mostEntries + 6 // the first leaf, and a little of what is then the first
	for i := range gone {
		m.Delete(name(i))
	}
	value, _, _ := m.Get(name(gone))
	want := string(value)
	m.Set("/a", value, nil)
	got, _, _ := m.Get("/a")
	require.Equal(t, want, string(got))
}

// weigh counts the leaves, and the bytes taken for their entries.
func weigh(m *Map[string]) (leaves, bytes int) {
	m.leaves.Scan(func(_ string, l *leaf[string]) bool {
		leaves, bytes = leaves+1, bytes+cap(l.data)
		return true
	})
	return leaves, bytes
}

// To look something up takes no memory, and to replace it none either.
func TestNoMemoryToLookUp(t *testing.T) {
	m, value, x := New[string](), make([]byte, 100), "x"
	for i := range 1000 {
		m.Set(fmt.Sprintf("/dir/%04d", i), value, &x)
	}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _, ok := m.Get("/dir/0500")
		require.True(t, ok)
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Set("/dir/0500", value, &x) }))
}

func BenchmarkGet(b *testing.B) {
	m := New[string]()
	names := make([]string, 0, 100_000)
	for i := range 100_000 {
		names = append(names, fmt.Sprintf("/ls/local/dir%03d/node-%08d", i/1000, i))
		m.Set(names[i], make([]byte, 100), nil)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i += 7919 {
		m.Get(names[i%len(names)])
	}
}
