package conntest

import (
	"bytes"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Stream carries frames in order, both ways; *conn.Stream does.
type Stream interface {
	Send(kind uint8, body []byte) error
	SendUrgent(kind uint8, body []byte) error
	Recv() (kind uint8, body []byte, err error)
	Close() error
}

// Line is one connection as the suite sees it: its two ends, and what joins them.
type Line struct {
	// Open makes a stream and gives both its ends.
	Open func(t *testing.T) (dialed, accepted Stream)
	// Break ends the connection under all its streams.
	Break func()

	FrameLimit  int // of a whole frame
	Overhead    int // a frame's size less its body's
	OutboxBytes int
}

// Run checks one carrier. run executes a body as one test, in a synctest bubble where that is
// possible; fresh makes a connection for it, and has it cleaned up.
func Run(t *testing.T, run func(t *testing.T, body func(*testing.T)), fresh func(*testing.T) Line) {
	for _, c := range []struct {
		name string
		body func(*testing.T, Line)
	}{
		{"frames arrive whole and in order, both ways", inOrder},
		{"frames of every size up to the limit", sizes},
		{"B2_a frame over the limit is refused and changes nothing", overLimit},
		{"B2_an outbox over its limit ends the stream", overflow},
		{"a body is the sender's own again after Send", copied},
		{"a closed stream still delivers what was sent", drains},
		{"a close ends the waiting of its own side", closeWakes},
		{"a broken connection ends both ends of its streams", breaks},
		{"streams do not mix, and end alone", alone},
		{"urgent frames come whole, each kind in its order", urgent},
		{"a stream that nobody reads stops no other", unread},
	} {
		t.Run(c.name, func(t *testing.T) { run(t, func(t *testing.T) { c.body(t, fresh(t)) }) })
	}
}

func expect(t *testing.T, s Stream, kind uint8, body []byte) {
	t.Helper()
	gotKind, got, err := s.Recv()
	require.NoError(t, err)
	require.Equal(t, kind, gotKind)
	require.True(t, bytes.Equal(body, got), "a body of %d bytes came as %d others", len(body), len(got))
}

func filled(size int, with byte) []byte { return bytes.Repeat([]byte{with}, size) }

func inOrder(t *testing.T, l Line) {
	a, b := l.Open(t)
	const frames = 2_000
	kind := func(i int) uint8 { return uint8(i % int(wire.Piece)) }
	for i := range frames {
		require.NoError(t, a.Send(kind(i), filled(i%300, byte(i))))
		require.NoError(t, b.Send(kind(i), filled(i%200, byte(i+1))))
	}
	for i := range frames {
		expect(t, b, kind(i), filled(i%300, byte(i)))
		expect(t, a, kind(i), filled(i%200, byte(i+1)))
	}
}

func sizes(t *testing.T, l Line) {
	a, b := l.Open(t)
	most := l.FrameLimit - l.Overhead
	for i, size := range []int{0, 1, 2047, 2048, 16<<10 - l.Overhead, 16 << 10, 16<<10 + 1, 300_000, most, 3, most - 1} {
		body := filled(size, byte(i))
		require.NoError(t, a.Send(uint8(i), body))
		expect(t, b, uint8(i), body)
		require.NoError(t, b.Send(uint8(i), body))
		expect(t, a, uint8(i), body)
	}
}

func overLimit(t *testing.T, l Line) {
	a, b := l.Open(t)
	err := a.Send(1, make([]byte, l.FrameLimit-l.Overhead+1))
	var limit *cell.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, cell.LimitError{Limit: "frame", Most: l.FrameLimit, Got: l.FrameLimit + 1}, *limit)
	require.NoError(t, a.Send(2, []byte("next")))
	expect(t, b, 2, []byte("next"))
}

