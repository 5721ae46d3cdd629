package proc

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStopEndsTheProcessEvenAPausedOne(t *testing.T) {
	p, err := Start("sleeper", t.TempDir(), []string{"WORD=heard"}, "sh", "-c", "echo $WORD; exec sleep 600")
	require.NoError(t, err)
	require.True(t, p.Running())
	first := p.Pid()
	require.NoError(t, p.Pause())
	p.Stop()
	require.False(t, p.Running())
	require.NoError(t, p.Start(), "it can be started again")
	require.NotEqual(t, first, p.Pid())
	used, err := UsageOf([]*Proc{p})
	require.NoError(t, err)
	require.NotZero(t, used.Bytes)
	p.Kill()
	require.False(t, p.Running())
	used, err = UsageOf([]*Proc{p})
	require.NoError(t, err)
	require.Zero(t, used, "one that has ended uses nothing")
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := Start("none", t.TempDir(), nil, "/no/such/program")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "none")
}

func TestCPUOfANameWithBrackets(t *testing.T) {
	cpu, err := cpuOf("42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 12345 1000 10\n")
	require.NoError(t, err)
	require.Equal(t, 2*time.Second, cpu)
	_, err = cpuOf("nonsense")
	require.Error(t, err)
}

func TestAnonymousMemory(t *testing.T) {
	require.EqualValues(t, 12<<10, pages("Name:\tx\nVmRSS:\t  40 kB\nRssAnon:\t   12 kB\n", "RssAnon:"))
}

func TestFreePortsAreFreeAndDiffer(t *testing.T) {
	first, err := FreePorts(3)
	require.NoError(t, err)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	require.True(t, free(first, 3))
	require.False(t, free(taken.Addr().(*net.TCPAddr).Port, 1))
	second, err := FreePorts(3)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}
