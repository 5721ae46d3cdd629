package host

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica"
)

// gate is a standard error that is stuck until it is opened.
type gate struct {
	open  chan struct{}
	mu    sync.Mutex
	lines []string
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, string(b))
	return len(b), nil
}

// A stuck log stops nobody who writes: what does not fit is counted, and said as soon as there is
// somebody to hear it.
func TestAStuckLogStopsNobody(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	log := logrus.New()
	log.SetOutput(g)
	l := newLines(logrus.NewEntry(log))
	const all = linesWaiting + 500
	for i := range all {
		l.say("info", "line %d", i)
	}
	close(g.open)
	l.close()
	dropped, written := 0, 0
	for _, line := range g.lines {
		n := 0
		_, text, _ := strings.Cut(line, "msg=\"")
		if _, err := fmt.Sscanf(text, "%d log lines were dropped", &n); err == nil {
			dropped += n
			continue
		}
		written++
	}
	require.Equal(t, all, dropped+written, "every line was written or counted")
	require.GreaterOrEqual(t, dropped, 499)
	l.say("info", "after the end")
}

// Who is never heard at all is not waited for at the end either.
func TestAStuckLogStopsNoStop(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	defer close(g.open)
	log := logrus.New()
	log.SetOutput(g)
	l := newLines(logrus.NewEntry(log))
	l.say("info", "never written")
	l.close()
}

// Client readers wait while the inbox is full, until the loop drains it or the host ends; the
// disk never waits, and nothing is lost or reordered.
func TestB1_AFullInboxStopsReadersAndNotTheDisk(t *testing.T) {
	b := newInbox()
	const most = 10
	for i := range most {
		require.True(t, b.offer(replica.ClientGone{Stream: uint64(i)}, most, nil))
	}
	taken := make(chan bool)
	go func() { taken <- b.offer(replica.ClientGone{Stream: most}, most, nil) }()
	b.put(replica.WantSnapshot{})
	<-b.ready
	in := b.drain(nil)
	require.True(t, <-taken)
	in = append(in, b.drain(nil)...)
	require.Len(t, in, most+2)
	seen := 0
	for _, x := range in {
		if gone, ok := x.(replica.ClientGone); ok {
			require.EqualValues(t, seen, gone.Stream)
			seen++
		}
	}
	for range most {
		b.put(replica.WantSnapshot{})
	}
	go func() { taken <- b.offer(replica.Stop{}, most, nil) }()
	b.close()
	require.False(t, <-taken)
	require.Len(t, b.drain(in), most)
}

// Nor do clients fill the memory with few and large messages; one alone may be as large as it is.
func TestB1_TheInboxIsBoundedInBytes(t *testing.T) {
	var b *inbox
	const large = mostBytes/2 + 1
	offer := func(bytes int) bool { return b.offerBytes(replica.Stop{}, bytes, mostOfClients, nil) }
	synctest.Test(t, func(t *testing.T) {
		b = newInbox()
		require.True(t, offer(large))
		taken := make(chan bool, 1)
		go func() { taken <- offer(large) }()
		synctest.Wait()
		require.Empty(t, taken)
		require.True(t, b.offer(replica.Stop{}, mostOfPeers, nil), "what peers say does not count")
		require.Len(t, b.drain(nil), 2)
		require.True(t, <-taken)
		require.Len(t, b.drain(nil), 1)
		require.True(t, offer(2*mostBytes))
		b.close()
		require.False(t, offer(1))
	})
}

// A stream that floods brings so much in a turn, and then waits for the next; others do not wait for it.
func TestB3_AStreamHasItsShareOfATurn(t *testing.T) {
	b := newInbox()
	var flood, other turnOf
	for range mostOfStream {
		require.False(t, flood.full(b.drains))
		require.True(t, b.offer(replica.ClientGone{Stream: 1}, mostOfClients, &flood))
	}
	require.True(t, flood.full(b.drains))
	taken := make(chan bool)
	go func() { taken <- b.offer(replica.ClientGone{Stream: 1}, mostOfClients, &flood) }()
	require.True(t, b.offer(replica.ClientGone{Stream: 2}, mostOfClients, &other))
	require.Len(t, b.drain(nil), mostOfStream+1)
	require.True(t, <-taken)
	require.Len(t, b.drain(nil), 1)
}
