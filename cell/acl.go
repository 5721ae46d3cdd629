package cell

import (
	"fmt"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ACL names the three access control lists of a node. Each is the last component of a node
// /ls/CELL/acl/NAME that lists principals, or one of the two that need no node. A node is made with
// those of its parent. Where an ACL is asked for, "" leaves that name as it is.
type ACL struct {
	Read   string // contents, metadata, names of the children, events
	Write  string // contents, children, the lock in either mode
	Change string // these names
}

// The ACLs that every cell has. Everybody lists everybody, for good. Administrators may do everything
// to every node, and what an operator does; without a node of that name there is one, whom the cell's
// birth record names.
const (
	Everybody      = "everybody"
	Administrators = "admin"
)

// ACLDirectory is the node below which a cell's ACLs are.
func ACLDirectory(cellName string) Name { return Name("/ls/" + cellName + "/acl") }

// Invalid says which name cannot be that of an ACL and why, or "".
func (a ACL) Invalid() string {
	for _, n := range []string{a.Read, a.Write, a.Change} {
		if n == "" {
			continue
		}
		if why := badComponent(n); why != "" || strings.Contains(n, "/") {
			return fmt.Sprintf("%q is no name of an ACL: it is the last component of a name below /ls/CELL/acl", n)
		}
	}
	return ""
}

// With is a with the names that b has.
func (a ACL) With(b ACL) ACL {
	for _, x := range []struct {
		to   *string
		from string
	}{{&a.Read, b.Read}, {&a.Write, b.Write}, {&a.Change, b.Change}} {
		if x.from != "" {
			*x.to = x.from
		}
	}
	return a
}

// Rights are a set of what somebody may do to a node.
type Rights uint8

// The rights. The numbers are part of the format.
const (
	MayRead Rights = 1 << iota
	MayWrite
	MayChange
	MayAdminister // everything to every node, and what operators do

	allRights = MayRead | MayWrite | MayChange | MayAdminister
)

// Valid reports whether r is a set of those above.
func (r Rights) Valid() bool { return r&^allRights == 0 }

// String has the words of the rights, in their order, with commas; "none" for none.
func (r Rights) String() string {
	var words []string
	for i, w := range []string{"read", "write", "change", "admin"} {
		if r&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ",")
}

// Principals are whom an ACL lists. The zero Principals are nobody.
type Principals struct {
	everybody bool
	some      map[string]bool
}

// MaxPrincipalBytes is how long a principal may be.
const MaxPrincipalBytes = 512

// ParsePrincipals reads the contents of an ACL: a principal a line, as cellctl session ls shows it;
// * alone is everybody; a line that begins with # is a comment, an empty one is nothing, and spaces
// around a principal do not count. Errors wrap ErrUsage and name the line.
func ParsePrincipals(contents []byte) (Principals, error) {
	var p Principals
	for i, line := range strings.Split(string(contents), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line == "*":
			p.everybody = true
			continue
		}
		if why := badPrincipal(line); why != "" {
			return Principals{}, fmt.Errorf("%w: line %d of an ACL: %s", ErrUsage, i+1, why)
		}
		if p.some == nil {
			p.some = map[string]bool{}
		}
		p.some[line] = true
	}
	return p, nil
}

func badPrincipal(s string) string {
	switch {
	case len(s) > MaxPrincipalBytes:
		return fmt.Sprintf("a principal of %d bytes; %d are allowed", len(s), MaxPrincipalBytes)
	case !utf8.ValidString(s):
		return "it is not valid UTF-8"
	case strings.IndexFunc(s, unicode.IsControl) >= 0:
		return "it has a control character"
	case strings.Contains(s, "*"):
		return "* stands for everybody, on a line of its own; there are no patterns"
	}
	return ""
}

// OnlyPrincipal is a list of one.
func OnlyPrincipal(principal string) Principals {
	return Principals{some: map[string]bool{principal: true}}
}

// Equal reports whether both list the same.
func (p Principals) Equal(o Principals) bool {
	return p.everybody == o.everybody && maps.Equal(p.some, o.some)
}

// Has reports whether the principal is listed.
func (p Principals) Has(principal string) bool { return p.everybody || p.some[principal] }

// None reports whether nobody is listed.
func (p Principals) None() bool { return !p.everybody && len(p.some) == 0 }
