package check

import (
	"slices"
	"sort"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Feed is every change of the history, in its order: what subscriptions are compared with.
type Feed struct {
	all    []call.Event
	byName map[cell.Name][]int // where the changes of a name stand
}

// NewFeed is empty.
func NewFeed() *Feed { return &Feed{byName: map[cell.Name][]int{}} }

// Add takes the next change.
func (f *Feed) Add(c call.Event) {
	if c.Kind != call.EventChildren && c.Kind != call.EventACL {
		f.byName[c.Name] = append(f.byName[c.Name], len(f.all))
	}
	f.all = append(f.all, c)
}

// after is where the first change after z stands.
func (f *Feed) after(z cell.Zxid) int {
	return sort.Search(len(f.all), func(i int) bool { return f.all[i].Zxid > z })
}

// at is how a node stood at z: by its last change up to then, nil when it was not there.
func (f *Feed) at(name cell.Name, z cell.Zxid) *call.Event {
	mine := f.byName[name]
	n := sort.Search(len(mine), func(i int) bool { return f.all[mine[i]].Zxid > z })
	if n == 0 || f.all[mine[n-1]].Kind == call.EventDeleted {
		return nil
	}
	return &f.all[mine[n-1]]
}

// there are the names in scope that stood at z, rising.
func (f *Feed) there(s Scope, z cell.Zxid) []cell.Name {
	var names []cell.Name
	for name := range f.byName {
		if s.has(name, call.EventCreated) && f.at(name, z) != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Scope is what a subscription tells of: one name, or with Children or Recursive those below it, too.
type Scope struct {
	Name                cell.Name
	Children, Recursive bool
}

// has reports whether a change of kind at name is in scope.
func (s Scope) has(name cell.Name, kind call.EventKind) bool {
	parent, below := name.Parent()
	switch kind {
	case call.EventChildren:
		return name == s.Name && !s.Children && !s.Recursive
	case call.EventCreated, call.EventModified, call.EventACL, call.EventDeleted:
		return name == s.Name || s.Recursive && s.Name.Covers(name) || s.Children && below && parent == s.Name
	}
	return false
}
