package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// many are n values, made of rising numbers from 1 on.
func many[T any](n int, of func(i int) T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = of(i + 1)
	}
	return all
}

// A list may be as long as its limit and no longer, and rises: by its second key where the first is the
// same, and by the first whatever the second is.
func TestB2_B5_EveryListHasALimitAndRises(t *testing.T) {
	type id = cell.SessionID
	name := func(i int) cell.Name { return cell.Name(fmt.Sprintf("/ls/local/%05d", i)) }
	same := func(int) cell.Name { return name(1) }
	for _, x := range []struct {
		what string
		most int
		op   func(n int, at func(i int) int) Op
	}{
		{"sessions", MaxTxnSessions, func(n int, at func(int) int) Op {
			return &MarkCaching{Sessions: many(n, func(i int) id { return id(at(i)) })}
		}},
		{"unmarked", MaxTxnSessions, func(n int, at func(int) int) Op {
			return &UnmarkCaching{Sessions: many(n, func(i int) id { return id(at(i)) })}
		}},
		{"ended", MaxTxnSessions, func(n int, at func(int) int) Op {
			return &EndSessions{Sessions: many(n, func(i int) id { return id(at(i)) })}
		}},
		{"heard", MaxTxnSessions, func(n int, at func(int) int) Op {
			return &HeardAgain{Sessions: many(n, func(i int) id { return id(at(i)) })}
		}},
		{"silent", MaxTxnSessions, func(n int, at func(int) int) Op {
			return &MarkSilent{Sessions: many(n, func(i int) SilentSession { return SilentSession{id(at(i)), 1} })}
		}},
		{"reaped", MaxTxnReaped, func(n int, at func(int) int) Op {
			return &Reap{Session: 1, Names: many(n, func(i int) cell.Name { return name(at(i)) })}
		}},
		{"holds", MaxTxnDelays, func(n int, at func(int) int) Op {
			return &BreakOverdue{Holds: many(n, func(i int) HoldKey { return HoldKey{name(at(i)), 7} })}
		}},
		{"holds of one name", MaxTxnDelays, func(n int, at func(int) int) Op {
			return &BreakOverdue{Holds: many(n, func(i int) HoldKey { return HoldKey{same(i), uint64(at(i))} })}
		}},
		{"delays", MaxTxnDelays, func(n int, at func(int) int) Op {
			return &EndDelays{Locks: many(n, func(i int) DelayKey { return DelayKey{name(at(i)), 7} })}
		}},
		{"delays of one name", MaxTxnDelays, func(n int, at func(int) int) Op {
			return &EndDelays{Locks: many(n, func(i int) DelayKey { return DelayKey{same(i), uint64(at(i))} })}
		}},
		{"members", cell.MaxMembers, func(n int, at func(int) int) Op {
			return &Bind{Members: many(n, func(i int) cell.Member { return cell.Member{ID: cell.ReplicaID(at(i))} })}
		}},
	} {
		as := func(i int) int { return i }
		require.Empty(t, x.op(x.most, as).Invalid(), x.what)
		require.NotEmpty(t, x.op(x.most+1, as).Invalid(), x.what)
		require.NotEmpty(t, x.op(2, func(i int) int { return 3 - i }).Invalid(), "%s fall", x.what)
		require.NotEmpty(t, x.op(2, func(int) int { return 1 }).Invalid(), "%s twice", x.what)
		require.NotEmpty(t, x.op(3, func(i int) int { return max(i, 2) }).Invalid(), "%s twice, behind another", x.what)
	}
	falling := []DelayKey{{name(1), 9}, {name(2), 1}}
	require.Empty(t, (&EndDelays{Locks: falling}).Invalid(), "each name's tokens rise by themselves")
	require.Empty(t, (&BreakOverdue{Holds: []HoldKey{{name(1), 9}, {name(2), 1}}}).Invalid())
	names := Txn{Names: many(MaxTxnNames, name), Op: &Marker{}}
	require.Empty(t, names.Invalid())
	names.Names = many(MaxTxnNames+1, name)
	require.NotEmpty(t, names.Invalid())
}

// A text may be as long as its limit and no longer; so may a lease, and neither a lease nor a rest is 0.
func TestB2_B5_EveryTextAndLengthHasALimit(t *testing.T) {
	birth := func(admin string) *Birth {
		return &Birth{Cell: "a", Members: single, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(), Format: 1,
			Admin: admin}
	}
	key := [32]byte{1}
	for what, op := range map[string]func(s string) Op{
		"admin":     func(s string) Op { return birth(s) },
		"client":    func(s string) Op { return &Bind{Members: cell.Members{{ID: 1, Client: s}}} },
		"peer":      func(s string) Op { return &Bind{Members: cell.Members{{ID: 1, Peer: s}}} },
		"http":      func(s string) Op { return &Bind{Members: cell.Members{{ID: 1, HTTP: s}}} },
		"identity":  func(s string) Op { return &OpenSession{KeyHash: key, Identity: s} },
		"principal": func(s string) Op { return &OpenSession{KeyHash: key, Principal: s} },
		"address":   func(s string) Op { return &OpenSession{KeyHash: key, Address: s} },
		"why":       func(s string) Op { return &EndSessions{Why: s} },
	} {
		require.Empty(t, op(strings.Repeat("x", MaxTextBytes)).Invalid(), what)
		require.NotEmpty(t, op(strings.Repeat("x", MaxTextBytes+1)).Invalid(), what)
	}
	tx := Txn{Session: 4, Call: 1, Op: &call.Delete{Name: "/ls/local/a"}, Principal: strings.Repeat("x", MaxTextBytes)}
	require.Empty(t, tx.Invalid())
	tx.Principal += "x"
	require.NotEmpty(t, tx.Invalid())
	const day = 24 * 3600e9
	require.Empty(t, (&Allow{SessionLease: day, CacheLease: day}).Invalid())
	require.NotEmpty(t, (&Allow{SessionLease: day + 1, CacheLease: day}).Invalid())
	require.NotEmpty(t, (&Allow{SessionLease: day, CacheLease: day + 1}).Invalid())
	require.Empty(t, (&MarkSilent{Sessions: []SilentSession{{1, 1}}}).Invalid())
	require.NotEmpty(t, (&MarkSilent{Sessions: []SilentSession{{1, 0}}}).Invalid())
	require.NotEmpty(t, (&MarkSilent{Sessions: []SilentSession{{1, -1}}}).Invalid())
	require.Empty(t, (&Marker{From: Place{Part: parts - 1}}).Invalid())
	require.NotEmpty(t, (&Marker{From: Place{Part: parts}}).Invalid())
}
