package cell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a name that every cell shares; they are part of the name's grammar.
const (
	MaxNameBytes      = 1024
	MaxNameDepth      = 64
	MaxComponentBytes = 255
)

// Name is a valid absolute name: /ls/CELL or /ls/CELL/a/b. It comes from ParseName only
// (or is derived from one that did).
type Name string

// RootName is the name of a cell's root node, always there, never deleted.
func RootName(cellName string) (Name, error) { return ParseName("/ls/" + cellName) }

// ParseName checks s against the grammar of names. Every error wraps ErrBadName and says
// what is wrong and what is allowed.
func ParseName(s string) (Name, error) {
	if len(s) > MaxNameBytes {
		return "", badName(s[:64]+"…", fmt.Sprintf("%d bytes long; %d are allowed", len(s), MaxNameBytes))
	}
	rest, ok := strings.CutPrefix(s, "/ls/")
	if !ok {
		return "", badName(s, "a name begins with /ls/CELL")
	}
	if depth := strings.Count(rest, "/") + 1; depth > MaxNameDepth {
		return "", badName(s, fmt.Sprintf("%d components deep; %d are allowed", depth, MaxNameDepth))
	}
	for more := true; more; {
		var p string
		p, rest, more = strings.Cut(rest, "/")
		if why := badComponent(p); why != "" {
			return "", badName(s, why)
		}
	}
	return Name(s), nil
}

func badName(s, why string) error { return fmt.Errorf("%w %q: %s", ErrBadName, s, why) }

func badComponent(p string) string {
	switch {
	case p == "":
		return "it has an empty component (a slash too many, or one at the end)"
	case p == "." || p == "..":
		return "components . and .. are not allowed"
	case len(p) > MaxComponentBytes:
		return fmt.Sprintf("a component is %d bytes long; %d are allowed", len(p), MaxComponentBytes)
	case printable(p): // nearly all
		return ""
	case !utf8.ValidString(p):
		return "it is not valid UTF-8"
	case strings.IndexFunc(p, unicode.IsControl) >= 0:
		return "it has a control character"
	}
	return ""
}

// printable reports whether p is ASCII without control characters.
func printable(p string) bool {
	for i := range len(p) {
		if p[i] < ' ' || p[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Cell is the CELL in /ls/CELL/….
func (n Name) Cell() string {
	c, _, _ := strings.Cut(string(n[len("/ls/"):]), "/")
	return c
}

// IsRoot reports whether n is /ls/CELL.
func (n Name) IsRoot() bool { return strings.IndexByte(string(n[len("/ls/"):]), '/') < 0 }

// Parent is the name above n; the root has none.
func (n Name) Parent() (Name, bool) {
	if n.IsRoot() {
		return "", false
	}
	return n[:strings.LastIndexByte(string(n), '/')], true
}

// Base is the last component.
func (n Name) Base() string { return string(n[strings.LastIndexByte(string(n), '/')+1:]) }

// Child is the name of n's child; errors as ParseName's.
func (n Name) Child(component string) (Name, error) {
	if strings.IndexByte(component, '/') >= 0 {
		return "", badName(string(n)+"/"+component, "a component has no slash")
	}
	return ParseName(string(n) + "/" + component)
}

// Covers reports whether m is n or lies below it.
func (n Name) Covers(m Name) bool {
	return strings.HasPrefix(string(m), string(n)) && (len(m) == len(n) || m[len(n)] == '/')
}

// Depth is the number of components, the cell's own included: 1 for the root.
func (n Name) Depth() int { return strings.Count(string(n), "/") - 1 }
