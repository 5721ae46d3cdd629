package main

import (
	"syscall"
	"testing"
	"time"

	"github.com/leasehold/leasehold/cmd/cellctl/run"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/stretchr/testify/require"
)

func TestElectRunsCommandWhileItLeads(t *testing.T) {
	d := newDesk(t)
	p := d.process("elect", "/ls/local/app/leader", "--value", "10.0.0.7:80", "--", "sh", "-c",
		`echo $CELL_LOCK_SEQUENCER; read line; exit 42`)
	sequencer := p.line()
	require.Equal(t, "valid\n", d.types(0, "seq check "+sequencer).out)
	require.Equal(t, sequencer+"\n10.0.0.7:80", d.types(0, "get /ls/local/app/leader/leader").out)
	next := d.process("elect", "/ls/local/app/leader", "--", "sh", "-c", "echo mine; read line")
	d.awaitLocks(2)
	require.NoError(t, p.in.Close())
	require.Empty(t, p.ends(42), "COMMAND has ended by itself")
	require.Equal(t, "mine", next.line())
	require.NoError(t, next.Process.Signal(syscall.SIGTERM))
	require.Contains(t, next.ends(143), "signal 15")
	d.types(3, "get /ls/local/app/leader/leader")
	require.Contains(t, d.types(run.ExitNotFound, "elect /ls/local/l -- no-such-program-here").err, "COMMAND was not run")
	require.Contains(t, d.types(run.ExitWrapper, "elect /ls/local/l --kill-after 1h -- true").err, "must be below")
}

// The only replica stops: the leadership is lost, COMMAND is ended, and when the cell is back it is
// run again.
func TestElectCampaignsAgainAfterALoss(t *testing.T) {
	d := newDesk(t, func(c *host.Config) {
		c.Lengths.SessionLease, c.Lengths.SessionLeaseMax, c.Lengths.CacheLease = time.Second, time.Second, time.Second
		c.Lengths.LockDelay = 200 * time.Millisecond
	})
	p := d.process("elect", "/ls/local/l", "--kill-after", "100ms", "--", "sh", "-c", `echo $CELL_LOCK_TOKEN; read line`)
	first := p.line()
	d.cell.Stop(1)
	said, err := p.err.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, said, "COMMAND was ended")
	said, err = p.err.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, said, "campaigning again")
	d.cell.Restart(1)
	require.NotEqual(t, first, p.line(), "a leadership of its own")
	require.NoError(t, p.in.Close())
	p.ends(1) // what read says at the end of its input
}

// After a loss the signals are elect's own again: they end the wait.
func TestASignalEndsElectWhileItDoesNotLead(t *testing.T) {
	d := newDesk(t, func(c *host.Config) {
		c.Lengths.SessionLease, c.Lengths.SessionLeaseMax, c.Lengths.CacheLease = time.Second, time.Second, time.Second
		c.Lengths.LockDelay = 200 * time.Millisecond
	})
	p := d.process("elect", "/ls/local/l", "--kill-after", "100ms", "--", "sh", "-c", `echo mine; read line`)
	require.Equal(t, "mine", p.line())
	d.cell.Stop(1)
	for range 2 { // that COMMAND was ended, and that it campaigns again
		_, err := p.err.ReadString('\n')
		require.NoError(t, err)
	}
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	p.ends(143)
}

func TestWithoutCommandElectLeadsUntilASignal(t *testing.T) {
	d := newDesk(t)
	p := d.process("elect", "/ls/local/l", "-o", "jsonl")
	held := fields(t, p.line())
	require.Equal(t, "/ls/local/l", held["name"])
	require.Equal(t, "valid\n", d.types(0, "seq check "+held["sequencer"].(string)).out)
	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	p.ends(130)
	require.Empty(t, d.types(0, "locks").out)
}
