//go:build linux || darwin || freebsd

package wal

import (
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// power watches a directory and knows what a power failure must leave of it: of each file the
// bytes that were synced, of each directory the names that were. What was not synced it may leave
// or not, in part or whole, in any order.
type power struct {
	t     *testing.T
	root  string
	stash string            // a second name for each file, so that no file's number is used again
	bytes map[uint64][]byte // synced contents, by file
	names map[string][]name // synced names, by directory
	op    string            // that has been done by the next look
	path  string
}

type name struct {
	name string
	file uint64 // 0: a directory
}

func newPower(t *testing.T, root string) *power {
	return &power{t: t, root: root, stash: t.TempDir(), bytes: map[uint64][]byte{}, names: map[string][]name{}}
}

// before is the hook of the door: what was announced last has happened now.
func (p *power) before(op, path string) {
	p.done()
	p.op, p.path = op, path
}

func (p *power) done() {
	now := p.now()
	switch p.op {
	case "syncdir":
		p.names[p.path] = now[p.path]
	case "sync", "create", "truncate", "append", "open":
		p.synced(now)
	}
	p.op = ""
}

// synced notes whose bytes are durable now. The library syncs a segment before it begins the next.
func (p *power) synced(now map[string][]name) {
	dir, only := filepath.Split(p.path)
	dir = filepath.Clean(dir)
	if entries, ok := now[p.path]; ok { // a whole log
		dir, only = p.path, ""
		if p.op == "append" && len(entries) > 0 {
			now = map[string][]name{dir: entries[:len(entries)-1]}
		}
	}
	if p.op == "create" && only == "snapshots" {
		return // only now its bytes are written; "sync" follows
	}
	for _, n := range now[dir] {
		if n.file != 0 && (only == "" || n.name == only) {
			b, err := os.ReadFile(filepath.Join(dir, n.name))
			require.NoError(p.t, err)
			p.bytes[n.file] = b
		}
	}
}

// now lists every directory, sorted, and keeps each file's number in use.
func (p *power) now() map[string][]name {
	all := map[string][]name{}
	require.NoError(p.t, filepath.WalkDir(p.root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == p.root {
			return err
		}
		n := name{name: d.Name()}
		if d.IsDir() {
			all[path] = []name{}
		} else {
			info, err := d.Info()
			if err != nil {
				return err
			}
			n.file = info.Sys().(*syscall.Stat_t).Ino
			if err := os.Link(path, filepath.Join(p.stash, key(n.file))); err != nil && !os.IsExist(err) {
				return err
			}
		}
		all[filepath.Dir(path)] = append(all[filepath.Dir(path)], n)
		return nil
	}))
	return all
}

func key(file uint64) string { return strconv.FormatUint(file, 10) }

// leave is how much of what was not synced a failure leaves.
type leave struct {
	names, bytes func() bool
	torn         func(n int) int // how many of n unsynced bytes, when bytes says no
}

// image makes what a failure at this instant leaves.
func (p *power) image(l leave) string {
	to := filepath.Join(p.t.TempDir(), "image")
	now := p.now()
	var copyDir func(from, to string)
	copyDir = func(from, to string) {
		require.NoError(p.t, os.MkdirAll(to, 0o700))
		for _, n := range mixed(p.names[from], now[from], l.names) {
			if n.file == 0 {
				copyDir(filepath.Join(from, n.name), filepath.Join(to, n.name))
				continue
			}
			require.NoError(p.t, os.WriteFile(filepath.Join(to, n.name), p.contents(n.file, l), 0o600))
		}
	}
	copyDir(p.root, to)
	return to
}

// contents of a file: what is in memory, or what was synced and some of what follows it.
func (p *power) contents(file uint64, l leave) []byte {
	b, err := os.ReadFile(filepath.Join(p.stash, key(file)))
	require.NoError(p.t, err)
	kept := p.bytes[file]
	if l.bytes() {
		return b
	}
	if len(b) == len(kept) { // written in place
		return overwritten(kept, b, l.torn)
	}
	if more := len(b) - len(kept); more > 0 && string(b[:len(kept)]) == string(kept) {
		return b[:len(kept)+l.torn(more)]
	}
	return kept
}

// overwritten is a file with some of what was written over it in place: the first so many bytes of those that
// are others now.
func overwritten(was, now []byte, torn func(n int) int) []byte {
	b := slices.Clone(was)
	var others []int
	for i := range now {
		if now[i] != was[i] {
			others = append(others, i)
		}
	}
	for _, i := range others[:torn(len(others))] {
		b[i] = now[i]
	}
	return b
}

// mixed is the synced names, with each change since then or without it. A file that was renamed
// has its old name or its new one, never none.
func mixed(synced, now []name, yes func() bool) []name {
	at, moved := map[string]uint64{}, map[uint64]bool{}
	for _, n := range synced {
		at[n.name] = n.file
	}
	for _, n := range now {
		if old, ok := at[n.name]; (!ok || old != n.file) && yes() {
			at[n.name] = n.file
			moved[n.file] = n.file != 0
		}
	}
	for _, n := range synced {
		gone := !slices.ContainsFunc(now, func(m name) bool { return m.name == n.name })
		renamed := n.file != 0 && slices.ContainsFunc(now, func(m name) bool { return m.file == n.file })
		if gone && (moved[n.file] || !renamed && yes()) {
			delete(at, n.name)
		}
	}
	var all []name
	for _, k := range slices.Sorted(maps.Keys(at)) {
		all = append(all, name{k, at[k]})
	}
	return all
}

// leaves are the ways of a failure: nothing of what was not synced, names without bytes, bytes
// without names, everything, and any of it.
func leaves(rng *rand.Rand) map[string]leave {
	yes, no := func() bool { return true }, func() bool { return false }
	none := func(int) int { return 0 }
	any := func() bool { return rng.Intn(2) == 0 }
	return map[string]leave{
		"nothing unsynced":    {no, no, none},
		"names without bytes": {yes, no, none},
		"bytes without names": {no, yes, none},
		"everything":          {yes, yes, none},
		"anything":            {any, any, func(n int) int { return rng.Intn(n + 1) }},
		"anything else":       {any, any, func(n int) int { return rng.Intn(n + 1) }},
	}
}
