package tree

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// txn reads the lines below "txn SESSION": each is a part, written as the op of that name; check,
// absent and held are the checks.
func (s *script) txn(t *testing.T, d *datadriven.TestData) call.Op {
	m := &call.Txn{}
	for _, line := range strings.Split(strings.TrimSpace(d.Input), "\n") {
		cmd, args, err := datadriven.ParseLine(line)
		require.NoError(t, err)
		name := cell.Name(args[0].Key)
		switch part := (&datadriven.TestData{Cmd: cmd, CmdArgs: append(d.CmdArgs[:1:1], args...)}); cmd {
		case "check":
			c := &call.Check{Name: name}
			if part.HasArg("gen") {
				g := uint64(number(t, part, "gen", 0))
				c.IfGeneration = &g
			}
			m.Parts = append(m.Parts, c)
		case "absent":
			m.Parts = append(m.Parts, &call.Check{Name: name, Absent: true})
		case "held":
			m.Parts = append(m.Parts, &call.CheckSequencer{Sequencer: s.holds[args[0].Key].Sequencer})
		default:
			m.Parts = append(m.Parts, s.op(t, part).(call.Part))
		}
	}
	return m
}

// hitAll applies the parts of a Txn to a map, or none of them; refused counts from 1.
func (w twin) hitAll(m *call.Txn) (after twin, refused int, err error) {
	after = maps.Clone(w)
	changed := map[cell.Name]bool{}
	for i, p := range m.Parts {
		before := maps.Clone(after)
		if err := after.hit(p.(call.Op)); err != nil {
			return w, i + 1, err
		}
		for _, n := range differ(before, after) {
			if changed[n] {
				return w, i + 1, cell.ErrUsage
			}
			changed[n] = true
		}
	}
	return after, 0, nil
}

// differ are the names in which two maps differ.
func differ(a, b twin) (names []cell.Name) {
	for n := range a {
		if x, ok := b[n]; !ok || x != a[n] {
			names = append(names, n)
		}
	}
	for n := range b {
		if _, ok := a[n]; !ok {
			names = append(names, n)
		}
	}
	return names
}

// A transaction behaves as its parts one after the other would on a map, or not at all; it changes
// only what Plan has named, and tells of each child list once.
func TestC11_ATxnIsItsPartsOrNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, dumb := born(t, nil), twin{"/ls/local": {"", 1}}
		s := w.open(1)
		for range rapid.IntRange(1, 15).Draw(rt, "transactions") {
			m := &call.Txn{}
			for range rapid.IntRange(1, 5).Draw(rt, "parts") {
				m.Parts = append(m.Parts, drawFileOp(rt).(call.Part))
			}
			after, refused, err := dumb.hitAll(m)
			got := w.call(s, m)
			require.Equal(rt, cell.CodeOf(err).String(), got.Result.Code.String(), got.Result.Message)
			require.Equal(rt, refused, got.Result.Refused)
			if err != nil {
				require.Empty(rt, got.Changes)
			}
			told := map[cell.Name]bool{}
			for _, c := range got.Changes {
				require.False(rt, c.Kind == call.EventChildren && told[c.Name], c.Name)
				told[c.Name] = told[c.Name] || c.Kind == call.EventChildren
			}
			dumb = after
		}
		compare(rt, w.a, dumb)
	})
}

// More names than a transaction can carry are refused before anything is done (B2).
func TestB2_ATxnHasABoundOnNames(t *testing.T) {
	w := born(t, nil)
	s := w.open(1)
	m := &call.Txn{}
	for i := range 100 {
		deep := strings.Repeat("/x"+strings.Repeat("y", 13), 60)
		m.Parts = append(m.Parts, &call.Create{Name: "/ls/local/" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + deep,
			Parents: true})
	}
	require.Empty(t, m.Invalid())
	got := w.call(s, m)
	require.Equal(t, cell.CodeOf(cell.ErrTooLarge), got.Result.Code)
	require.Empty(t, got.Changes)
}

// A transaction that would change too much is refused when that is seen, not after it was rehearsed
// whole: whoever sends such ones keeps nobody from being served (L8).
func TestL8_ATxnOfTooManyNamesIsNotRehearsed(t *testing.T) {
	w := born(t, nil)
	s := w.open(1)
	m := &call.Txn{}
	for i := range call.MaxTxnParts {
		deep := fmt.Sprintf("/ls/local/%d", i) + strings.Repeat("/a", 61)
		m.Parts = append(m.Parts, &call.Create{Name: deep, Parents: true})
	}
	require.Empty(t, m.Invalid())
	_, refusal := w.a.Plan(Txn{Session: s, Principal: cell.Anonymous, Call: 1, Op: m})
	require.NotNil(t, refusal)
	require.Equal(t, cell.CodeOf(cell.ErrTooLarge), refusal.Code)
	require.LessOrEqual(t, int(refusal.Limit.Got), MaxTxnNames+cell.MaxNameDepth)
}
