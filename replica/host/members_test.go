package host_test

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// newcomer starts a replica of another id in an empty directory; its file names it in the place of one
// that is there.
func newcomer(t *testing.T, c *celltest.Cell, id, instead cell.ReplicaID) (*host.Host, cell.Member) {
	t.Helper()
	at, _, err := net.SplitHostPort(c.Members[0].Client)
	require.NoError(t, err)
	free := net.JoinHostPort(at, "0")
	ports, m, err := host.Listen(cell.Member{ID: id, Client: free, Peer: free, HTTP: free}, host.Gate{}, nil)
	require.NoError(t, err)
	config := c.Config(instead)
	config.ID, config.Dir = id, filepath.Join(t.TempDir(), "new")
	config.Members = c.Members.Without(instead).With(m)
	require.NoError(t, host.Adopt(limited(t), config))
	h, err := host.Start(config, ports)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Stop()) })
	return h, m
}

// A replica that no list names follows without a vote, says that it is a learner, and counts in no
// quorum.
func TestZ11_WhoIsInNoListIsALearner(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	s := session(t, c)
	last := write(t, s, 20, 100)
	master := c.AwaitMaster()
	h, m := newcomer(t, c, 7, master%3+1)
	c.Await("it has everything", func() bool { return h.Status().Zxid >= last })
	require.Equal(t, "learner", h.Status().Role)
	code, body := getAt(t, m.HTTP, "/readyz")
	require.Equal(t, 503, code)
	require.Contains(t, body, "learner: follows replica")
	cl, err := client.New(client.Config{Endpoints: append(c.Endpoints, m.Client)})
	require.NoError(t, err)
	defer func() { require.NoError(t, cl.Close()) }()
	c.Await("it is shown level", func() bool {
		all, err := cl.Members(limited(t))
		require.NoError(t, err)
		require.Len(t, all, 4)
		r := all[3]
		return r.ID == 7 && !r.Listed && r.Replica.Role == "learner" && r.Replica.Lag == 0
	})
	c.Stop(master%3 + 1)
	c.Stop((master+1)%3 + 1) // the master and the learner are no quorum
	c.Await("no master", func() bool { return c.Master() == 0 })
	c.Await("it says for whom it waits", func() bool {
		return j.count("a learner without a vote waits for a quorum") > 0
	})
	c.Restart(master%3 + 1)
	c.Restart((master+1)%3 + 1)
	write(t, s, 5, 100)
}

// A dead replica's place is taken by one of another id, at other ports, in one step; the cell then lives on
// with it and one more of the old ones.
func TestZ15_AMemberIsReplacedOnRealSockets(t *testing.T) {
	c := celltest.Start(t, 3)
	s := session(t, c)
	write(t, s, 20, 100)
	master := c.AwaitMaster()
	dead := master%3 + 1
	c.Stop(dead)
	h, m := newcomer(t, c, 7, dead)
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	defer func() { require.NoError(t, cl.Close()) }()
	require.NoError(t, cl.ReplaceMember(limited(t), dead, m, nil))
	require.NoError(t, cl.ReplaceMember(limited(t), dead, m, nil), "asked again")
	other := cell.Member{ID: 8, Client: "h:1", Peer: "h:2", HTTP: "h:3"}
	require.ErrorIs(t, cl.ReplaceMember(limited(t), dead, other, nil), cell.ErrNotFound)
	c.Await("it votes", func() bool { return h.Status().Role == "follower" })
	c.Stop((master+1)%3 + 1)
	write(t, s, 20, 100)
}
