package host_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// /livez never looks at the quorum; /readyz does, and says what is missing.
func TestB4_LivezIsNotReadyz(t *testing.T) {
	c := celltest.Start(t, 3)
	master := c.AwaitMaster()
	follower, other := master%3+1, (master+1)%3+1
	c.AwaitApplied(write(t, session(t, c), 1, 10))
	code, body := get(t, c, master, "/readyz")
	require.Equal(t, 200, code)
	require.Contains(t, body, "ok: master, epoch ")
	code, body = get(t, c, follower, "/readyz")
	require.Equal(t, 200, code)
	require.Contains(t, body, "ok: follows replica ")

	c.Stop(other)
	c.Stop(follower)
	c.Await("no quorum", func() bool {
		code, body = get(t, c, master, "/readyz")
		return code == 503
	})
	require.Contains(t, body, "looking: ")
	c.Await("the reasons", func() bool {
		_, body = get(t, c, master, "/readyz")
		return strings.Contains(body, "no quorum: have ") && strings.Count(body, " refused") == 2
	})
	for range 2 {
		code, body = get(t, c, master, "/livez")
		require.Equal(t, 200, code, body)
	}
	code, _ = get(t, c, master, "/nothing")
	require.Equal(t, 404, code)
}

// Every metric of the contract is there from the start, and each moves when what it counts
// happens.
func TestMetricsAreThereAndMove(t *testing.T) {
	c := celltest.Start(t, 3)
	master := c.AwaitMaster()
	follower := master%3 + 1
	for _, m := range []string{"cell_master", "cell_epoch", "cell_zxid_applied", "cell_elections_total",
		`cell_sync_total{kind="diff"}`, `cell_sync_total{kind="trunc"}`, `cell_sync_total{kind="snap"}`,
		"cell_sessions", "cell_locks_held", `cell_rounds_total{end="ack"}`, `cell_rounds_total{end="lapse"}`,
		"cell_round_seconds_count", "cell_resyncs_total", "cell_log_sync_seconds_count"} {
		require.GreaterOrEqual(t, metric(t, c, follower, m), 0.0, m)
	}
	_, body := get(t, c, master, "/metrics")
	for _, line := range strings.Split(body, "\n") {
		require.True(t, line == "" || line[0] == '#' || strings.HasPrefix(line, "cell_"), line)
	}

	zxid, syncs := metric(t, c, follower, "cell_zxid_applied"), metric(t, c, follower, "cell_log_sync_seconds_count")
	s, reader := session(t, c), session(t, c)
	_, err := s.Lock(limited(t), "/ls/local/lock")
	require.NoError(t, err)
	write(t, s, 3, 10)
	_, err = reader.Read(limited(t), name(0)) // it caches
	require.NoError(t, err)
	last := write(t, s, 3, 10) // so this one has a round with a cacher in it
	c.AwaitApplied(last)
	_, err = s.Write(limited(t), "/ls/local/none", nil)
	require.ErrorIs(t, err, cell.ErrNotFound)

	require.InDelta(t, 1, metric(t, c, master, "cell_master"), 0)
	require.InDelta(t, 0, metric(t, c, follower, "cell_master"), 0)
	require.InDelta(t, 1, metric(t, c, master, "cell_elections_total"), 0)
	require.InDelta(t, 0, metric(t, c, follower, "cell_elections_total"), 0)
	require.Positive(t, metric(t, c, follower, "cell_epoch"))
	require.Positive(t, metric(t, c, follower, "cell_disk_free_bytes"))
	require.Positive(t, metric(t, c, master, `cell_sync_total{kind="diff"}`))
	require.Greater(t, metric(t, c, follower, "cell_zxid_applied"), zxid)
	require.Greater(t, metric(t, c, follower, "cell_log_sync_seconds_count"), syncs)
	c.Await("sessions and locks are shown", func() bool {
		return metric(t, c, follower, "cell_sessions") == 2 && metric(t, c, master, "cell_locks_held") == 1
	})
	require.Positive(t, metric(t, c, master, `cell_rounds_total{end="ack"}`))
	require.InDelta(t, 0, metric(t, c, master, `cell_rounds_total{end="lapse"}`), 0)
	require.Positive(t, metric(t, c, master, "cell_round_seconds_count"))
	require.GreaterOrEqual(t, requests(t, c, master, "ok"), 8.0)
	require.GreaterOrEqual(t, requests(t, c, master, "not_found"), 1.0)
}

// requests is how many were answered with a code, of all kinds.
func requests(t *testing.T, c *celltest.Cell, id cell.ReplicaID, code string) (sum float64) {
	t.Helper()
	_, body := get(t, c, id, "/metrics")
	for _, line := range strings.Split(body, "\n") {
		if strings.HasPrefix(line, "cell_requests_total{code=\""+code+"\"") {
			full, _, _ := strings.Cut(line, " ")
			sum += metric(t, c, id, full)
		}
	}
	return sum
}

// Status names each replica's role and its lag, and who cannot be reached.
func TestStatusNamesEveryReplica(t *testing.T) {
	c := celltest.Start(t, 3)
	master := c.AwaitMaster()
	away, follower := master%3+1, (master+1)%3+1
	s := session(t, c)
	c.AwaitApplied(write(t, s, 1, 10))
	c.Stop(away)
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	defer func() { require.NoError(t, cl.Close()) }()
	c.Await("the followers are level", func() bool {
		status, err := cl.Status(limited(t))
		require.NoError(t, err)
		require.Equal(t, "local", status.Cell)
		require.Equal(t, master, status.Master)
		require.Positive(t, status.LeaseLeft)
		require.Equal(t, 1, status.Sessions)
		require.Equal(t, "master", status.Replicas[master-1].Role)
		require.Equal(t, "unreachable", status.Replicas[away-1].Role)
		require.EqualValues(t, -1, status.Replicas[away-1].Lag)
		require.Error(t, status.Replicas[away-1].Err)
		require.Equal(t, "follower", status.Replicas[follower-1].Role)
		return status.Replicas[follower-1].Lag == 0
	})
}
