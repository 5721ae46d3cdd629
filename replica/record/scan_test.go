package record

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

const salt = 0x5EED

func payload(i uint64) []byte { return fmt.Appendf(nil, "payload of record %d ............", i) }

func make1(i uint64) Record { return Make(i, cell.MakeZxid(1, uint32(i)), Normal, payload(i)) }

// segment writes records first … last in batches, each of which was synced before the next.
func segment(first, last uint64, batch uint64) (data []byte, starts []int) {
	for i := first; i <= last; i++ {
		starts = append(starts, len(data))
		synced := (i - 1) / batch * batch
		data = AppendEntry(data, make1(i), synced, salt)
	}
	return data, starts
}

type part struct {
	first uint64
	data  []byte
}

func scan(base Mark, parts ...part) (Report, error) {
	s := NewScan(ScanOptions{Salt: salt, Base: base, RecentBytes: 1 << 20})
	for i, p := range parts {
		if err := s.Segment(p.first, p.data, i == len(parts)-1); err != nil {
			return Report{}, err
		}
	}
	return s.Report(), nil
}

// right checks that nothing but what was written is reported, up to the reported last.
func right(t *testing.T, r Report, from uint64) {
	t.Helper()
	for i, got := range r.Recent {
		require.Equal(t, make1(from+uint64(i)), got)
	}
	if r.Last != (Mark{}) {
		require.Equal(t, make1(r.Last.Index).Mark(), r.Last)
		require.Len(t, r.Recent, int(r.Last.Index-from+1))
	}
}

func TestZ12_AWholeLogIsReported(t *testing.T) {
	a, _ := segment(1, 20, 4)
	b, _ := segment(21, 30, 4)
	r, err := scan(Mark{}, part{1, a}, part{21, b})
	require.NoError(t, err)
	right(t, r, 1)
	require.Equal(t, uint64(1), r.First)
	require.Equal(t, Mark{30, cell.MakeZxid(1, 30)}, r.Last)
	require.Equal(t, []EpochEnd{{1, r.Last}}, r.Epochs)
	require.Equal(t, len(b), r.Keep)
	require.Zero(t, r.TornBytes)
}

// The last batch (17 … 20) was not promised: cut anywhere in it, the whole records before stay.
func TestZ12_ATailCutAtEachOffsetIsTornThere(t *testing.T) {
	data, starts := segment(1, 20, 4)
	for cut := starts[16]; cut < len(data); cut++ {
		r, err := scan(Mark{}, part{1, data[:cut]})
		require.NoError(t, err)
		right(t, r, 1)
		want := 16
		for want < 20 && want+1 < len(starts) && starts[want+1] <= cut {
			want++
		}
		require.Equal(t, uint64(want), r.Last.Index, "cut at %d", cut)
		require.Equal(t, starts[want], r.Keep)
		require.Equal(t, cut-starts[want], r.TornBytes)
		require.Equal(t, r.TornBytes > 0, len(r.Notes) == 1)
	}
}

func TestZ12_ZerosAreNeverRecords(t *testing.T) {
	data, starts := segment(1, 20, 4)
	for from := starts[16]; from < len(data); from++ {
		torn := append([]byte(nil), data...)
		clear(torn[from:])
		r, err := scan(Mark{}, part{1, torn})
		require.NoError(t, err)
		right(t, r, 1)
		require.GreaterOrEqual(t, r.Last.Index, uint64(16))
		require.Less(t, r.Last.Index, uint64(20))
	}
	r, err := scan(Mark{}, part{1, append(data, make([]byte, 4096)...)})
	require.NoError(t, err)
	require.Equal(t, uint64(20), r.Last.Index)
	require.Equal(t, 4096, r.TornBytes)
}

