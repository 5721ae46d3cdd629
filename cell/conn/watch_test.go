package conn

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

const noon = instant(12 * time.Hour)

func head(kind uint8, flags uint16, stream, length uint32) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, kind}, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	return binary.BigEndian.AppendUint32(b, length)
}

// However the bytes are cut, the verdict is the same, of the cell's errors, and the memory is
// bounded.
func FuzzWatch(f *testing.F) {
	f.Add(append(head(frameWindow, flagSYN, 1, 0), head(frameData, flagFIN, 1, 2)...), uint8(5))
	f.Add(append(head(frameWindow, flagSYN, 1, 0), head(frameWindow, flagRST, 1, 0)...), uint8(1))
	f.Add(head(framePing, flagSYN, 0, 9), uint8(3))
	f.Add([]byte("GET / HTTP/1.1\r\n"), uint8(16))
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8) {
		const most = 4
		whole, pieces := newWatch(true, most), newWatch(true, most)
		want := whole.inbound(stream, noon)
		var got error
		for rest, n := stream, int(cut)+1; len(rest) > 0 && got == nil; {
			piece := rest[:min(n, len(rest))]
			rest = rest[len(piece):]
			got = pieces.inbound(piece, noon)
			require.LessOrEqual(t, len(pieces.open), most)
		}
		require.Equal(t, want, got)
		require.Equal(t, whole.open, pieces.open)
		require.True(t, want == nil || errors.Is(want, cell.ErrProtocol))
	})
}

func TestB1_OnlyTheSideThatDialedOpensStreams(t *testing.T) {
	open := head(frameWindow, flagSYN, 1, 0)
	theirs, ours := newWatch(true, 1), newWatch(false, 1)
	require.NoError(t, theirs.inbound(open, noon))
	require.Equal(t, ErrGarbage, ours.inbound(open, noon))
}

func TestB1_AStreamIsAcknowledgedOnce(t *testing.T) {
	w := newWatch(false, 2)
	w.outbound(head(frameWindow, flagSYN, 1, 0))
	require.NoError(t, w.inbound(head(frameWindow, flagACK, 1, 0), noon))
	require.Equal(t, ErrGarbage, w.inbound(head(frameWindow, flagACK, 1, 0), noon))
}

func TestAStreamCountsUntilBothSidesHaveClosedIt(t *testing.T) {
	w := newWatch(true, 1)
	require.NoError(t, w.inbound(head(frameWindow, flagSYN, 1, 0), noon))
	require.NoError(t, w.inbound(head(frameWindow, flagFIN, 1, 0), noon))
	require.Len(t, w.open, 1)
	w.outbound(head(frameWindow, flagFIN, 1, 0))
	require.Empty(t, w.open)
	require.NoError(t, w.inbound(head(frameWindow, flagSYN, 3, 0), noon))
	w.outbound(head(frameWindow, flagRST, 3, 0))
	require.Empty(t, w.open)
}

// What we send gives room for as many updates, and no more.
func TestB1_AWindowGrowsOnlyByWhatWasSent(t *testing.T) {
	w := newWatch(true, 1)
	require.NoError(t, w.inbound(head(frameWindow, flagSYN, 1, 0), noon))
	update := head(frameWindow, 0, 1, mostWindow-firstWindow)
	require.NoError(t, w.inbound(update, noon))
	one := head(frameWindow, 0, 1, 1)
	over := w
	over.open = slices.Clone(w.open)
	require.Equal(t, ErrGarbage, over.inbound(one, noon))
	w.outbound(append(head(frameData, 0, 1, 1), 'x'))
	require.NoError(t, w.inbound(one, noon))
}

func TestB1_RatesAllowWhatIsHonestAndEndWhatIsNot(t *testing.T) {
	w := newWatch(true, 8)
	ping := head(framePing, flagSYN, 0, 0)
	now := noon
	for range 10 * pingBurst { // at twice the rate of the fastest keepalive
		require.NoError(t, w.inbound(ping, now))
		now += instant(500 * time.Millisecond)
	}
	for range pingBurst {
		require.NoError(t, w.inbound(ping, now))
	}
	require.Equal(t, ErrPingFlood, w.inbound(ping, now))

	var b bucket
	took := 0
	for i := range 10_000 {
		if b.take(noon+instant(i)*instant(time.Millisecond), 100, 50) {
			took++
		}
	}
	require.InDelta(t, 100*10+50, took, 1)
}

func TestB1_TheLogIsBoundedAndSaysWhatItKeptBack(t *testing.T) {
	var lines []string
	kept := 0
	l := &logger{hook: func(level, msg string, kv ...any) {
		lines = append(lines, level)
		for i := 0; i+1 < len(kv); i += 2 {
			if kv[i] == "lines_kept_back" {
				kept += kv[i+1].(int)
			}
		}
	}}
	for range 1000 {
		l.log("warn", "noise")
		l.Printf("[WARN] yamux: noise %d", 1)
	}
	require.LessOrEqual(t, len(lines), 3*lineBurst)
	l.lines = bucket{}
	l.log("warn", "noise")
	require.Equal(t, 2001, len(lines)+kept)
	(&logger{}).log("warn", "nobody listens")
}
