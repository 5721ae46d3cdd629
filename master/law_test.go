package master

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// law is who may do what, as obvious as can be: what is in the cell as maps of plain strings, and a
// decision that looks everything up anew.
type law struct {
	contents map[string]string
	acl      map[string]cell.ACL
}

func newLaw() *law {
	return &law{contents: map[string]string{"/ls/x": ""},
		acl: map[string]cell.ACL{"/ls/x": {Read: "everybody", Write: "everybody", Change: "admin"}}}
}

func (l *law) clone() *law {
	c := newLaw()
	for n := range l.contents {
		c.contents[n], c.acl[n] = l.contents[n], l.acl[n]
	}
	return c
}

func (l *law) admin(who string) bool {
	if list, ok := l.contents["/ls/x/acl/admin"]; ok {
		return listed(list, who)
	}
	return who == "anonymous"
}

func listed(list, who string) bool {
	for _, line := range strings.Split(list, "\n") {
		if line == who || line == "*" {
			return true
		}
	}
	return false
}

func (l *law) in(acl, who string) bool {
	list, ok := l.contents["/ls/x/acl/"+acl]
	return l.admin(who) || acl == "everybody" || ok && listed(list, who)
}

func (l *law) reads(who, n string) bool   { return l.in(l.acl[n].Read, who) }
func (l *law) writes(who, n string) bool  { return l.in(l.acl[n].Write, who) }
func (l *law) changes(who, n string) bool { return l.in(l.acl[n].Change, who) }
func (l *law) sees(who, n string) bool    { return l.reads(who, n) || l.writes(who, n) }
func (l *law) there(n string) bool        { _, ok := l.contents[n]; return ok }

func above(n string) string { return n[:strings.LastIndexByte(n, '/')] }

// deepest is the nearest ancestor that is there.
func (l *law) deepest(n string) string {
	for n = above(n); !l.there(n); n = above(n) {
	}
	return n
}

// makes: what is missing is made by who writes the nearest ancestor; the directory of the ACLs by
// administrators.
func (l *law) makes(who, n string) bool {
	d := l.deepest(n)
	if d == "/ls/x" && strings.HasPrefix(n+"/", "/ls/x/acl/") {
		return l.admin(who)
	}
	return l.writes(who, d)
}

// allows is whether who may do it, or ask it.
func (l *law) allows(who string, asked any) bool {
	onNode := func(n string, may func(string, string) bool, made bool) bool {
		switch {
		case l.there(n):
			return may(who, n)
		case made:
			return l.makes(who, n)
		}
		return l.sees(who, l.deepest(n))
	}
	switch o := asked.(type) {
	case *call.Create:
		switch o.Name {
		case "/ls/x":
			return true // it is there already
		case "/ls/x/acl":
			return l.admin(who)
		}
		parent := above(o.Name)
		return onNode(parent, l.writes, true) && l.proves(who, o.IfHeld)
	case *call.Write:
		return onNode(string(o.Name), l.writes, o.OrCreate) && l.proves(who, o.IfHeld)
	case *call.Acquire:
		return onNode(string(o.Name), l.writes, o.Create)
	case *call.Delete:
		if o.Name == "/ls/x" {
			return false // by nobody
		}
		return onNode(string(o.Name), l.writes, false) && onNode(above(string(o.Name)), l.writes, false) &&
			l.proves(who, o.IfHeld)
	case *call.SetACL:
		return onNode(string(o.Name), l.changes, false) && l.proves(who, o.IfHeld)
	case *call.Check:
		return onNode(string(o.Name), l.reads, false)
	case *call.CheckSequencer:
		return l.proves(who, &o.Sequencer)
	case *call.Read:
		return onNode(string(o.Name), l.reads, false)
	case *call.List:
		return onNode(string(o.Name), l.reads, false)
	case *call.Break, *call.Kill, *call.Set, *call.StepDown:
		return l.admin(who)
	}
	return true
}

func (l *law) proves(who string, q *cell.Sequencer) bool {
	if q == nil {
		return true
	}
	if n := string(q.Name); l.there(n) {
		return l.sees(who, n)
	}
	return l.sees(who, l.deepest(string(q.Name)))
}

// follows takes up what was done.
func (l *law) follows(op any) {
	switch o := op.(type) {
	case *call.Create:
		l.puts(o.Name, string(o.Contents))
	case *call.Write:
		l.puts(string(o.Name), string(o.Contents))
	case *call.Acquire:
		if !l.there(string(o.Name)) {
			l.puts(string(o.Name), "")
		}
	case *call.Delete:
		delete(l.contents, string(o.Name))
		delete(l.acl, string(o.Name))
	case *call.SetACL:
		l.acl[string(o.Name)] = l.acl[string(o.Name)].With(o.ACL)
	case *call.Txn:
		for _, p := range o.Parts {
			l.follows(p)
		}
	}
}

func (l *law) puts(n, contents string) {
	if !l.there(n) {
		if d := above(n); !l.there(d) {
			l.puts(d, "")
		}
		l.acl[n] = l.acl[above(n)]
		if n == "/ls/x/acl" {
			l.acl[n] = cell.ACL{Read: "everybody", Write: "admin", Change: "admin"}
		}
	}
	l.contents[n] = contents
}
