package tree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Invalid says why the transaction is nonsense, whatever the tree holds, or "". The master asks
// it at its gate, by Decode; Apply asks it again and refuses (B5).
func (t *Txn) Invalid() string {
	if t.Op == nil {
		return "a transaction without an op"
	}
	if _, client := t.Op.(call.Op); client {
		if t.Session == 0 || t.Call == 0 || t.Acked >= t.Call {
			return "a client's call needs a session, and a number above its acked mark"
		}
		if len(t.Principal) > MaxTextBytes {
			return over("principal", MaxTextBytes, len(t.Principal))
		}
	} else if t.Session != 0 || t.Call != 0 || t.Acked != 0 || t.Principal != "" {
		return "an op of the master's own belongs to no session"
	}
	if len(t.Names) > MaxTxnNames {
		return over("names of a transaction", MaxTxnNames, len(t.Names))
	}
	if !rising(t.Names) {
		return "the transaction's names do not rise"
	}
	return t.Op.Invalid()
}

func over(what string, most, got int) string {
	return (&cell.LimitError{Limit: what, Most: most, Got: got}).Error()
}

func rising(names []cell.Name) bool {
	for i := 1; i < len(names); i++ {
		if names[i-1] >= names[i] {
			return false
		}
	}
	return true
}

// Invalid: see Op.
func (o *Marker) Invalid() string {
	switch {
	case o.Agreed == 0 && o.Digest != 0:
		return "a digest of no point"
	case o.From.Part >= parts:
		return fmt.Sprintf("the tree has no part %d", o.From.Part)
	}
	return ""
}

// Invalid: see Op.
func (o *Raise) Invalid() string {
	if o.Format == 0 {
		return "format 0"
	}
	return ""
}

// Invalid: see Op.
func (o *Birth) Invalid() string {
	if _, err := cell.RootName(o.Cell); err != nil {
		return err.Error()
	}
	if strings.Contains(o.Cell, "/") {
		return "a cell's name has no slash"
	}
	if o.Format == 0 {
		return "format 0"
	}
	if len(o.Admin) > MaxTextBytes {
		return over("admin", MaxTextBytes, len(o.Admin))
	}
	if why := (cell.Settings{Lengths: o.Lengths, Limits: o.Limits}).Invalid(); why != "" {
		return why
	}
	return badMembers(o.Members)
}

// Invalid: see Op.
func (o *Bind) Invalid() string { return badMembers(o.Members) }

func badMembers(m cell.Members) string {
	if len(m) == 0 || len(m) > cell.MaxMembers {
		return fmt.Sprintf("a list of %d members: 1 to %d are allowed", len(m), cell.MaxMembers)
	}
	for i, x := range m {
		if x.ID == 0 || i > 0 && m[i-1].ID >= x.ID {
			return "member ids do not rise from 1"
		}
		if longest := max(len(x.Client), len(x.Peer), len(x.HTTP)); longest > MaxTextBytes {
			return over("address", MaxTextBytes, longest)
		}
	}
	return ""
}

// Invalid: see Op.
func (o *OpenSession) Invalid() string {
	if o.KeyHash == ([32]byte{}) {
		return "the hash of the session's key is zero"
	}
	if longest := max(len(o.Identity), len(o.Principal), len(o.Address)); longest > MaxTextBytes {
		return over("identity", MaxTextBytes, longest)
	}
	return ""
}

// Invalid: see Op.
func (o *MarkCaching) Invalid() string { return badSessions(o.Sessions) }

// Invalid: see Op.
func (o *UnmarkCaching) Invalid() string { return badSessions(o.Sessions) }

// Invalid: see Op.
func (o *EndSessions) Invalid() string {
	if len(o.Why) > MaxTextBytes {
		return over("why", MaxTextBytes, len(o.Why))
	}
	return badSessions(o.Sessions)
}

func badSessions(ids []cell.SessionID) string {
	if len(ids) > MaxTxnSessions {
		return over("sessions of a transaction", MaxTxnSessions, len(ids))
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		return "the session ids do not rise"
	}
	return ""
}

// Invalid: see Op.
func (o *Reap) Invalid() string {
	switch {
	case o.Session == 0:
		return "no session"
	case len(o.Names) > MaxTxnReaped:
		return over("ephemerals of a transaction", MaxTxnReaped, len(o.Names))
	case !rising(o.Names):
		return "the ephemerals' names do not rise"
	}
	return ""
}

// Invalid: see Op.
func (o *Quit) Invalid() string {
	if o.Session == 0 {
		return "no session"
	}
	return ""
}

// Invalid: see Op.
func (o *BreakOverdue) Invalid() string {
	if len(o.Holds) > MaxTxnDelays {
		return over("holds of a transaction", MaxTxnDelays, len(o.Holds))
	}
	for i := 1; i < len(o.Holds); i++ {
		a, b := o.Holds[i-1], o.Holds[i]
		if a.Name > b.Name || a.Name == b.Name && a.Hold >= b.Hold {
			return "the holds do not rise"
		}
	}
	return ""
}

// Invalid: see Op.
func (o *EndDelays) Invalid() string {
	if len(o.Locks) > MaxTxnDelays {
		return over("lock-delays of a transaction", MaxTxnDelays, len(o.Locks))
	}
	for i := 1; i < len(o.Locks); i++ {
		a, b := o.Locks[i-1], o.Locks[i]
		if a.Name > b.Name || a.Name == b.Name && a.Token >= b.Token {
			return "the lock-delays do not rise"
		}
	}
	return ""
}

// Invalid: see Op.
func (o *Allow) Invalid() string {
	const most = 24 * 3600e9
	if o.SessionLease <= 0 || o.CacheLease <= 0 || o.SessionLease > most || o.CacheLease > most {
		return "a lease that may be running lies between 0 and 24h"
	}
	return ""
}

// Invalid: see Op.
func (o *MarkSilent) Invalid() string {
	for _, s := range o.Sessions {
		if s.Rest <= 0 {
			return "no rest of a lease"
		}
	}
	return badSessions(sessionsOf(o.Sessions))
}

// Invalid: see Op.
func (o *HeardAgain) Invalid() string { return badSessions(o.Sessions) }
