package host_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// One, three, five and seven replicas serve; all of them apply what is written, and each says
// what it is.
func TestCellsOfEverySizeServe(t *testing.T) {
	for _, n := range []int{1, 3, 5, 7} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := celltest.Start(t, n)
			last := write(t, session(t, c), 3, 10)
			c.AwaitApplied(last)
			masters := 0
			for _, m := range c.Members {
				s := c.Host(m.ID).Status()
				switch s.Role {
				case "master":
					masters++
				case "follower":
				default:
					require.Fail(t, "a role of no use", "%+v", s)
				}
				require.Equal(t, "local", s.Cell)
				require.Equal(t, m.ID, s.Replica)
				require.Len(t, s.Members, n)
				require.Empty(t, s.Why)
			}
			require.Equal(t, 1, masters)
		})
	}
}

// An even number of replicas is refused, with the reason; so is a list without the replica.
func TestSizesThatMakeNoSenseAreRefused(t *testing.T) {
	for n, text := range map[int]string{
		0: "1 (for trials), 3, 5 or 7", 2: "no more failures than one of 1", 4: "no more failures than one of 3",
		6: "no more failures than one of 5", 9: "1 (for trials), 3, 5 or 7",
	} {
		require.ErrorIs(t, host.CheckSize(n), cell.ErrUsage)
		require.ErrorContains(t, host.CheckSize(n), text)
	}
	for _, n := range []int{1, 3, 5, 7} {
		require.NoError(t, host.CheckSize(n))
	}
	members := cell.Members{{ID: 1}, {ID: 2}, {ID: 3}}
	_, err := start(t, host.Config{Cell: "local", ID: 4, Dir: t.TempDir(), Members: members,
		Lengths: cell.DefaultLengths()})
	require.ErrorContains(t, err, "replica 4 is not in the list of replicas")
	lengths := cell.DefaultLengths()
	lengths.CacheLease = 2 * lengths.SessionLease
	_, err = start(t, host.Config{Cell: "local", ID: 1, Dir: t.TempDir(), Members: members, Lengths: lengths})
	require.ErrorContains(t, err, "cache_lease must lie between")
}

// start starts one replica on free ports.
func start(t *testing.T, c host.Config) (*host.Host, error) {
	t.Helper()
	at := cell.Member{ID: c.ID, Client: "127.0.0.1:0", Peer: "127.0.0.1:0", HTTP: "127.0.0.1:0"}
	ports, _, err := host.Listen(at, host.Gate{}, nil)
	require.NoError(t, err)
	h, err := host.Start(c, ports)
	if err == nil {
		t.Cleanup(func() { _ = h.Stop() })
	}
	return h, err
}

// A follower that was away while the log behind it was cut off comes back by snapshot, and then
// has exactly the tree that the others have.
func TestZ7_AFollowerComesBackBySnapshot(t *testing.T) {
	c := celltest.Start(t, 3, func(h *host.Config) {
		h.SnapshotCount, h.SnapshotsKept, h.SegmentBytes, h.MarkerEvery = 40, 1, 16<<10, 10
	})
	s := session(t, c)
	write(t, s, 5, 100)
	master := c.AwaitMaster()
	away := master%3 + 1
	c.Stop(away)
	last := write(t, s, 200, 1000)
	c.AwaitApplied(last)
	require.Zero(t, metric(t, c, master, `cell_sync_total{kind="snap"}`))
	c.Restart(away)
	c.AwaitApplied(last)
	require.Equal(t, "follower", c.Host(away).Status().Role)
	require.Equal(t, master, c.Master())
	require.Positive(t, metric(t, c, master, `cell_sync_total{kind="snap"}`))

	last = write(t, s, 10, 500)
	c.AwaitApplied(last)
	for _, id := range []cell.ReplicaID{away, away%3 + 1, master} {
		if c.Host(id) != nil {
			c.Stop(id)
		}
	}
	want := stored(t, c.Config(master).Dir, last)
	got := stored(t, c.Config(away).Dir, last)
	require.Equal(t, want.Digest(), got.Digest())
	require.Equal(t, want.Mark(), got.Mark())
}

// All replicas are stopped and started: everything is there, from snapshots and the logs behind
// them, and the sessions live on.
func TestZ12_ARestartOfAllKeepsEverything(t *testing.T) {
	c := celltest.Start(t, 3, func(h *host.Config) { h.SnapshotCount, h.SegmentBytes = 60, 16<<10 })
	s := session(t, c)
	hold, err := s.Lock(limited(t), "/ls/local/lock")
	require.NoError(t, err)
	last := write(t, s, 100, 200)
	c.AwaitApplied(last)
	for _, m := range c.Members {
		c.Stop(m.ID)
	}
	for _, m := range c.Members {
		c.Restart(m.ID)
	}
	for i := range 100 {
		f, err := s.Read(limited(t), name(i), client.Uncached())
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("%0200d", i), string(f.Contents))
	}
	require.NoError(t, hold.Context().Err())
	require.NoError(t, hold.Unlock(limited(t)))
	require.Equal(t, client.Connected, s.State())
}

// A full counter makes the sitting master open the next epoch, under writes: no write is refused
// or lost, no session notices, and nobody is elected.
func TestZ13_TheSittingMasterRollsOver(t *testing.T) {
	c := celltest.Start(t, 3, func(h *host.Config) { h.RollAt = 25 })
	s := session(t, c)
	master := c.AwaitMaster()
	before := c.Host(master).Status().Epoch
	hold, err := s.Lock(limited(t), "/ls/local/lock")
	require.NoError(t, err)
	last := write(t, s, 150, 10)
	c.AwaitApplied(last)
	require.Equal(t, master, c.Master())
	require.GreaterOrEqual(t, last.Epoch(), before+5)
	require.LessOrEqual(t, last.Counter(), uint32(26))
	require.InDelta(t, 1, metric(t, c, master, "cell_elections_total"), 0)
	require.NoError(t, hold.Context().Err())
	require.Equal(t, client.Connected, s.State())
	for _, m := range c.Members {
		require.Equal(t, last, c.Host(m.ID).Status().Zxid)
	}
}
