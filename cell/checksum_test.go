package cell

import (
	"hash/crc64"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAChecksumIsTheLibrarysCRC64(t *testing.T) {
	table := crc64.MakeTable(crc64.ECMA)
	bytes := make([]byte, 400)
	seed := uint64(1)
	for i := range bytes {
		seed = seed*6364136223846793005 + 1442695040888963407
		bytes[i] = byte(seed >> 56)
	}
	for from := range word {
		for to := from; to <= len(bytes); to++ {
			require.Equal(t, crc64.Checksum(bytes[from:to], table), Checksum(bytes[from:to]), "%d to %d", from, to)
		}
	}
	require.Equal(t, uint64(0x995DC9BBDF1939FA), Checksum([]byte("123456789")))
}

func BenchmarkChecksum(b *testing.B) {
	contents := make([]byte, 1<<10)
	for b.Loop() {
		Checksum(contents)
	}
}
