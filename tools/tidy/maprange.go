package tidy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// orderWaiver begins the comment on the line before a loop whose order changes nothing that
// anybody can see. What follows it is the reason.
const orderWaiver = "// order does not matter: "

// CheckMapOrder finds loops over maps in the pure floors: Go's map order is randomness that
// nobody handed in. Allowed are loops that only collect keys which are sorted afterwards,
// slices.Sorted(maps.Keys(m)), and loops with the waiver and its reason.
func CheckMapOrder(h *House) []Finding {
	types := h.typed()
	var found []Finding
	for _, f := range h.Product() {
		if !pure(f.Dir()) {
			continue
		}
		for _, decl := range f.Syntax.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if ok && d.Body != nil {
				found = append(found, h.unordered(f, d, types)...)
			}
		}
	}
	return found
}

const orderReason = "map order is randomness that nobody handed in: go through the sorted keys, or say `" +
	orderWaiver + "WHY` on the line before"

func (h *House) unordered(f *File, d *ast.FuncDecl, info *types.Info) []Finding {
	var found []Finding
	sorted := map[ast.Node]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sorts(n) && len(n.Args) > 0 {
				sorted[n.Args[0]] = true
			}
			if mapIterator(n) && !sorted[n] && !h.waived(f, n) {
				found = append(found, Finding{h.At(n), orderReason})
			}
		case *ast.RangeStmt:
			if overMap(n, info) && !h.waived(f, n) && !collectsForSort(n, d) {
				found = append(found, Finding{h.At(n), orderReason})
			}
		}
		return true
	})
	return found
}

func overMap(r *ast.RangeStmt, info *types.Info) bool {
	t := info.TypeOf(r.X)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func mapIterator(c *ast.CallExpr) bool {
	return names(c.Fun, "maps", "Keys") || names(c.Fun, "maps", "Values") || names(c.Fun, "maps", "All")
}

// sorts reports whether the call puts its first argument into order.
func sorts(c *ast.CallExpr) bool {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && (id.Name == "slices" && strings.HasPrefix(sel.Sel.Name, "Sort") || id.Name == "sort")
}

// waived reports whether the line before n, or n's own, carries the waiver with a reason.
func (h *House) waived(f *File, n ast.Node) bool {
	line := h.Set.Position(n.Pos()).Line
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			at := h.Set.Position(c.Pos()).Line
			why, ok := strings.CutPrefix(c.Text, orderWaiver)
			if ok && len(why) > 8 && (at == line || h.Set.Position(group.End()).Line == line-1) {
				return true
			}
		}
	}
	return false
}

// collectsForSort reports whether the loop does nothing but append to one slice that a later
// statement of the same function sorts.
func collectsForSort(r *ast.RangeStmt, d *ast.FuncDecl) bool {
	slice := ""
	for _, s := range r.Body.List {
		name, ok := appended(s)
		if !ok || slice != "" && slice != name {
			return false
		}
		slice = name
	}
	later := false
	ast.Inspect(d, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if ok && c.Pos() > r.End() && sorts(c) && len(c.Args) > 0 {
			later = later || text(c.Args[0]) == slice
		}
		return !later
	})
	return slice != "" && later
}

// appended gives the slice that s appends to; an if around the append is allowed.
func appended(s ast.Stmt) (string, bool) {
	if cond, ok := s.(*ast.IfStmt); ok && cond.Else == nil && len(cond.Body.List) == 1 {
		return appended(cond.Body.List[0])
	}
	a, ok := s.(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 || a.Tok != token.ASSIGN {
		return "", false
	}
	call, ok := a.Rhs[0].(*ast.CallExpr)
	if !ok || text(call.Fun) != "append" || len(call.Args) == 0 || text(call.Args[0]) != text(a.Lhs[0]) {
		return "", false
	}
	return text(a.Lhs[0]), true
}

func text(e ast.Expr) string { return types.ExprString(e) }
