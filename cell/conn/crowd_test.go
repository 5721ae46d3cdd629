package conn_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
)

// Thousands that speak at once, as after a fail-over, are all let in, however late they are read.
func TestB1_ACrowdThatSpeaksIsNotTurnedAway(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) { o.HalfOpen = 4 })
		v.l.OnStream(func(c *conn.Conn) {
			go func() {
				s, err := c.AcceptStream()
				for ; err == nil; _, _, err = s.Recv() {
				}
			}()
		})
		var crowd []*conn.Conn
		for range 100 { // all before the first is accepted
			c, err := conn.Dial(t.Context(), "victim:1", v.o)
			require.NoError(t, err)
			s, err := c.OpenStream(t.Context())
			require.NoError(t, err)
			require.NoError(t, s.Send(1, []byte("hello")))
			crowd = append(crowd, c)
		}
		go func() {
			for {
				if _, err := v.l.Accept(); err != nil {
					return
				}
			}
		}()
		<-time.After(time.Second)
		synctest.Wait()
		require.Equal(t, conn.Counts{Open: 100, Accepted: 100}, v.l.Counts())
		for _, c := range crowd {
			require.NoError(t, c.Close())
		}
	})
}
