package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// CheckWords finds goroutines and channels in the pure floors, and instants in the tree.
func CheckWords(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		if !pure(f.Dir()) {
			continue
		}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if word := banned(n); word != "" {
				found = append(found, Finding{h.At(n), "says " + word + ": goroutines and channels live in the hosts" +
					" (floors 5 and up); a machine is one function from state and input to effects"})
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && f.Dir() == "replica/tree" && names(sel, "lease", "Instant") {
				found = append(found, Finding{h.At(n), "the tree knows durations, never instants (Z17)"})
			}
			return true
		})
	}
	return found
}

func banned(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go"
	case *ast.SelectStmt:
		return "select"
	case *ast.ChanType:
		return "chan"
	case *ast.SendStmt:
		return "<-"
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "<-"
		}
	}
	return ""
}

// names reports whether e is pkg.name.
func names(e ast.Expr, pkg, name string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg && sel.Sel.Name == name
}

// CheckSleeps finds tests that wait for real time to pass. In a bubble of testing/synctest it is
// not real time.
func CheckSleeps(h *House) []Finding {
	var found []Finding
	for _, f := range h.Code() {
		if !f.Test() || slices.Contains(f.Imports(), "testing/synctest") {
			continue
		}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if e, ok := n.(*ast.SelectorExpr); ok && names(e, "time", "Sleep") {
				found = append(found, Finding{h.At(n), "a test that sleeps is slow when it passes and wrong when" +
					" the machine is busy: wait for the thing itself"})
			}
			return true
		})
	}
	return found
}

// CheckSentinels finds error values at package level outside the one catalogue. Nobody compares
// those of a tool.
func CheckSentinels(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		if f.Dir() == "cell" || within(f.Dir(), "tools") {
			continue
		}
		for _, decl := range f.Syntax.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			found = append(found, h.sentinels(d)...)
		}
	}
	return found
}

func (h *House) sentinels(d *ast.GenDecl) []Finding {
	var found []Finding
	for _, s := range d.Specs {
		for _, v := range s.(*ast.ValueSpec).Values {
			call, ok := v.(*ast.CallExpr)
			if ok && (names(call.Fun, "errors", "New") || names(call.Fun, "fmt", "Errorf")) {
				found = append(found, Finding{h.At(s), "an error that callers compare with belongs in cell/errors.go," +
					" the one catalogue: its code and exit status are decided there"})
			}
		}
	}
	return found
}

// strayWords are references that mean nothing to a stranger, put together here so that this
// file does not hold them itself.
var strayWords = []string{"../" + "shared"}

// CheckStray finds references to places that are not in the repository.
func CheckStray(h *House) []Finding {
	var found []Finding
	for _, f := range h.Files {
		for _, w := range strayWords {
			if strings.Contains(f.Text, w) {
				found = append(found, Finding{f.Path, "speaks of " + w + ", which no reader of the repository has"})
			}
		}
	}
	return found
}