// The last segment is laid out ahead of its records, and a crash may come before the room of the
// one before it is cut off. That no record is missing there shows in the next segment's name.
func TestZ12_RoomIsNoRecordAndHidesNone(t *testing.T) {
	data, starts := segment(1, 20, 4)
	more, _ := segment(21, 25, 4)
	room := make([]byte, 100)
	roomy := append(append([]byte(nil), data...), room...)
	r, err := scan(Mark{}, part{1, roomy}, part{21, append(append([]byte(nil), more...), room...)})
	require.NoError(t, err)
	require.Equal(t, uint64(25), r.Last.Index)
	require.Equal(t, []Roomy{{First: 1, Keep: len(data)}}, r.Roomy)
	require.Equal(t, len(more), r.Keep)
	require.Equal(t, len(room), r.TornBytes)
	require.Empty(t, r.Notes, "room is no news")
	for n := range starts { // the end of the first segment was synced, and reads as zeros now
		clear(roomy[starts[len(starts)-1-n]:])
		_, err := scan(Mark{}, part{1, roomy}, part{21, more})
		require.ErrorIs(t, err, ErrDamaged)
	}
	hole := append([]byte(nil), data...)
	clear(hole[starts[4]:starts[5]]) // zeros before what says that they were a record
	_, err = scan(Mark{}, part{1, hole})
	require.ErrorIs(t, err, ErrDamaged)
	torn := append(append([]byte(nil), data[:len(data)-3]...), room...)
	r, err = scan(Mark{}, part{1, torn})
	require.NoError(t, err)
	require.Equal(t, len(torn), r.Keep+r.TornBytes)
	require.Len(t, r.Notes, 1)
	require.Contains(t, r.Notes[0], fmt.Sprintf("the last %d bytes", len(data)-3-starts[19]), "without the room")
}

// Each bit of the log is flipped once: what was promised is refused or, in the last batch, cut
// as torn; wrong data never comes out.
func TestZ12_NoFlippedBitGivesWrongData(t *testing.T) {
	data, starts := segment(1, 20, 4)
	refused, torn := 0, 0
	for bit := range len(data) * 8 {
		bad := append([]byte(nil), data...)
		bad[bit/8] ^= 1 << (bit % 8)
		r, err := scan(Mark{}, part{1, bad})
		if bit/8 < starts[16] {
			require.ErrorIs(t, err, ErrDamaged, "bit %d", bit)
			refused++
			continue
		}
		require.NoError(t, err, "bit %d", bit)
		right(t, r, 1)
		require.Positive(t, r.TornBytes)
		require.GreaterOrEqual(t, r.Last.Index, uint64(16))
		torn++
	}
	require.Positive(t, refused)
	require.Positive(t, torn)
}

// A hole in the unsynced batch, with whole records of that batch behind it, is a tear: power
// failures write sectors in any order.
func TestZ12_AHoleInTheUnsyncedBatchIsTorn(t *testing.T) {
	data, starts := segment(1, 20, 4)
	clear(data[starts[17]:starts[18]])
	r, err := scan(Mark{}, part{1, data})
	require.NoError(t, err)
	require.Equal(t, uint64(17), r.Last.Index)
	right(t, r, 1)
}

func TestZ12_DamageBeforeTheLastSegmentIsRefused(t *testing.T) {
	a, _ := segment(1, 4, 4)
	for cut := range a {
		_, err := scan(Mark{}, part{1, a[:cut]}, part{5, nil})
		require.ErrorIs(t, err, ErrDamaged, "cut at %d", cut)
	}
	a[len(a)-1] ^= 1
	_, err := scan(Mark{}, part{1, a}, part{5, nil})
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, Rebuild)
}

