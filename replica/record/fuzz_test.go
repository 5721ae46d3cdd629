package record

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the bytes are, what the scan keeps is exactly what encodes to them again.
func FuzzScan(f *testing.F) {
	data, starts := segment(1, 6, 2)
	f.Add(data, uint64(1), true)
	f.Add(data[:starts[5]+9], uint64(1), true)
	f.Add(data[:starts[5]+9], uint64(1), false)
	f.Add(append(data, make([]byte, 64)...), uint64(1), true)
	f.Add([]byte{0xA7}, uint64(0), true)
	f.Fuzz(func(t *testing.T, data []byte, first uint64, last bool) {
		s := NewScan(ScanOptions{Salt: salt, RecentBytes: 1 << 30})
		if s.Segment(first, data, last) != nil {
			return
		}
		r := s.Report()
		if len(r.Roomy) == 0 {
			require.Equal(t, len(data), r.Keep+r.TornBytes)
		} else {
			require.True(t, zeros(data[r.Keep:]))
		}
		rest := data[:r.Keep]
		for _, rec := range r.Recent {
			frame, n, ok := split(rest)
			require.True(t, ok)
			f, err := ParseFrame(frame, salt)
			require.NoError(t, err)
			require.True(t, bytes.Equal(rest[:n], AppendEntry(nil, rec, f.Synced, salt)))
			rest = rest[n:]
		}
		require.Empty(t, rest)
	})
}

// What a decoder accepts encodes to the same bytes again.
func FuzzFiles(f *testing.F) {
	for _, file := range files {
		f.Add(file.bytes)
		f.Add(seal("HARD", file.bytes))
		f.Add(seal("BORN", file.bytes))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := DecodeHard(b); err == nil {
			require.Equal(t, b, EncodeHard(h))
		}
		if x, err := DecodeBirth(b); err == nil {
			require.Equal(t, b, EncodeBirth(x))
		}
		if c, err := DecodeCurrent(b); err == nil {
			require.Equal(t, b, EncodeCurrent(c))
		}
		if h, err := DecodeSnapshotHeader(b); err == nil {
			require.Equal(t, b, EncodeSnapshotHeader(h))
		}
		if x, err := DecodeSnapshotTrailer(b, 100); err == nil {
			require.Equal(t, b, x.AppendEnd(x.AppendSummed(nil)))
		}
		// The same bytes as a body, under a sum that is right.
		for _, letters := range []string{hardLetters, birthLetters, currentLetters} {
			sealed := seal(letters, b)
			if h, err := DecodeHard(sealed); err == nil {
				require.Equal(t, sealed, EncodeHard(h))
			}
			if c, err := DecodeCurrent(sealed); err == nil {
				require.Equal(t, sealed, EncodeCurrent(c))
			}
		}
	})
}
