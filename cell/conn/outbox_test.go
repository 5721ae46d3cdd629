package conn

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell/wire"
)

// The outbox beside its dumb twin: two lists of frames. What is dealt out is whole frames one
// after the other; each list keeps its order; an urgent frame waits for no more than the frame
// that has begun and the chunk that was dealt out.
func TestOutboxDealsWholeFramesUrgentOnesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q outbox
		var lists [2][][]byte
		var out bytes.Buffer
		put, dealt := 0, 0
		deal := func() bool {
			piece := q.next(firstWindow)
			require.LessOrEqual(t, len(piece), max(chunk, 64<<10))
			out.Write(piece)
			dealt += len(piece)
			return piece != nil
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "deal") {
				deal()
				continue
			}
			list := rapid.IntRange(0, 1).Draw(t, "urgent")
			size := rapid.SampledFrom([]int{0, 5, 1000, chunk - 7, chunk - 6, chunk - 5, 50_000}).Draw(t, "size")
			if list == 1 {
				size = min(size, 1000)
			}
			frame := wire.AppendFrame(nil, uint8(list), bytes.Repeat([]byte{byte(put)}, size))
			require.NoError(t, q.put(list == 1, func(b []byte) ([]byte, error) { return append(b, frame...), nil }))
			lists[list] = append(lists[list], frame)
			put += len(frame)
			require.Equal(t, put-dealt+q.last, q.bytes)
		}
		for deal() {
		}
		require.Zero(t, q.bytes)
		for rest := out.Bytes(); len(rest) > 0; {
			size, list := wire.FrameSize(rest), rest[5]
			require.NotEmpty(t, lists[list])
			require.True(t, bytes.Equal(lists[list][0], rest[:size]))
			lists[list] = lists[list][1:]
			rest = rest[size:]
		}
		require.Empty(t, lists[0])
		require.Empty(t, lists[1])
	})
}

func TestAnUrgentFrameOvertakesAllThatHaveNotBegun(t *testing.T) {
	var q outbox
	put := func(urgent bool, kind uint8, size int) {
		require.NoError(t, q.put(urgent, func(b []byte) ([]byte, error) {
			return wire.AppendFrame(b, kind, make([]byte, size)), nil
		}))
	}
	put(false, 1, 40_000)
	put(false, 2, 40_000)
	require.Len(t, q.next(firstWindow), chunk) // the first has begun
	put(true, 3, 10)
	require.Len(t, q.next(firstWindow), chunk)
	require.Len(t, q.next(firstWindow), 40_000+wire.FrameOverhead-2*chunk)
	require.EqualValues(t, 3, q.next(firstWindow)[5])
	require.EqualValues(t, 2, q.next(firstWindow)[5])
}

func TestAFrameThatFailsToEncodeLeavesNothing(t *testing.T) {
	var q outbox
	failed := errors.New("failed")
	require.Equal(t, failed, q.put(false, func(b []byte) ([]byte, error) { return b, failed }))
	require.Nil(t, q.next(firstWindow))
	require.Zero(t, q.bytes)
	require.NoError(t, q.put(false, func(b []byte) ([]byte, error) { return append(b, 0, 0, 0, 2, 1, 1), nil }))
	require.Len(t, q.next(firstWindow), 6)
	q.drop()
	require.Nil(t, q.next(firstWindow))
	require.Zero(t, q.bytes)
}

// L1, L7: the answer to a KeepAlive waits for one piece of a long reply, whatever its length.
func TestAnUrgentFrameGoesBetweenThePiecesOfALargeOne(t *testing.T) {
	q := outbox{divide: true}
	put := func(urgent bool, kind uint8, size int) {
		require.NoError(t, q.put(urgent, func(b []byte) ([]byte, error) {
			return wire.AppendFrame(b, kind, bytes.Repeat([]byte{kind}, size)), nil
		}))
	}
	put(false, 1, 100_000)
	put(false, 2, 10)
	pieces := wire.NewJoiner(1 << 20)
	var order []uint8
	for n := 0; ; n++ {
		b := q.next(firstWindow)
		if b == nil {
			break
		}
		require.LessOrEqual(t, len(b), chunk)
		for ; len(b) > 0; b = b[wire.FrameSize(b):] {
			kind, body := b[5], b[wire.FrameOverhead:wire.FrameSize(b)]
			if kind == wire.Piece {
				of, whole, ok, err := pieces.Join(body)
				require.NoError(t, err)
				if ok {
					require.Equal(t, bytes.Repeat([]byte{1}, 100_000), whole)
					kind = of
				}
			}
			order = append(order, kind)
		}
		if n == 2 {
			put(true, 3, 10)
		}
	}
	const p = wire.Piece
	require.Equal(t, []uint8{p, p, p, 3, p, p, p, 1, 2}, order)
	require.Zero(t, q.bytes)
}