func overflow(t *testing.T, l Line) {
	a, b := l.Open(t)
	body := make([]byte, 64<<10)
	var err error
	sent := 0
	for ; err == nil; sent++ {
		require.Less(t, sent, 4*l.OutboxBytes/len(body), "the outbox has no limit")
		err = a.Send(uint8(sent), body)
	}
	require.ErrorIs(t, err, cell.ErrOverloaded)
	require.Equal(t, err, a.Send(1, nil))
	_, _, failed := a.Recv()
	require.Equal(t, err, failed)
	for i := 0; ; i++ { // a prefix, never a hole
		kind, _, err := b.Recv()
		if err != nil {
			break
		}
		require.Equal(t, uint8(i), kind)
		require.Less(t, i, sent)
	}
}

func copied(t *testing.T, l Line) {
	a, b := l.Open(t)
	body := []byte("first")
	require.NoError(t, a.Send(1, body))
	copy(body, "other")
	require.NoError(t, a.Send(2, body))
	expect(t, b, 1, []byte("first"))
	expect(t, b, 2, []byte("other"))
}

func drains(t *testing.T, l Line) {
	a, b := l.Open(t)
	const frames = 100
	for i := range frames {
		require.NoError(t, a.Send(uint8(i), filled(5_000, byte(i))))
	}
	require.NoError(t, a.Close())
	require.ErrorIs(t, a.Send(1, nil), cell.ErrClosed)
	for i := range frames {
		expect(t, b, uint8(i), filled(5_000, byte(i)))
	}
	_, _, err := b.Recv()
	require.Equal(t, io.EOF, err)
	require.Error(t, b.Send(1, nil), "a stream ends as a whole")
	require.NoError(t, b.Close())
	require.NoError(t, a.Close())
}

func closeWakes(t *testing.T, l Line) {
	a, b := l.Open(t)
	ended := make(chan error)
	go func() {
		for {
			_, _, err := a.Recv()
			ended <- err
			if err != nil {
				return
			}
		}
	}()
	require.NoError(t, b.Send(1, nil))
	require.NoError(t, <-ended)
	for range 1000 { // until it waits for the next one
		runtime.Gosched()
	}
	require.NoError(t, a.Close())
	require.ErrorIs(t, <-ended, cell.ErrClosed)
	_, _, err := b.Recv()
	require.Equal(t, io.EOF, err)
}

func breaks(t *testing.T, l Line) {
	a, b := l.Open(t)
	require.NoError(t, a.Send(1, nil))
	expect(t, b, 1, nil)
	l.Break()
	for _, s := range []Stream{a, b} {
		_, _, err := s.Recv()
		require.ErrorIs(t, err, cell.ErrClosed)
		require.ErrorIs(t, s.Send(1, nil), cell.ErrClosed)
	}
}

func alone(t *testing.T, l Line) {
	a, b := l.Open(t)
	c, d := l.Open(t)
	require.NoError(t, a.Send(1, []byte("on the first")))
	require.NoError(t, c.Send(2, []byte("on the second")))
	expect(t, d, 2, []byte("on the second"))
	expect(t, b, 1, []byte("on the first"))
	require.NoError(t, a.Close())
	_, _, err := b.Recv()
	require.Equal(t, io.EOF, err)
	require.NoError(t, d.Send(3, nil))
	expect(t, c, 3, nil)
}

func urgent(t *testing.T, l Line) {
	a, b := l.Open(t)
	const each = 40
	for i := range each {
		require.NoError(t, a.Send(1, filled(40_000, byte(i))))
		require.NoError(t, a.SendUrgent(2, filled(10, byte(i))))
	}
	var next [3]int
	for range 2 * each {
		kind, body, err := b.Recv()
		require.NoError(t, err)
		require.Equal(t, filled([]int{0, 40_000, 10}[kind], byte(next[kind])), body)
		next[kind]++
		require.GreaterOrEqual(t, next[2]+1, next[1], "an urgent frame was overtaken")
	}
	require.Equal(t, [3]int{0, each, each}, next)
}

func unread(t *testing.T, l Line) {
	a, _ := l.Open(t)
	c, d := l.Open(t)
	for range 20 { // over any window, under any outbox
		require.NoError(t, a.Send(1, make([]byte, 50_000)))
	}
	for i := range 100 {
		require.NoError(t, c.Send(uint8(i), filled(100, byte(i))))
		expect(t, d, uint8(i), filled(100, byte(i)))
	}
}
