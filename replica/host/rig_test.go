package host_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/tools/celltest"
)

// session opens a session with a cell, for as long as the test runs.
func session(t *testing.T, c *celltest.Cell) *client.Session {
	t.Helper()
	cl, err := client.New(client.Config{Endpoints: c.Endpoints, Cell: celltest.Name})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	s, err := cl.NewSession(limited(t))
	require.NoError(t, err)
	return s
}

// wait bounds what is waited for, looking every tick.
const (
	wait = time.Minute
	tick = 5 * time.Millisecond
)

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// write writes n nodes of some bytes each, and gives the zxid of the last.
func write(t *testing.T, s *client.Session, n, bytes int) cell.Zxid {
	t.Helper()
	var last cell.Stat
	var err error
	for i := range n {
		last, err = s.Write(limited(t), name(i), []byte(fmt.Sprintf("%0*d", bytes, i)), client.OrCreate())
		require.NoError(t, err)
	}
	return last.Zxid
}

func name(i int) string { return fmt.Sprintf("/ls/local/n%d", i) }

// journal keeps what a replica logs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

// logs makes every replica of a cell log into one journal, each line with its replica's number.
func (j *journal) logs(c *host.Config) {
	log := logrus.New()
	log.SetOutput(io.Discard)
	log.SetLevel(logrus.DebugLevel)
	log.AddHook(j)
	c.Log = log.WithField("replica", c.ID)
}

func (j *journal) Levels() []logrus.Level { return logrus.AllLevels }

func (j *journal) Fire(e *logrus.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf("%v %v: %s", e.Data["replica"], e.Level, e.Message))
	return nil
}

// count is how many lines hold a text.
func (j *journal) count(text string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// get asks a replica by HTTP.
func get(t *testing.T, c *celltest.Cell, id cell.ReplicaID, path string) (int, string) {
	t.Helper()
	m, _ := c.Members.Find(id)
	return getAt(t, m.HTTP, path)
}

func getAt(t *testing.T, address, path string) (int, string) {
	t.Helper()
	ask := http.Client{Timeout: 10 * time.Second}
	defer ask.CloseIdleConnections()
	r, err := ask.Get("http://" + address + path)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Body.Close()) }()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(body)
}

// metric is one number of a replica's; −1 when it is not there.
func metric(t *testing.T, c *celltest.Cell, id cell.ReplicaID, name string) float64 {
	t.Helper()
	_, body := get(t, c, id, "/metrics")
	for _, line := range strings.Split(body, "\n") {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			var x float64
			_, err := fmt.Sscan(rest, &x)
			require.NoError(t, err)
			return x
		}
	}
	return -1
}

// stored is the tree that a stopped replica's directory holds, up to a zxid: from its newest
// snapshot and the log behind it.
func stored(t *testing.T, dir string, until cell.Zxid) *tree.Tree {
	t.Helper()
	birth, ok, err := wal.ReadBirth(dir)
	require.NoError(t, err)
	require.True(t, ok)
	log, found, err := wal.Open(dir, wal.Options{Cell: birth.Cell})
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	result := tree.New(tree.Options{})
	if m := found.Summary.Snapshot; m.Index > 0 {
		r, err := log.Snapshots().Open(m)
		require.NoError(t, err)
		result, err = tree.DecodeTree(r, tree.Options{})
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	for result.Mark().Zxid < until {
		rs, err := log.Read(result.Mark().Index+1, 1000, 1<<20)
		require.NoError(t, err)
		require.NotEmpty(t, rs, "the log ends at %v", result.Mark())
		for _, r := range rs {
			if r.Zxid <= until {
				require.Empty(t, result.Apply(r).Fatal)
			}
		}
	}
	require.Empty(t, result.Check())
	return result
}
