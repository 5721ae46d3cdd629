package tree

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// cycles gives turns of sessions that take locks of their own and give them back.
func cycles(b testing.TB, lockers int) (t *Tree, once func()) {
	t, _ = filled(b, 10_000, 100)
	apply := func(tx Txn) (result call.Result, opened cell.SessionID) {
		i := t.Mark().Index + 1
		got := t.Apply(record.Record{Index: i, Zxid: cell.Zxid(i), Kind: record.Normal, Payload: Encode(tx)})
		if got.Result.Code != 0 {
			b.Fatal(got.Result.Message)
		}
		result, opened = got.Result, got.Opened
		t.Return(&got)
		return result, opened
	}
	var sessions []cell.SessionID
	var names []cell.Name
	for i := range lockers {
		_, id := apply(Txn{Op: &OpenSession{KeyHash: [32]byte{2, byte(i)}, Principal: cell.Anonymous}})
		sessions = append(sessions, id)
		names = append(names, cell.Name(fmt.Sprintf("/ls/local/dir000/node-%08d", i)))
	}
	turn := uint64(0)
	return t, func() {
		i, number := turn%uint64(lockers), turn/uint64(lockers)*2+1
		turn++
		got, _ := apply(Txn{Session: sessions[i], Call: number, Acked: number - 1, Principal: cell.Anonymous,
			Op: &call.Acquire{Name: names[i], Mode: cell.Exclusive, Wait: true, Create: true, Delay: -1}})
		apply(Txn{Session: sessions[i], Call: number + 1, Acked: number, Principal: cell.Anonymous,
			Op: &call.Release{Name: names[i], Hold: got.Acquired.Hold}})
	}
}

// BenchmarkApplyLockCycle is two transactions, the master's encoding of them included.
func BenchmarkApplyLockCycle(b *testing.B) {
	_, once := cycles(b, 64)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

func TestLockCycleAllocationsStayInBounds(t *testing.T) {
	_, once := cycles(t, 4)
	for range 4 * MaxPast {
		once()
	}
	require.LessOrEqual(t, testing.AllocsPerRun(1000, once), 31.0)
}

// Z14: what is edited in place, or taken again, is in no view: a snapshot shows the tree as it was.
func TestZ14_AViewStandsStillWhileLocksPass(t *testing.T) {
	live, once := cycles(t, 4)
	for range 4*MaxPast + 2 {
		once()
	}
	view, digest := live.Freeze(), live.Digest()
	var before, after bytes.Buffer
	require.NoError(t, view.Encode(&before))
	for range 4 * MaxPast {
		once()
	}
	require.NoError(t, live.Check())
	require.NoError(t, view.Encode(&after))
	require.Equal(t, before.Bytes(), after.Bytes())
	restored, err := DecodeTree(&after, Options{})
	require.NoError(t, err)
	require.Equal(t, digest, restored.Digest())
}