func TestZ12_WholeRecordsInWrongPlacesAreRefused(t *testing.T) {
	data, starts := segment(1, 8, 1)
	doubled := append(append([]byte(nil), data...), data[starts[7]:]...)
	gone := append(append([]byte(nil), data[:starts[3]]...), data[starts[4]:]...)
	back := AppendEntry(nil, make1(1), 0, salt)
	back = AppendEntry(back, Make(2, cell.MakeZxid(1, 1), Normal, nil), 0, salt)
	for name, bad := range map[string][]byte{"doubled": doubled, "left out": gone, "zxid does not rise": back} {
		_, err := scan(Mark{}, part{1, bad})
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestZ12_GapsAreDroppedOnlyBelowTheSnapshot(t *testing.T) {
	a, _ := segment(1, 4, 1)
	c, _ := segment(9, 12, 1)
	_, err := scan(Mark{}, part{1, a}, part{9, c})
	require.ErrorIs(t, err, ErrDamaged)
	_, err = scan(make1(7).Mark(), part{1, a}, part{9, c})
	require.ErrorIs(t, err, ErrDamaged)
	r, err := scan(make1(8).Mark(), part{1, a}, part{9, c})
	require.NoError(t, err)
	require.Equal(t, []uint64{1}, r.Dropped)
	require.Equal(t, uint64(9), r.First)
	right(t, r, 9)
	_, err = scan(make1(10).Mark(), part{1, a}, part{3, nil})
	require.ErrorIs(t, err, ErrDamaged, "an overlap")
}

// That nobody needs what lies below the snapshot does not make damage there a gap.
func TestZ12_DamageBelowTheSnapshotIsRefusedToo(t *testing.T) {
	a, _ := segment(1, 4, 1)
	b, _ := segment(5, 8, 1)
	_, err := scan(make1(8).Mark(), part{1, a[:len(a)-1]}, part{5, b})
	require.ErrorIs(t, err, ErrDamaged)
}

func TestZ12_ASnapshotOfAnotherHistoryIsRefused(t *testing.T) {
	data, _ := segment(1, 8, 1)
	s := NewScan(ScanOptions{Salt: salt, Marks: []Mark{{Index: 5, Zxid: cell.MakeZxid(2, 5)}}})
	require.ErrorIs(t, s.Segment(1, data, true), ErrDamaged)
}

// A client chose the payload: a frame inside it, even a well-made one, proves nothing, because
// its sum lacks the salt.
func TestB5_AForgedFrameInAPayloadIsNoWitness(t *testing.T) {
	forged := AppendEntry(nil, Make(1000, cell.MakeZxid(9, 9), Normal, nil), 999, salt+1)
	data, _ := segment(1, 4, 1)
	whole := len(data)
	data = AppendEntry(data, Make(5, cell.MakeZxid(1, 5), Normal, append(forged, "more"...)), 4, salt)
	r, err := scan(Mark{}, part{1, data[:len(data)-1]})
	require.NoError(t, err)
	require.Equal(t, whole, r.Keep)
}

func TestZ16_UnknownKindsAndFormatsAreRefusedWithTheRemedy(t *testing.T) {
	kind := AppendEntry(nil, Make(1, 1, Kind(9), nil), 0, salt)
	_, err := scan(Mark{}, part{1, kind})
	require.ErrorIs(t, err, ErrNewer)
	require.ErrorContains(t, err, Upgrade)

	frame := AppendFrame(nil, make1(1), 0, salt)
	frame[1] = cell.Format + 1
	sum := headerSum(frame, salt)
	frame[2], frame[3], frame[4], frame[5] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	_, err = scan(Mark{}, part{1, append([]byte{byte(len(frame))}, frame...)})
	require.ErrorIs(t, err, ErrNewer)
}

func TestRecentKeepsTheEndOfTheLog(t *testing.T) {
	data, _ := segment(1, 50, 1)
	one := HeaderBytes + len(payload(50))
	s := NewScan(ScanOptions{Salt: salt, RecentBytes: 3*one + 1})
	require.NoError(t, s.Segment(1, data, true))
	r := s.Report()
	require.Equal(t, []Record{make1(48), make1(49), make1(50)}, r.Recent)
}

func TestZ15_TheMemberListsBehindTheSnapshotAreReported(t *testing.T) {
	var data []byte
	var want []Record
	for i := uint64(1); i <= 20; i++ {
		r := make1(i)
		if i%4 == 0 {
			r = Make(i, r.Zxid, Members, payload(i))
			if i > 8 {
				want = append(want, r)
			}
		}
		data = AppendEntry(data, r, 0, salt)
	}
	r, err := scan(make1(8).Mark(), part{1, data})
	require.NoError(t, err)
	clear(data) // which the next segment may be read into
	require.Equal(t, want, r.Lists)
}

func TestEpochsListTheLastOfEach(t *testing.T) {
	var data []byte
	for i, z := range []cell.Zxid{cell.MakeZxid(1, 1), cell.MakeZxid(1, 2), cell.MakeZxid(4, 1), cell.MakeZxid(5, 7)} {
		data = AppendEntry(data, Make(uint64(i+1), z, Members, nil), 0, salt)
	}
	r, err := scan(Mark{}, part{1, data})
	require.NoError(t, err)
	require.Equal(t, []EpochEnd{
		{1, Mark{2, cell.MakeZxid(1, 2)}}, {4, Mark{3, cell.MakeZxid(4, 1)}}, {5, Mark{4, cell.MakeZxid(5, 7)}},
	}, r.Epochs)
}

func TestOffsetAfterWalksTheSegment(t *testing.T) {
	data, starts := segment(7, 12, 1)
	for i, start := range starts {
		n, err := OffsetAfter(data, 7, 6+uint64(i))
		require.NoError(t, err)
		require.Equal(t, start, n)
	}
	_, err := OffsetAfter(data, 7, 13)
	require.ErrorIs(t, err, ErrDamaged)
}

func TestEntryBytesIsWhatAppendEntryAppends(t *testing.T) {
	for _, n := range []int{0, 1, 92, 93, 127, 128, 16348, 16349, 16384, 1 << 20} {
		r := Make(1, 1, Normal, make([]byte, n))
		require.Len(t, AppendEntry(nil, r, 0, salt), EntryBytes(n), "payload of %d", n)
	}
}
