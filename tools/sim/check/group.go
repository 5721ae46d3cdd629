package check

import (
	"fmt"
	"slices"
	"strings"
)

// Member is one member of a group, by the zxid of its coming.
type Member struct {
	ID     string
	Joined uint64
}

// Group checks what those are told who follow a group: what it was, in the order in which it was so,
// and in the end what it is (C9).
type Group struct {
	court    *Court
	now      []Member // sorted by ID
	states   []string // all that it ever was
	watchers []*GroupWatcher
}

// NewGroup is empty.
func NewGroup(c *Court) *Group { return &Group{court: c, states: []string{""}} }

// Joined says that the history let somebody in.
func (g *Group) Joined(m Member) {
	at, _ := slices.BinarySearchFunc(g.now, m, byID)
	g.now = slices.Insert(g.now, at, m)
	g.states = append(g.states, shown(g.now))
}

// Left says that the history let somebody out.
func (g *Group) Left(id string) {
	g.now = slices.DeleteFunc(g.now, func(m Member) bool { return m.ID == id })
	g.states = append(g.states, shown(g.now))
}

func byID(a, b Member) int { return strings.Compare(a.ID, b.ID) }

func shown(all []Member) string {
	text := ""
	for _, m := range all {
		text += fmt.Sprintf("%s since %d; ", m.ID, m.Joined)
	}
	return text
}

// GroupWatcher is one who follows the group.
type GroupWatcher struct {
	group *Group
	who   int
	away  func() bool
	all   []Member // by what left and joined
	told  bool
	at    int // which of the states it was told last
}

// Watch says that somebody begins to follow the group; who is away need not know how it ends.
func (g *Group) Watch(who int, away func() bool) *GroupWatcher {
	w := &GroupWatcher{group: g, who: who, away: away}
	g.watchers = append(g.watchers, w)
	return w
}

// End says that it follows no more.
func (w *GroupWatcher) End() {
	w.group.watchers = slices.DeleteFunc(w.group.watchers, func(x *GroupWatcher) bool { return x == w })
}

// Told says what it was told.
func (w *GroupWatcher) Told(left, joined, all []Member) {
	w.told = true
	for _, m := range left {
		at := slices.Index(w.all, m)
		if at < 0 {
			w.group.court.Fail("C9", "client %d was told that %v left, who was not in", w.who, m)
			return
		}
		w.all = slices.Delete(w.all, at, at+1)
	}
	w.all = append(w.all, joined...)
	slices.SortFunc(w.all, byID)
	is := shown(all)
	if shown(w.all) != is {
		w.group.court.Fail("C9", "client %d was told of comings and goings that make %q of the group %q", w.who,
			shown(w.all), is)
		return
	}
	next := slices.Index(w.group.states[w.at:], is)
	if next < 0 {
		w.group.court.Fail("C9", "client %d was told that the group is %q, which it was not after %q", w.who, is,
			w.group.states[w.at])
		return
	}
	w.at += next
}

// Owes says who has not been told what the group is now; "" when all have.
func (g *Group) Owes() string {
	for _, w := range g.watchers {
		if is := shown(g.now); !w.away() && (!w.told || shown(w.all) != is) {
			return fmt.Sprintf("client %d was told that the group is %q, and it is %q", w.who, shown(w.all), is)
		}
	}
	return ""
}
