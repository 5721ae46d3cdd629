package host_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/tools/celltest"
)

// A directory that is not this replica's, or is in use, refuses to start and says which it is.
func TestZ11_ADirectoryOfSomethingElseIsRefused(t *testing.T) {
	c := celltest.Start(t, 1)
	mine := c.Config(1)
	for _, x := range []struct {
		name   string
		change func(*host.Config)
		is     error
		text   string
	}{
		{"another cell's", func(h *host.Config) { h.Cell = "other" }, cell.ErrWrongCell, "is of cell local, not other"},
		{"another replica's", func(h *host.Config) {
			h.ID = 2
			h.Members = cell.Members{{ID: 1}, {ID: 2}, {ID: 3}}
		}, cell.ErrUsage, "is of replica 1, not 2"},
		{"in use", func(*host.Config) {}, wal.ErrInUse, "is locked by process"},
		{"without a birth record", func(h *host.Config) { h.Dir = t.TempDir() }, cell.ErrUsage, "has no birth record"},
	} {
		t.Run(x.name, func(t *testing.T) {
			h := mine
			x.change(&h)
			_, err := start(t, h)
			require.ErrorIs(t, err, x.is)
			require.ErrorContains(t, err, x.text)
			require.ErrorContains(t, err, h.Dir)
		})
	}
	write(t, session(t, c), 1, 10) // and the one that runs does not mind
}

// emptied stops a replica and gives it a new, empty directory, as a new disk is.
func emptied(t *testing.T, c *celltest.Cell, id cell.ReplicaID) {
	t.Helper()
	c.Stop(id)
	require.NoError(t, os.RemoveAll(c.Config(id).Dir))
}

// A replica with a new disk asks the others whose it is, starts as a learner, and gets its vote back
// by itself.
func TestZ11_ANewDiskMakesALearner(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	s := session(t, c)
	last := write(t, s, 20, 100)
	master := c.AwaitMaster()
	id := master%3 + 1
	emptied(t, c, id)
	require.NoError(t, host.Adopt(limited(t), c.Config(id)))
	require.Equal(t, 1, j.count("it starts as a learner of cell local"))
	b, ok, err := wal.ReadBirth(c.Config(id).Dir)
	require.NoError(t, err)
	require.True(t, ok)
	theirs, _, err := wal.ReadBirth(c.Config(master).Dir)
	require.NoError(t, err)
	require.Equal(t, record.Birth{Cell: theirs.Cell, Name: "local", Replica: id}, b)

	c.Restart(id)
	c.AwaitApplied(last)
	c.Await("its old directory is silent: it has its vote back", func() bool {
		return c.Host(id).Status().Role == "follower"
	})
	require.Positive(t, j.count("members are now"))
	c.Stop(6 - master - id) // the master and it are a quorum
	write(t, s, 5, 100)
}

// While nobody can say which cell it is, a replica without a birth record waits, says for whom,
// and writes nothing; who waits in vain can be stopped.
func TestZ11_AdoptWaitsAndSaysForWhom(t *testing.T) {
	var j journal
	dir := filepath.Join(t.TempDir(), "new")
	c := host.Config{Cell: "local", ID: 1, Dir: dir, Lengths: cell.DefaultLengths(), Members: cell.Members{
		{ID: 1, Peer: "127.0.0.1:1"}, {ID: 2, Peer: "127.0.0.1:1"}, {ID: 3, Peer: "127.0.0.1:1"}}}
	j.logs(&c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- host.Adopt(ctx, c) }()
	require.Eventually(t, func() bool { return j.count("has no birth record: waiting for") == 1 }, wait, tick)
	require.Equal(t, 1, j.count("away: 2 refused, 3 refused"))
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	_, err := os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A replica of another cell is not adopted from, and says which it is.
func TestZ11_AdoptTakesNoOtherCellsId(t *testing.T) {
	var j journal
	other := celltest.Start(t, 1)
	c := host.Config{Cell: "mine", ID: 1, Dir: filepath.Join(t.TempDir(), "new"), Lengths: cell.DefaultLengths(),
		Members: cell.Members{{ID: 1, Peer: "127.0.0.1:1"}, {ID: 2, Peer: "127.0.0.1:1"}, {ID: 3, Peer: "127.0.0.1:1"}}}
	c.Members[1].Peer = other.Members[0].Peer
	j.logs(&c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- host.Adopt(ctx, c) }()
	require.Eventually(t, func() bool { return j.count(`it is of cell "local"`) == 1 }, wait, tick)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// A cell whose replicas have not all been started is not born, and says for whom it waits.
func TestZ11_ABirthWaitsForAll(t *testing.T) {
	var j journal
	var id cell.CellID
	id[0] = 9
	base := t.TempDir()
	members := cell.Members{{ID: 1}, {ID: 2}, {ID: 3}}
	ports := make([]host.Listeners, 3)
	for i := range members {
		var err error
		members[i].Client, members[i].Peer = "127.0.0.1:0", "127.0.0.1:0"
		ports[i], members[i], err = host.Listen(members[i], host.Gate{}, nil)
		require.NoError(t, err)
	}
	begin := func(i int) *host.Host {
		c := host.Config{Cell: "local", ID: cell.ReplicaID(i + 1), Dir: filepath.Join(base, string(rune('a'+i))),
			Members: members, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
		j.logs(&c)
		require.NoError(t, wal.WriteBirth(c.Dir, record.Birth{Cell: id, Name: "local", Replica: c.ID}))
		h, err := host.Start(c, ports[i])
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, h.Stop()) })
		return h
	}
	first, second := begin(0), begin(1)
	require.Eventually(t, func() bool {
		return j.count("waiting for the birth of the cell") >= 2 && j.count("have 1, 2; away: 3 ") >= 2
	}, wait, tick)
	require.Zero(t, first.Status().Master)
	require.Zero(t, second.Status().Zxid)
	third := begin(2)
	require.Eventually(t, func() bool { return third.Status().Zxid > 0 && first.Status().Zxid > 0 }, wait, tick)
}

// A replica that died applying a transaction is not started into it again: whoever runs celld in a loop
// reads why, and what to do.
func TestB5_WhoDiedInApplyIsNotStartedIntoItAgain(t *testing.T) {
	c := celltest.Start(t, 1)
	mine := c.Config(1)
	c.Stop(1)
	require.NoError(t, wal.WriteDeath(mine.Dir, cell.MakeZxid(3, 7), "invariant broken: a count"))
	for range 2 {
		_, err := start(t, mine)
		require.ErrorIs(t, err, cell.ErrDied)
		require.ErrorContains(t, err, "transaction 3.7: invariant broken: a count")
		require.ErrorContains(t, err, "remove "+filepath.Join(mine.Dir, "died"))
	}
	require.NoError(t, os.Remove(filepath.Join(mine.Dir, "died")))
	_, err := start(t, mine)
	require.NoError(t, err)
}
