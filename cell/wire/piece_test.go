package wire_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// What was divided is joined again, with small frames between its pieces.
func TestPiecesMakeTheirFrame(t *testing.T) {
	for _, size := range []int{0, 1, 93, 94, 95, 188, 189, 10_000} {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(i * 7)
		}
		before := wire.AppendFrame(nil, 1, []byte("before"))
		stream := wire.Divide(wire.AppendFrame(bytes.Clone(before), 9, body), len(before), 100)
		require.True(t, bytes.HasPrefix(stream, before))
		j := wire.NewJoiner(size + wire.FrameOverhead)
		for stream = stream[len(before):]; ; {
			require.LessOrEqual(t, wire.FrameSize(stream), 100)
			kind, piece, err := wire.NewFrameReader(bytes.NewReader(stream), 100, 0).Next()
			require.NoError(t, err)
			require.Equal(t, wire.Piece, kind)
			stream = stream[wire.FrameSize(stream):]
			kind, whole, ok, err := j.Join(piece)
			require.NoError(t, err)
			require.Equal(t, len(stream) == 0, ok)
			if ok {
				require.Equal(t, uint8(9), kind)
				require.True(t, bytes.Equal(body, whole))
				break
			}
		}
	}
}

func TestB1_PiecesThatMakeNoFrameAreRefused(t *testing.T) {
	frame := wire.AppendFrame(nil, 9, make([]byte, 94))
	join := func(limit int, pieces ...[]byte) (err error) {
		j := wire.NewJoiner(limit)
		for _, p := range pieces {
			if _, _, _, err = j.Join(p); err != nil {
				break
			}
		}
		return err
	}
	require.NoError(t, join(100, frame[:50], frame[50:], frame))
	require.ErrorIs(t, join(100, frame[:5]), wire.ErrFrameFormat)
	require.ErrorIs(t, join(100, frame[:50], nil), wire.ErrFrameFormat)
	require.ErrorIs(t, join(100, frame[:50], append(frame[50:], 1)), wire.ErrFrameFormat)
	require.ErrorIs(t, join(100, wire.AppendFrame(nil, wire.Piece, frame)), wire.ErrFrameFormat)
	other := bytes.Clone(frame)
	other[4]++
	require.ErrorIs(t, join(100, other), wire.ErrFrameFormat)
	require.ErrorIs(t, join(99, frame[:50]), cell.ErrTooLarge)
}
