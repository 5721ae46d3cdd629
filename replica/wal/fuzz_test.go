package wal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/record"
)

// reseal gives a snapshot's bytes the lengths and sums that make its parts agree, so that the
// fuzzer reaches the decoder behind them.
func reseal(body []byte, trailer record.SnapshotTrailer) []byte {
	b := record.EncodeSnapshotHeader(record.SnapshotHeader{Mark: mark(5), Cell: home})
	b = append(b, body...)
	trailer.FileBytes = uint64(len(b) + record.SnapshotTrailerBytes)
	b = trailer.AppendSummed(b)
	trailer.FileSum = record.UpdateSum(0, b)
	return trailer.AppendEnd(b)
}

// Whatever a peer sends is an error, after which nothing stays, or a snapshot that verifies.
func FuzzB1_Receive(f *testing.F) {
	s := newSnapshots(f.TempDir(), Options{Cell: home})
	require.NoError(f, door{}.mkdir(s.dir))
	require.NoError(f, s.Create(mark(5), writer(5)))
	whole, err := os.ReadFile(s.path(mark(5), suffixSnap))
	require.NoError(f, err)
	f.Add(whole[record.SnapshotHeaderBytes:len(whole)-record.SnapshotTrailerBytes], uint64(len(contents(mark(5)))))
	f.Add([]byte{}, uint64(0))
	f.Add(whole, uint64(1)<<63)
	f.Fuzz(func(t *testing.T, body []byte, raw uint64) {
		s := newSnapshots(t.TempDir(), Options{Cell: home})
		require.NoError(t, door{}.mkdir(s.dir))
		for _, b := range [][]byte{body, reseal(body, record.SnapshotTrailer{RawBytes: raw})} {
			err := s.Receive(mark(5), bytes.NewReader(b))
			left, listErr := os.ReadDir(s.dir)
			require.NoError(t, listErr)
			if err != nil {
				require.Empty(t, left)
				continue
			}
			require.Len(t, left, 1)
			require.NoError(t, s.verifyFile(s.path(mark(5), suffixReceived), mark(5)))
			require.NoError(t, s.removeReceived())
		}
	})
}

// A snapshot's name is read back as it was written, and no other name is one.
func FuzzB5_SnapshotName(f *testing.F) {
	s := newSnapshots("", Options{Cell: home})
	f.Add(s.path(mark(5), suffixSnap))
	f.Add("00000000000000000005-0000000100000005.snap")
	f.Add("00000000000000000005-000000010000000G.snap.tmp")
	f.Fuzz(func(t *testing.T, name string) {
		for _, suffix := range []string{suffixSnap, suffixReceived} {
			if m, ok := parseSnapshotName(name, suffix); ok {
				require.Positive(t, m.Index)
				back, ok := parseSnapshotName(filepath.Base(s.path(m, suffix)), suffix)
				require.True(t, ok)
				require.Equal(t, m, back)
			}
		}
	})
}
