package tree

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// filled is a tree with n nodes of size bytes, and a session.
func filled(b testing.TB, n, size int) (*Tree, cell.SessionID) {
	t := New(Options{HistoryCount: 10_000, HistoryBytes: 8 << 20})
	put := func(tx Txn) Applied {
		i := t.Mark().Index + 1
		got := t.Apply(record.Make(i, cell.Zxid(i), tx.Kind(), Encode(tx)))
		if got.Result.Code != 0 {
			b.Fatal(got.Result.Message)
		}
		return got
	}
	put(Txn{Names: []cell.Name{"/ls/local"}, Op: &Birth{Cell: "local", Members: single, Lengths: cell.DefaultLengths(),
		Limits: cell.DefaultLimits(), Format: 1}})
	s := put(Txn{Op: &OpenSession{KeyHash: [32]byte{1}, Principal: cell.Anonymous}}).Opened
	for i := range n {
		dir := cell.Name(fmt.Sprintf("/ls/local/dir%03d", i/1000))
		name := cell.Name(fmt.Sprintf("%s/node-%08d", dir, i))
		names := []cell.Name{dir, name}
		if i%1000 == 0 {
			names = []cell.Name{"/ls/local", dir, name}
		}
		put(Txn{Names: names, Session: s, Call: uint64(i + 1), Acked: uint64(i), Principal: cell.Anonymous,
			Op: &call.Create{Name: string(name), Contents: make([]byte, size), Parents: true}})
	}
	return t, s
}

// applies gives writes of size bytes to nodes that are there.
func applies(b testing.TB, size int) func() {
	t, s := filled(b, 10_000, size)
	var payloads [][]byte
	for i := range 10_000 {
		name := cell.Name(fmt.Sprintf("/ls/local/dir%03d/node-%08d", i/1000, i))
		payloads = append(payloads, Encode(Txn{Names: []cell.Name{name}, Session: s, Call: uint64(10_001 + i),
			Acked: uint64(10_000 + i), Principal: cell.Anonymous, Op: &call.Write{Name: name, Contents: make([]byte, size)}}))
	}
	i := -1
	return func() {
		if i++; i%len(payloads) == 0 { // the calls begin anew
			x := t.ownSession(s)
			for _, a := range x.answers {
				t.sum -= a.sum
			}
			x.lastCall, x.acked, x.answers = 10_000, 0, nil
			t.keepSession(x)
		}
		at := t.Mark().Index + 1
		got := t.Apply(record.Record{Index: at, Zxid: cell.Zxid(at), Kind: record.Normal,
			Payload: payloads[i%len(payloads)]})
		if got.Result.Code != 0 {
			b.Fatal(got.Result.Message)
		}
		t.Return(&got)
	}
}

func benchApply(b *testing.B, size int) {
	once := applies(b, size)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// What the hot path takes from the heap does not jitter: more than this is a change to be seen.
func TestAllocationsStayInBounds(t *testing.T) {
	require.LessOrEqual(t, testing.AllocsPerRun(1000, applies(t, 1<<10)), 9.0)
}

func BenchmarkApplyWrite1KiB(b *testing.B) { benchApply(b, 1<<10) }
func BenchmarkApplyWrite100B(b *testing.B) { benchApply(b, 100) }

func BenchmarkMemoryPerNode(b *testing.B) {
	const nodes = 100_000
	file := func() []byte {
		t, _ := filled(b, nodes, 100)
		return encode(b, t.Freeze())
	}()
	for name, tree := range map[string]func() *Tree{
		"made": func() *Tree {
			t, _ := filled(b, nodes, 100)
			t.history = history{}
			return t
		},
		"restored": func() *Tree {
			t, err := DecodeTree(bytes.NewReader(file), Options{})
			require.NoError(b, err)
			return t
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := heapNow()
				t := tree()
				b.ReportMetric(float64(heapNow()-before)/nodes, "B/node")
				runtime.KeepAlive(t)
			}
		})
	}
}

// heapNow is how many bytes are alive.
func heapNow() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkSnapshot(b *testing.B) {
	t, _ := filled(b, 100_000, 100)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			var out bytes.Buffer
			if err := t.Freeze().Encode(&out); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(out.Len()))
		}
	})
	var file bytes.Buffer
	_ = t.Freeze().Encode(&file)
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			if _, err := DecodeTree(bytes.NewReader(file.Bytes()), Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDigest(b *testing.B) {
	t, _ := filled(b, 100_000, 100)
	for b.Loop() {
		t.Digest()
	}
}

// There may be millions of files: what one field more would cost is paid for each.
func TestMemoryOfASmallFile(t *testing.T) {
	var room apart
	n := node{name: "/ls/local/x", contents: make([]byte, 100), instance: 1<<32 | 1<<20, contentGeneration: 3,
		checksum: 1 << 63, created: 1 << 60, modified: 1<<60 + 1e9, zxid: 1<<32 | 1<<21}
	b, x := n.pack(nil, &room)
	require.Nil(t, x)
	require.LessOrEqual(t, len(b), 100+2*8+5+5+3+1)
	require.LessOrEqual(t, reflect.TypeOf(past{}).Size(), uintptr(144))
}
