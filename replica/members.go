package replica

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica/quorum"
)

// wishFor is how long a change of members is pursued after it was asked for last.
const wishFor = 10 * lease.Second

// members is what this replica does about the list of members beside obeying it (Z15).
type members struct {
	wish    *call.Replace // asked for, and not done; at a master only
	until   lease.Instant // nobody asks for it any more
	leaves  string        // why the mastership is handed over at the end of this Step; or ""
	bound   cell.Members  // proposed by this master last
	told    told          // what the host was told of
	stale   bool          // the tree's list may be another than shown
	shown   cell.Members  // the tree's list that the log was told of
	differs string        // the warning that the file differs, as it was given last
}

// told is the state in which the host was told to whom links are wanted.
type told struct {
	newest  uint64
	settled bool
	wish    *call.Replace
	ever    bool
}

// replace answers who asks for a change of members. The answer is no promise: it is asked again.
func (r *Replica) replace(at Moment, x FromClient, q *call.Query, a *call.Replace, eff *Effects) {
	reply := &call.QueryReply{Epoch: r.began, Number: q.Number, Zxid: r.tree.Mark().Zxid}
	wish := r.members.wish
	answer, err := r.consider(at.Now, x.Principal, a)
	if err != nil {
		f := call.Fail(err)
		reply.Code, reply.Message = f.Code, f.Message
	}
	if wish != r.members.wish || err != nil {
		r.noteReplace(at, x, a, reply, eff)
	}
	reply.Replaced = answer
	eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream, Msg: reply})
}

// consider takes a change of members up, or refuses it with the reason.
func (r *Replica) consider(now lease.Instant, principal string, a *call.Replace) (*call.ReplaceReply, error) {
	if !r.Holds(now) || !r.tree.Born() {
		return nil, fmt.Errorf("%w: the mastership does not hold here now", cell.ErrNoMaster)
	}
	if err := r.tree.Permit(principal, a); err != nil {
		return nil, err
	}
	list := r.tree.Members()
	if r.replaced(list, a) {
		r.members.wish = nil
		return &call.ReplaceReply{Done: true}, nil
	}
	if err := refused(list, a); err != nil {
		return nil, err
	}
	m := &r.members
	if m.wish != nil && *m.wish != *a {
		return nil, fmt.Errorf("%w: one change at a time: replica %d is being replaced by replica %d",
			cell.ErrConflict, m.wish.Old, m.wish.New.ID)
	}
	if m.wish == nil {
		wish := *a
		m.wish = &wish
	}
	m.until = now.Add(wishFor)
	if err := r.endangers(list, a); err != nil {
		m.wish = nil
		return nil, err
	}
	return &call.ReplaceReply{Why: r.waits(a)}, nil
}

// replaced reports whether the committed list is as a wants it. Of a replica that takes its own place
// the directory that serves now is wanted.
func (r *Replica) replaced(list cell.Members, a *call.Replace) bool {
	m, ok := list.Find(a.New.ID)
	want := a.New
	want.Incarnation = m.Incarnation
	if !ok || m != want {
		return false
	}
	if a.Old == a.New.ID {
		return m.ID == r.config.Core.ID || r.core.Serves(m)
	}
	_, there := list.Find(a.Old)
	return !there
}

// refused says what is wrong with a change whatever its replicas do.
func refused(list cell.Members, a *call.Replace) error {
	if _, ok := list.Find(a.Old); !ok {
		return fmt.Errorf("%w: replica %d is not a member: those are %s", cell.ErrNotFound, a.Old, ids(list))
	}
	if _, ok := list.Find(a.New.ID); ok && a.New.ID != a.Old {
		return fmt.Errorf("%w: replica %d is a member already: give the new one an id of its own",
			cell.ErrExists, a.New.ID)
	}
	for _, m := range list.Without(a.Old) {
		for _, x := range []string{a.New.Client, a.New.Peer, a.New.HTTP} {
			if x == m.Client || x == m.Peer || x == m.HTTP {
				return fmt.Errorf("%w: %s is an address of replica %d", cell.ErrExists, x, m.ID)
			}
		}
	}
	return nil
}

// endangers refuses a change for which the newcomer would be needed at once: the members that serve and
// stay must be a quorum without it, or its next failure would end the cell.
func (r *Replica) endangers(list cell.Members, a *call.Replace) error {
	var have cell.Members
	stay := list.Without(a.Old)
	if a.Old == a.New.ID && a.Old == r.config.Core.ID {
		stay = list // it only moves
	}
	for _, m := range stay {
		if r.core.Serves(m) {
			have = have.With(m)
		}
	}
	if need := quorum.Majority(len(list)); len(have) < need {
		return fmt.Errorf("%w: refused: of the members beside replica %d only %d serve (%s), and a quorum is %d: "+
			"replace one that is away first, or bring it back", cell.ErrConflict, a.Old, len(have), ids(have), need)
	}
	return nil
}

