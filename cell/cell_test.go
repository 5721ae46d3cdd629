package cell

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNamesThatAreNone(t *testing.T) {
	for s, why := range map[string]string{
		"":                                 "begins with /ls/CELL",
		"/ls":                              "begins with /ls/CELL",
		"/ls/":                             "empty component",
		"ls/local/a":                       "begins with /ls/CELL",
		"/ls/local/":                       "empty component",
		"/ls/local//a":                     "empty component",
		"/ls/local/..":                     ". and ..",
		"/ls/local/a\x00":                  "control character",
		"/ls/local/\xff":                   "UTF-8",
		"/ls/local/" + long('a', 256):      "256 bytes long; 255",
		"/ls/l" + strings.Repeat("/a", 64): "65 components deep; 64",
		"/ls/l" + strings.Repeat("/"+long('a', 250), 5): "bytes long; 1024",
	} {
		_, err := ParseName(s)
		require.ErrorIs(t, err, ErrBadName, "%q", s)
		require.ErrorContains(t, err, why)
	}
}

func long(c byte, n int) string { return strings.Repeat(string(c), n) }

func TestNamesTakenApart(t *testing.T) {
	n, err := ParseName("/ls/local/a/b")
	require.NoError(t, err)
	require.Equal(t, "local", n.Cell())
	require.Equal(t, "b", n.Base())
	require.Equal(t, 3, n.Depth())
	up, ok := n.Parent()
	require.True(t, ok)
	require.Equal(t, Name("/ls/local/a"), up)
	root, err := RootName("local")
	require.NoError(t, err)
	require.True(t, root.IsRoot())
	_, ok = root.Parent()
	require.False(t, ok)
	require.True(t, up.Covers(n))
	require.True(t, n.Covers(n))
	require.False(t, Name("/ls/local/a").Covers("/ls/local/ab"))
	_, err = n.Child("x/y")
	require.ErrorIs(t, err, ErrBadName)
}

func TestTextFormsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := Zxid(rapid.Uint64().Draw(t, "zxid"))
		again, err := ParseZxid(z.String())
		require.NoError(t, err)
		require.Equal(t, z, again)
		q := Sequencer{Mode: rapid.SampledFrom([]Mode{Shared, Exclusive}).Draw(t, "mode"),
			Grant: rapid.Uint64().Draw(t, "grant"),
			Hold:  rapid.Uint64().Draw(t, "hold"), Instance: rapid.Uint64().Draw(t, "instance"),
			Name: Name("/ls/local/" + rapid.StringMatching(`[a-z:]{1,20}`).Draw(t, "base"))}
		back, err := ParseSequencer(q.String())
		require.NoError(t, err)
		require.Equal(t, q, back)
	})
	for _, s := range []string{"", "x:1:2:3", "y:1:2:3:/ls/local", "x:a:2:3:/ls/local", "x:1:2:3:/local"} {
		_, err := ParseSequencer(s)
		require.Error(t, err, "%q", s)
	}
	for _, s := range []string{"", "1", "1.", "a.1", "1.4294967296"} {
		_, err := ParseZxid(s)
		require.ErrorIs(t, err, ErrUsage, "%q", s)
	}
}

func TestZ13_TheLastCounterHasNoSuccessor(t *testing.T) {
	require.Equal(t, MakeZxid(3, 8), MakeZxid(3, 7).Next())
	require.Panics(t, func() { MakeZxid(3, MaxCounter).Next() })
}

func TestEveryErrorHasItsCodeWordAndExit(t *testing.T) {
	for _, c := range catalogue {
		wrapped := fmt.Errorf("while trying: %w", c.err)
		require.Equal(t, c.code, CodeOf(wrapped))
		require.Equal(t, c.exit, ExitOf(wrapped))
		require.Equal(t, c.word, c.code.String())
		require.ErrorIs(t, c.code.Err(), c.err)
	}
	require.Zero(t, CodeOf(nil))
	require.Zero(t, ExitOf(nil))
	require.NoError(t, Code(0).Err())
	require.Equal(t, 1, ExitOf(errors.New("other")))
	both := fmt.Errorf("%w: %w", ErrOutcomeUnknown, ErrNoMaster)
	require.Equal(t, 8, ExitOf(both), "a doubtful outcome outranks its cause")
}

func TestB2_ALimitSaysItsNameAndTheSize(t *testing.T) {
	err := error(&LimitError{Limit: "value", Most: 10, Got: 11})
	require.ErrorIs(t, err, ErrTooLarge)
	require.EqualError(t, err, "too large: value is limited to 10, got 11")
	require.ErrorIs(t, &OverloadedError{RetryAfter: time.Second}, ErrOverloaded)
}

func TestL3_LengthsThatMakeNoSenseAreNamed(t *testing.T) {
	require.Empty(t, DefaultLengths().Invalid())
	for key, spoil := range map[string]func(*Lengths){
		"master_lease":      func(l *Lengths) { l.MasterLease = 0 },
		"session_lease ":    func(l *Lengths) { l.SessionLease = 0; l.CacheLease = 0 },
		"session_lease_max": func(l *Lengths) { l.SessionLeaseMax = l.SessionLease - 1 },
		"cache_lease":       func(l *Lengths) { l.CacheLease = l.SessionLease + 1 },
		"lock_delay ":       func(l *Lengths) { l.LockDelay = l.LockDelayMax + 1 },
		"lock_delay_max":    func(l *Lengths) { l.LockDelayMax = 2 * time.Hour },
		"drift":             func(l *Lengths) { l.DriftPPM = -1 },
	} {
		l := DefaultLengths()
		spoil(&l)
		require.Contains(t, l.Invalid(), key)
	}
}

func TestIDsComeBack(t *testing.T) {
	c := CellID{1, 2, 3}
	again, err := ParseCellID(c.String())
	require.NoError(t, err)
	require.Equal(t, c, again)
	_, err = ParseCellID("12")
	require.ErrorIs(t, err, ErrUsage)
	_, err = ParseSessionID("0")
	require.ErrorIs(t, err, ErrUsage)
	id, err := ParseSessionID("42")
	require.NoError(t, err)
	require.Equal(t, "42", id.String())
}
