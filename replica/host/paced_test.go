package host

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// slow is a disk or a processor that takes its time, of a bubble: nobody sleeps for real here.
type slow time.Duration

func (s slow) Write(b []byte) (int, error) {
	time.Sleep(time.Duration(s))
	return len(b), nil
}

// A snapshot's writer rests twice as long as it works, and not for a replica that has ended.
func TestASnapshotLeavesOthersMoreThanItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := make(chan struct{})
		p := newPaced(slow(3*time.Millisecond), dead)
		began := time.Now()
		for range 10 {
			time.Sleep(2 * time.Millisecond) // the encoder's work, of the bubble's time
			n, err := p.Write(make([]byte, 100))
			require.NoError(t, err)
			require.Equal(t, 100, n)
		}
		require.Equal(t, 10*3*5*time.Millisecond, time.Since(began))
		close(dead)
		_, err := p.Write(make([]byte, 100))
		require.ErrorIs(t, err, cell.ErrClosed)
	})
}
