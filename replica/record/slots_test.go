package record

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// saved is a file after that many saves, the last of which has been written to its slot only when half.
func saved(n uint64, half bool) (file []byte) {
	h := someHard
	h.Boot = 1
	size := SlotSize(h, 0)
	one := EncodeSlot(h, 1, size)
	file = bytes.Join([][]byte{one, one}, nil)
	for number := uint64(2); number <= n; number++ {
		h.Boot = number
		b, at := EncodeSlot(h, number, size), SlotOf(number)
		copy(file[at*size:], b)
		if !half || number < n {
			copy(file[(1-at)*size:], b)
		}
	}
	return file
}

func TestZ1_TheNewestWholeSlotCounts(t *testing.T) {
	for n := uint64(1); n < 6; n++ {
		for _, half := range []bool{false, true} {
			slots, err := DecodeSlots(saved(n, half))
			require.NoError(t, err)
			require.Equal(t, n, slots.Number)
			require.Equal(t, n, slots.Hard.Boot)
			require.Equal(t, !half || n == 1, slots.Alike)
			require.Nil(t, slots.Spoilt)
		}
	}
}

// A save that a crash has torn leaves what was acked before it: in whichever slot it is, and whatever the copy
// of that has become.
func TestZ1_ATornSaveLeavesTheOneBefore(t *testing.T) {
	for n := uint64(2); n < 6; n++ {
		before, after := saved(n-1, false), saved(n, true)
		size, at := len(before)/2, SlotOf(n)
		for cut := 1; cut < 300; cut++ {
			torn := bytes.Clone(before)
			copy(torn[at*size:], after[at*size:][:cut])
			slots, err := DecodeSlots(torn)
			require.NoError(t, err)
			require.Contains(t, []uint64{n - 1, n}, slots.Number)
			require.Equal(t, slots.Number, slots.Hard.Boot)
			if slots.Number == n-1 && !slots.Alike {
				require.Equal(t, 1-at, slots.At, "the slot that was not being written")
			}
		}
	}
}

func TestZ12_AFlippedBitOfOneSlotIsMadeGoodByTheOther(t *testing.T) {
	file := saved(3, false)
	size := len(file) / 2
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1 << (i % 8)
		slots, err := DecodeSlots(bad)
		require.NoError(t, err, "byte %d", i)
		require.Equal(t, uint64(3), slots.Hard.Boot, "byte %d", i)
		require.ErrorIs(t, slots.Spoilt, ErrDamaged, "byte %d", i)
		bad[(i+size)%len(bad)] ^= 1
		_, err = DecodeSlots(bad)
		require.ErrorIs(t, err, ErrDamaged, "byte %d", i)
	}
	for _, n := range []int{0, 1, 100, size, len(file) - 1} {
		_, err := DecodeSlots(file[:n])
		require.ErrorIs(t, err, ErrDamaged, "%d bytes", n)
	}
}

func TestZ11_SlotsGrowWithTheHardState(t *testing.T) {
	h := someHard
	size := SlotSize(h, 0)
	require.Equal(t, size, SlotSize(h, size))
	for len(h.Seen) < MaxSeen {
		h.Seen = append(h.Seen, Seen{1, 2, 3})
	}
	large := SlotSize(h, size)
	require.Greater(t, large, size)
	require.Equal(t, large, SlotSize(someHard, large), "and never shrink")
	b := EncodeSlot(h, 8, large)
	slots, err := DecodeSlots(append(b, b...))
	require.NoError(t, err)
	require.Equal(t, h, slots.Hard)
}