// waits says what keeps a change from being made now; "" when nothing does.
func (r *Replica) waits(a *call.Replace) string {
	if r.core.Changing() || r.changes() {
		return "a change of members is on its way"
	}
	inc, why := r.core.Ready(a.New.ID)
	old, _ := r.tree.Members().Find(a.Old)
	switch {
	case a.New.ID == r.config.Core.ID: // it only moves
		return ""
	case why != "" && r.away[a.New.ID] != "":
		return why + ": " + r.away[a.New.ID]
	case why != "":
		return why
	case a.Old == a.New.ID && inc != old.Incarnation && !r.core.Silent(old):
		return fmt.Sprintf("the old directory of replica %d was heard a moment ago", a.Old)
	case a.Old == r.config.Core.ID:
		return fmt.Sprintf("replica %d is master: it hands over first", a.Old)
	}
	return ""
}

// changes reports whether a list that this master has proposed is not applied yet.
func (r *Replica) changes() bool {
	m := &r.members
	if m.bound != nil && m.bound.Equal(r.tree.Members()) {
		m.bound = nil
	}
	return m.bound != nil
}

// reshape is the member list to log now: the one that was asked for, or with the directory that
// has taken the place of one that fell silent (Z11). A master that is to be replaced hands over.
func (r *Replica) reshape(at Moment) (cell.Members, bool) {
	m := &r.members
	if m.wish != nil && at.Now >= m.until {
		m.wish = nil
	}
	if r.master == nil || !r.tree.Born() || r.core.Changing() || r.changes() || r.check.raising || !r.Holds(at.Now) {
		return nil, false
	}
	list := r.tree.Members()
	if a := m.wish; a != nil && !r.replaced(list, a) && refused(list, a) == nil && r.endangers(list, a) == nil {
		return r.swap(list, a)
	}
	for _, x := range r.core.Unbound() {
		if _, ok := list.Find(x.ID); ok {
			list = list.With(x)
			return list, true // one at a time
		}
	}
	return nil, false
}

func (r *Replica) swap(list cell.Members, a *call.Replace) (cell.Members, bool) {
	switch why := r.waits(a); {
	case a.Old == r.config.Core.ID && a.New.ID != a.Old:
		if _, notReady := r.core.Ready(a.New.ID); notReady == "" {
			r.members.wish = nil
			r.members.leaves = fmt.Sprintf("replica %d takes its place", a.New.ID)
		}
		return nil, false
	case why != "":
		return nil, false
	}
	x := a.New
	if x.ID == r.config.Core.ID {
		self, _ := list.Find(x.ID)
		x.Incarnation = self.Incarnation
	} else {
		x.Incarnation, _ = r.core.Ready(x.ID)
	}
	return list.Without(a.Old).With(x), true
}

// tellMembers tells the host whom to keep links with, and the log what became of the list.
func (r *Replica) tellMembers(eff *Effects) {
	m := &r.members
	now := told{wish: m.wish, ever: true}
	now.newest, now.settled = r.core.Lists()
	if now != m.told {
		m.told, eff.Links = now, r.core.Links()
		if m.wish != nil {
			eff.Links = eff.Links.With(m.wish.New)
		}
	}
	if m.stale {
		m.stale = false
		r.showMembers(eff)
	}
}

func (r *Replica) showMembers(eff *Effects) {
	m, list := &r.members, r.tree.Members()
	if list.Equal(m.shown) {
		return
	}
	if m.shown != nil {
		eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("members are now %s, they were %s",
			described(list), described(m.shown))})
	}
	m.shown = list
	if why := differs(r.config.Core.Members, list); why != "" && why != m.differs {
		eff.Lines = append(eff.Lines, Line{"warn", why})
		m.differs = why
	}
}

// differs is the warning that the file says other members than the tree, or "".
func differs(file, list cell.Members) string {
	bare := cell.Members{}
	for _, x := range list {
		x.Incarnation = 0
		bare = append(bare, x)
	}
	if bare.Equal(file) {
		return ""
	}
	return "the configuration file names other replicas than the cell, which counts: the file has " + addresses(file) +
		"; the cell has " + addresses(bare)
}

func addresses(list cell.Members) string {
	var all []string
	for _, m := range list {
		all = append(all, fmt.Sprintf("%d (%s, %s, %s)", m.ID, m.Client, m.Peer, m.HTTP))
	}
	return strings.Join(all, ", ")
}

// described names each member with the directory that is bound to it.
func described(list cell.Members) string {
	var all []string
	for _, m := range list {
		all = append(all, fmt.Sprintf("%d (%x)", m.ID, uint64(m.Incarnation)))
	}
	return strings.Join(all, ", ")
}

func ids(list cell.Members) string {
	var all []string
	for _, m := range list {
		all = append(all, fmt.Sprint(m.ID))
	}
	return strings.Join(all, ", ")
}

// asReplace answers a question about the members, wherever the master is: here, or not.
func (r *Replica) asReplace(at Moment, x FromClient, q *call.Query, a *call.Replace, eff *Effects) {
	if r.master == nil {
		r.toMaster(x, eff)
		return
	}
	r.replace(at, x, q, a, eff)
}
