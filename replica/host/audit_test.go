package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/master"
)

func readAudit(t *testing.T, path string) (all []line) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for l := range bytes.Lines(text) {
		var x line
		require.NoError(t, json.Unmarshal(l, &x), "%s", l)
		all = append(all, x)
	}
	return all
}

func deed(n int) []master.Deed {
	return []master.Deed{{Op: "write", Name: "/ls/local/" + strings.Repeat("x", 200), Zxid: cell.MakeZxid(1, uint32(n)),
		Applied: true}}
}

// The file is turned over at its size, and so many older ones are kept; nothing is lost in between.
func TestTheAuditIsRotated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	a, err := newAudit(Audit{File: path, Size: 1 << 20, Kept: 50}, 0, func(int64, string) { t.Error("lines are lost") })
	require.NoError(t, err)
	const lines = 12_000 // some 4 MiB
	for i := range lines {
		a.note(deed(i + 1))
	}
	a.close()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	require.NoError(t, err)
	require.Greater(t, len(files), 3)
	seen := map[string]bool{}
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), int64(1<<20))
		for _, l := range readAudit(t, f) {
			seen[*l.Zxid] = true
		}
	}
	require.Len(t, seen, lines)
}

// A start applies again what the log holds since the last snapshot: the audit goes on where it ended, and
// never passes over what this log does not hold.
func TestTheAuditGoesOnWhereItEnded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	for _, run := range []struct {
		last cell.Zxid
		want []uint32
	}{
		{0, []uint32{1, 2, 3}},
		{cell.MakeZxid(1, 3), []uint32{1, 2, 3, 3}}, // the newest may be cut short
		{0, []uint32{1, 2, 3, 3, 1, 2, 3}},          // another cell in the same place
		{cell.MakeZxid(9, 9), []uint32{1, 2, 3, 3, 1, 2, 3, 3}},
	} {
		a, err := newAudit(Audit{File: path, Size: 1 << 20, Kept: 1}, run.last, nil)
		require.NoError(t, err)
		for i := range 3 {
			a.note(deed(i + 1))
		}
		a.close()
		var got []uint32
		for _, l := range readAudit(t, path) {
			z, err := cell.ParseZxid(*l.Zxid)
			require.NoError(t, err)
			got = append(got, z.Counter())
		}
		require.Equal(t, run.want, got)
	}
}

// stuck is a file on a disk that takes nothing until it is let go.
type stuck struct {
	bytes.Buffer
	begun, free chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-s.free
	return s.Buffer.Write(p)
}

func (s *stuck) Close() error { return nil }

// A disk that is stuck stops nobody: what no longer fits is counted, and said in the file.
func TestB3_AnAuditThatFallsBehindSaysSo(t *testing.T) {
	s, lost := &stuck{begun: make(chan struct{}, 1), free: make(chan struct{})}, int64(0)
	a := &audit{to: s, queue: make(chan master.Deed, 10), stop: make(chan struct{}), done: make(chan struct{}),
		missed: func(n int64, _ string) { lost += n }}
	go a.run()
	a.note(deed(1))
	<-s.begun
	for i := range 25 {
		a.note(deed(i + 2))
	}
	close(s.free)
	a.close()
	<-a.done
	require.EqualValues(t, 15, lost)
	require.Contains(t, s.String(), `"op":"lost"`)
	require.Contains(t, s.String(), `"15 lines"`)
	require.Equal(t, 12, strings.Count(s.String(), "\n"))
}

func TestAnAuditThatCannotBeOpenedIsSaidAtTheStart(t *testing.T) {
	_, err := newAudit(Audit{File: filepath.Join(t.TempDir(), "none", "audit")}, 0, nil)
	require.ErrorContains(t, err, "audit: ")
	none, err := newAudit(Audit{}, 0, nil)
	require.NoError(t, err)
	none.note(deed(1))
	none.close()
}

// Every field is there in every line, null where it is not known.
func TestALineOfTheAudit(t *testing.T) {
	text, err := json.Marshal(auditLine(&master.Deed{Time: 1, Op: "kill", Principal: "anonymous", Session: 7, Call: 3,
		Code: cell.CodeOf(cell.ErrDenied), Detail: "no"}))
	require.NoError(t, err)
	require.Equal(t, `{"time":"1970-01-01T00:00:00.000000001Z","principal":"anonymous","identity":null,"address":null,`+
		`"session":"7","call":3,"op":"kill","name":null,"outcome":"denied","zxid":null,"applied":false,"detail":"no"}`,
		string(text), fmt.Sprint(cell.ErrDenied))
}
