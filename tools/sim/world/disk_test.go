package world

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// TestZ2_DiskKeepsWhatWasSynced: after any crash the scan finds at least what was synced, as it
// was written, and never anything else.
func TestZ2_DiskKeepsWhatWasSynced(t *testing.T) {
	var found Damage
	for seed := range uint64(300) {
		dice := NewDice(seed)
		disk := NewDisk(dice, record.Birth{Name: "local", Replica: 1})
		disk.BeginSave(record.HardState{Incarnation: 1, Standing: record.Voter})
		disk.EndSave()
		_, err := disk.Open()
		require.NoError(t, err)
		var written []record.Record
		durable := 0
		for range 30 {
			r := record.Make(uint64(len(written)+1), cell.MakeZxid(1, uint32(len(written)+1)), record.Normal,
				make([]byte, 1+dice.Below(3000)))
			disk.Append([]record.Record{r})
			written = append(written, r)
			if dice.Chance(200_000) {
				disk.Sync()
				durable = len(written)
			}
		}
		disk.Crash(true)
		r, err := disk.Open()
		require.NoError(t, err, "seed %d", seed)
		require.GreaterOrEqual(t, int(r.Summary.Last.Index), durable, "seed %d", seed)
		for _, x := range disk.Read(1, 1<<30) {
			require.Equal(t, written[x.Index-1].Sum, x.Sum)
		}
		found.TailsCut += disk.Found().TailsCut
		found.Holes += disk.Found().Holes
	}
	require.NotZero(t, found.TailsCut)
	require.NotZero(t, found.Holes)
}

// TestZ5_TruncateStopsAnywhere: a cut that is interrupted between any two of its steps leaves a
// log that starts, and a cut that is done leaves exactly what was asked for.
func TestZ5_TruncateStopsAnywhere(t *testing.T) {
	for stop := range 20 {
		disk := NewDisk(NewDice(uint64(stop)), record.Birth{Name: "local", Replica: 1})
		disk.BeginSave(record.HardState{Incarnation: 1, Standing: record.Voter})
		disk.EndSave()
		_, err := disk.Open()
		require.NoError(t, err)
		for i := range uint64(60) {
			disk.Append([]record.Record{record.Make(i+1, cell.MakeZxid(1, uint32(i+1)), record.Normal, make([]byte, 2000))})
			disk.Sync()
			if i%20 == 19 {
				disk.Create(record.Mark{Index: i + 1, Zxid: cell.MakeZxid(1, uint32(i+1))}, []byte("tree"))
			}
		}
		steps := disk.TruncateSteps(25)
		require.Greater(t, len(steps), 4)
		for i, step := range steps {
			if i < stop {
				step()
			}
		}
		disk.Crash(true)
		r, err := disk.Open()
		require.NoError(t, err, "stopped after %d steps", stop)
		if stop >= len(steps) {
			require.Equal(t, uint64(25), r.Summary.Last.Index)
			require.Equal(t, uint64(20), r.Summary.Snapshot.Index)
		}
		require.GreaterOrEqual(t, r.Summary.Last.Index, uint64(25))
	}
}
