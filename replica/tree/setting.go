package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// decideSet refuses what is no setting, and values that make no sense with the others.
func (t *Tree) decideSet(o *call.Set) error {
	if is, _ := cell.IsQuotaKey(o.Key); is {
		return t.decideQuota(o)
	}
	s, err := cell.FindSetting(o.Key)
	if err != nil {
		return err
	}
	if why := s.With(t.Settings(), o.Value).Invalid(); why != "" {
		return fmt.Errorf("%w: %s", cell.ErrUsage, why)
	}
	return nil
}

// set changes one setting. A longer lease may be running from now on; a shorter one counts for what
// is granted from now on, and what was granted before is remembered until it has ended (L3, L6).
func (t *Tree) set(a *Applied, o *call.Set) {
	if is, _ := cell.IsQuotaKey(o.Key); is {
		t.setQuota(o.Key, o.Value)
		return
	}
	s, err := cell.FindSetting(o.Key)
	cell.Assert(err == nil, "a setting %q that was found before", o.Key)
	next := s.With(t.Settings(), o.Value)
	t.lengths, t.limits, a.Settings = next.Lengths, next.Limits, true
	t.granted.SessionLease = max(t.granted.SessionLease, t.lengths.SessionLease)
	t.granted.CacheLease = max(t.granted.CacheLease, t.lengths.CacheLease)
}

// decideAllow refuses to count with less than what is granted.
func (t *Tree) decideAllow(o *Allow) error {
	if cell.Span(o.SessionLease) < t.lengths.SessionLease || cell.Span(o.CacheLease) < t.lengths.CacheLease {
		return fmt.Errorf("%w: leases of %v and %v are granted", cell.ErrConflict, t.lengths.SessionLease,
			t.lengths.CacheLease)
	}
	return nil
}

func sessionsOf(all []SilentSession) []cell.SessionID {
	var ids []cell.SessionID
	for _, s := range all {
		ids = append(ids, s.Session)
	}
	return ids
}

func (t *Tree) markSilent(o *MarkSilent) {
	for _, s := range o.Sessions {
		t.setRest(s.Session, int64(s.Rest))
	}
}

func (t *Tree) heardAgain(o *HeardAgain) {
	for _, id := range o.Sessions {
		t.setRest(id, 0)
	}
}

// setRest writes down what is left of a silent session's lease; 0: it is not silent.
func (t *Tree) setRest(id cell.SessionID, rest int64) {
	if x := t.session(id); x != nil && !x.ended && x.rest != rest {
		x = t.ownSession(id)
		x.rest = rest
		t.keepSession(x)
	}
}
