package zab

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// grown are two histories as Zab lets them come about: a common beginning, then epochs of which
// no one is in both.
func grown(t *rapid.T) (a, b []record.Record) {
	grow := func(h []record.Record, e cell.Epoch, n int) []record.Record {
		for c := 1; c <= n; c++ {
			h = append(h, record.Make(uint64(len(h)+1), cell.MakeZxid(e, uint32(c)), record.Normal, nil))
		}
		return h
	}
	count := rapid.IntRange(0, 4)
	epoch := cell.Epoch(1)
	var common []record.Record
	for range count.Draw(t, "common epochs") {
		common = grow(common, epoch, count.Draw(t, "records"))
		epoch++
	}
	a, b = append(a, common...), append(b, common...)
	if count.Draw(t, "the last epoch goes on at one") > 2 && len(common) > 0 {
		z := common[len(common)-1].Zxid
		a = append(a, record.Make(uint64(len(a)+1), z+1, record.Normal, nil))
	}
	for range count.Draw(t, "epochs apart") {
		if rapid.Bool().Draw(t, "whose") {
			a = grow(a, epoch, count.Draw(t, "records"))
		} else {
			b = grow(b, epoch, count.Draw(t, "records"))
		}
		epoch++
	}
	return a, b
}

func historyOf(rs []record.Record) *history {
	h := newHistory(record.Summary{First: 1}, nil)
	for _, r := range rs {
		h.add(r)
	}
	return &h
}

func infoOf(h *history) *FollowerInfo {
	return &FollowerInfo{Last: h.last, Snapshot: h.snapshot, Epochs: h.epochs}
}

// dumbCommon compares record by record: the slow twin of common.
func dumbCommon(a, b []record.Record) record.Mark {
	var m record.Mark
	for i := 0; i < len(a) && i < len(b) && a[i].Zxid == b[i].Zxid; i++ {
		m = a[i].Mark()
	}
	return m
}

func TestZ5_CommonAgreesWithItsDumbTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := grown(t)
		ha, hb := historyOf(a), historyOf(b)
		require.Empty(t, badTable(hb.epochs, hb.last))
		got, ok := ha.common(infoOf(hb))
		require.True(t, ok)
		require.Equal(t, dumbCommon(a, b), got)
	})
}

func TestZ5_NothingIsCommonThatTheTablesDoNotProve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := grown(t)
		ha, hb := historyOf(a), historyOf(b)
		at := rapid.IntRange(0, len(b)).Draw(t, "compacted")
		if at > 0 { // its table begins at a snapshot now
			short := newHistory(record.Summary{First: 1}, nil)
			short.install(b[at-1].Mark())
			for _, r := range b[at:] {
				short.add(r)
			}
			hb = &short
		}
		if got, ok := ha.common(infoOf(hb)); ok {
			require.Equal(t, dumbCommon(a, b), got)
		}
	})
}

func TestZ5_ATableThatBeginsLateProvesNoEmptyBeginning(t *testing.T) {
	mine, theirs := newHistory(record.Summary{First: 1}, nil), newHistory(record.Summary{First: 1}, nil)
	mine.install(record.Mark{Index: 10, Zxid: cell.MakeZxid(2, 3)})
	theirs.install(record.Mark{Index: 4, Zxid: cell.MakeZxid(1, 4)})
	_, ok := mine.common(infoOf(&theirs))
	require.False(t, ok, "a snapshot is what such a follower needs")
}

func TestZ5_AnotherHistoryOfTheSameEpochIsNotCommon(t *testing.T) {
	mine, theirs := newHistory(record.Summary{First: 1}, nil), newHistory(record.Summary{First: 1}, nil)
	mine.install(record.Mark{Index: 10, Zxid: cell.MakeZxid(2, 3)})
	theirs.install(record.Mark{Index: 9, Zxid: cell.MakeZxid(2, 3)})
	_, ok := mine.common(infoOf(&theirs))
	require.False(t, ok)
}

func TestMarkAndTruncateAgreeWithTheRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := grown(t)
		h := historyOf(a)
		for _, r := range a {
			m, ok := h.mark(r.Index)
			require.True(t, ok)
			require.Equal(t, r.Mark(), m)
		}
		cut := rapid.IntRange(0, len(a)).Draw(t, "cut")
		h.truncate(uint64(cut))
		require.Equal(t, historyOf(a[:cut]).epochs, append([]record.EpochEnd(nil), h.epochs...))
		require.Equal(t, dumbCommon(a[:cut], a), h.last)
		require.Len(t, h.recent, cut)
	})
}

func TestSharedRecordsSurviveATruncation(t *testing.T) {
	h := newHistory(record.Summary{First: 1}, nil)
	for c := uint32(1); c <= 4; c++ {
		h.add(record.Make(uint64(c), cell.MakeZxid(1, c), record.Normal, []byte{byte(c)}))
	}
	sent := h.slice(1, 4)
	h.truncate(2)
	h.add(record.Make(3, cell.MakeZxid(2, 1), record.Normal, []byte("other")))
	require.Equal(t, cell.MakeZxid(1, 3), sent[2].Zxid, "a message on its way keeps what it was made of")
}

func TestCompactionForgetsOnlyWhatLiesFarBelowTheLog(t *testing.T) {
	var h history
	const n = keepEpochs + 10
	for i := 1; i <= n; i++ {
		h.add(record.Make(uint64(i), cell.MakeZxid(cell.Epoch(i), 1), record.Normal, nil))
	}
	h.compacted(6, record.Mark{Index: 5, Zxid: cell.MakeZxid(5, 1)})
	require.Equal(t, uint64(7), h.endOf(7))
	m, ok := h.mark(5)
	require.True(t, ok, "what the first record stands behind")
	require.Equal(t, cell.MakeZxid(5, 1), m.Zxid)
	h.compacted(n, record.Mark{Index: n - 1, Zxid: cell.MakeZxid(n-1, 1)})
	require.Len(t, h.epochs, keepEpochs)
}
