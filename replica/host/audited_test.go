package host_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// audited is what the test looks at of a line.
type audited struct {
	Op, Outcome, Zxid string
	Name, Session     *string
	Applied           bool
}

func auditOf(t *testing.T, c *celltest.Cell, id cell.ReplicaID, files map[cell.ReplicaID]string) (all []audited) {
	t.Helper()
	c.Stop(id) // what is queued has been written then
	text, err := os.ReadFile(files[id])
	require.NoError(t, err)
	for l := range bytes.Lines(text) {
		var x audited
		require.NoError(t, json.Unmarshal(l, &x), "%s", l)
		all = append(all, x)
	}
	return all
}

// Whatever is changed, locked, ended or operated stands in the audit of each replica, once and alike; what
// was refused before stands in the master's.
func TestEveryDeedIsAudited(t *testing.T) {
	files := map[cell.ReplicaID]string{}
	c := celltest.Start(t, 3, func(h *host.Config) {
		h.Audit = host.Audit{File: h.Dir + ".audit", Size: 100 << 20, Kept: 3}
		files[h.ID] = h.Audit.File
	})
	ctx := limited(t)
	a, b, victim := session(t, c), session(t, c), session(t, c)
	_, err := a.Create(ctx, "/ls/local/f", []byte("1"))
	require.NoError(t, err)
	_, err = a.Write(ctx, "/ls/local/f", []byte("2"))
	require.NoError(t, err)
	_, err = a.Write(ctx, "/ls/local/none", nil)
	require.ErrorIs(t, err, cell.ErrNotFound)
	_, err = a.Txn(ctx, client.OpCreate("/ls/local/t", nil), client.OpDelete("/ls/local/f"))
	require.NoError(t, err)
	_, err = a.Txn(ctx, client.OpCreate("/ls/local/u", nil), client.OpDelete("/ls/local/none"))
	require.ErrorIs(t, err, cell.ErrNotFound)
	require.NoError(t, a.Set(ctx, "sessions", 1000))

	asker, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	defer func() { _ = asker.Close() }()
	hold, err := a.Lock(ctx, "/ls/local/l")
	require.NoError(t, err)
	waiting := make(chan *client.Hold)
	go func() {
		h, _ := b.Lock(ctx, "/ls/local/l")
		waiting <- h
	}()
	c.Await("the waiter", func() bool {
		locks, err := asker.Locks(ctx, "/ls/local/l")
		return err == nil && len(locks) == 1 && len(locks[0].Waiters) == 1
	})
	require.NoError(t, hold.Unlock(ctx))
	next := <-waiting
	require.NotNil(t, next)
	require.NoError(t, a.BreakLock(ctx, "/ls/local/l", next.Sequencer().Token()))
	_, err = victim.Create(ctx, "/ls/local/e", nil, client.Ephemeral())
	require.NoError(t, err)
	require.NoError(t, a.Kill(ctx, victim.ID()))
	c.Await("the ephemeral's end", func() bool {
		_, err := a.Stat(ctx, "/ls/local/e")
		return err != nil
	})
	require.NoError(t, b.Close(ctx))
	last, err := a.Create(ctx, "/ls/local/last", nil)
	require.NoError(t, err)
	c.AwaitApplied(last.Zxid)

	auditsAgree(t, c, files, last.Zxid)
}

// auditsAgree: each replica has a line of every kind, and the same of what is applied up to last.
func auditsAgree(t *testing.T, c *celltest.Cell, files map[cell.ReplicaID]string, last cell.Zxid) {
	t.Helper()
	master := c.AwaitMaster()
	var same [][]audited
	for _, m := range c.Members {
		var applied []audited
		count := map[string]int{}
		for _, l := range auditOf(t, c, m.ID, files) {
			count[l.Op+" "+l.Outcome]++
			z, err := cell.ParseZxid(l.Zxid)
			require.NoError(t, err)
			if l.Applied && z <= last {
				applied = append(applied, l)
			}
		}
		for _, want := range []string{"members ok", "session_open ok", "create ok", "write ok", "delete ok", "set ok",
			"acquire ok", "grant ok", "release ok", "unlocked ok", "break ok", "taken ok", "kill ok", "session_end ok",
			"reap ok", "close_session ok"} {
			require.Positive(t, count[want], "%s in %v", want, count)
		}
		if m.ID == master {
			require.Equal(t, 1, count["write not_found"], "%v", count)
			require.Equal(t, 1, count["txn not_found"], "%v", count)
		}
		same = append(same, applied)
	}
	require.Equal(t, same[0], same[1])
	require.Equal(t, same[0], same[2])
}
