package chaos

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// data is the directory of replica i.
func (p *processes) data(i int) string { return filepath.Join(p.dir, fmt.Sprintf("data-%d", i)) }

// kept are the files of replica i that are named so; they rise.
func (p *processes) kept(i int, pattern string) []string {
	p.t.Helper()
	all, err := filepath.Glob(filepath.Join(p.data(i), pattern))
	require.NoError(p.t, err)
	return all
}

// flip turns a random bit in what is written of a file.
func flip(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	written := len(bytes.TrimRight(b, "\x00"))
	at, bit := rand.IntN(written), rand.IntN(8)
	b[at] ^= 1 << bit
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return fmt.Sprintf("bit %d of byte %d of %d in %s", bit, at, written, filepath.Base(path))
}

// check is what celld check says of a stopped replica, and whether it finds it sound.
func (p *processes) check(i int) (said string, sound bool) {
	p.t.Helper()
	out, err := exec.Command(p.celld, "check", "--dir", p.data(i)).CombinedOutput()
	if err != nil {
		var exit *exec.ExitError
		require.ErrorAs(p.t, err, &exit)
		require.Equal(p.t, 1, exit.ExitCode(), "%s", out)
	}
	return string(out), err == nil
}

// ends waits for the end of replica i, which was started and is to refuse, and gives its log.
func (p *processes) ends(i int) string {
	p.t.Helper()
	p.mu.Lock()
	cmd := p.running[i]
	delete(p.running, i)
	p.mu.Unlock()
	end := make(chan error, 1)
	go func() { end <- cmd.Wait() }()
	select {
	case err := <-end:
		require.Error(p.t, err)
	case <-time.After(time.Minute):
		require.NoError(p.t, cmd.Process.Kill())
		require.Fail(p.t, "it is not refused")
	}
	require.Equal(p.t, 1, cmd.ProcessState.ExitCode())
	said, err := os.ReadFile(p.log(i))
	require.NoError(p.t, err)
	return string(said)
}

// begins reports whether the log of replica i still begins with its first record.
func (p *processes) begins(i int) bool { return len(p.kept(i, fmt.Sprintf("log-1/%020d", 1))) == 1 }

// says waits until replica i has logged a text.
func (p *processes) says(i int, text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		said, err := os.ReadFile(p.log(i))
		return err == nil && bytes.Contains(said, []byte(text))
	}, time.Minute, 10*time.Millisecond, text)
}

// filled writes until replica i has a snapshot, and segments of its log that were closed.
func (p *processes) filled(s *client.Session, i int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for n := 0; len(p.kept(i, "snapshots/*.snap")) == 0 || len(p.kept(i, "log-*/*")) < 3; n++ {
		_, err := s.Write(ctx, fmt.Sprintf("/ls/local/n%d", n%40), bytes.Repeat([]byte{byte(n)}, 60_000), client.OrCreate())
		require.NoError(p.t, err)
	}
}

// A bit flips on the disk of a replica that is down: in its snapshot, in an old segment of its log, in its
// hard state. celld check finds the directory sound before and names the damage after. A snapshot that the
// log can replace is set aside, and of the hard state there is a second copy; else the start is refused with the
// remedy, and with the remedy followed the replica comes back by itself. The cell goes on meanwhile.
func TestZ12_Z14_AFlippedBitOnADiskIsNamedRefusedAndRebuilt(t *testing.T) {
	realProcesses(t)
	p := start(t, "CELLD_SNAPSHOT_LOG=1MiB", "CELLD_SNAPSHOTS_KEPT=1")
	p.whole()
	s, err := p.client().NewSession(t.Context())
	require.NoError(t, err)
	for k, part := range []string{"snapshot ", "log", "hard"} {
		i := (p.master()+k)%5 + 1
		p.filled(s, i)
		p.kill(i)
		require.NoError(t, os.WriteFile(p.log(i), nil, 0o600)) // what it says from now on
		said, sound := p.check(i)
		require.True(t, sound, said)
		what := ""
		switch part {
		case "snapshot ":
			for _, path := range p.kept(i, "snapshots/*.snap") {
				what += flip(t, path) + " "
			}
		case "log":
			what = flip(t, p.kept(i, "log-*/*")[0])
		case "hard":
			what = flip(t, filepath.Join(p.data(i), "hard"))
		}
		said, sound = p.check(i)
		require.False(t, sound, "%s: %s", what, said)
		require.Contains(t, said, "\ndamaged  "+part, what)
		t.Logf("%s:\n%s", what, said)
		p.serve(i)
		switch {
		case part == "snapshot " && p.begins(i):
			p.says(i, "is set aside: damaged")
		case part == "hard":
			p.says(i, "one of the two copies of the hard state is torn or rotten")
		default:
			require.Contains(t, p.ends(i), "move everything out of this data directory and start again", what)
			require.NoError(t, os.Rename(p.data(i), filepath.Join(t.TempDir(), "away")))
			p.serve(i)
		}
		p.serves(i)
	}
	p.whole()
}
