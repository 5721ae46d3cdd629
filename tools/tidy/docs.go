package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
)

// CheckPackageDocs finds packages without a doc.go that tells about them, and packages told
// about twice.
func CheckPackageDocs(h *House) []Finding {
	told := map[string]string{}
	var found []Finding
	for _, f := range h.Product() {
		if f.Syntax.Doc == nil {
			continue
		}
		if path.Base(f.Path) != "doc.go" {
			found = append(found, Finding{f.Path, "a package is told about in its doc.go, and only there"})
		}
		told[f.Dir()] = f.Path
	}
	for _, dir := range h.packages() {
		if told[dir] == "" {
			found = append(found, Finding{dir, "has no doc.go with a package comment: what is it, which rules does it keep?"})
		}
	}
	return found
}

// CheckExportedDocs finds exported names that say nothing about themselves. Error() and methods
// of unexported types are said by their interfaces.
func CheckExportedDocs(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		for _, decl := range f.Syntax.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Doc == nil && public(d) {
					found = append(found, h.undocumented(d, d.Name.Name))
				}
			case *ast.GenDecl:
				found = append(found, h.bare(d)...)
			}
		}
	}
	return found
}

func (h *House) undocumented(n ast.Node, name string) Finding {
	return Finding{h.At(n), fmt.Sprintf("%s is exported and has no doc comment: say what its name does not"+
		" (units, limits, errors, source)", name)}
}

func public(d *ast.FuncDecl) bool {
	if !d.Name.IsExported() || d.Name.Name == "Error" {
		return false
	}
	return d.Recv == nil || receiverExported(d.Recv.List[0].Type)
}

func receiverExported(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverExported(e.X)
	case *ast.IndexExpr:
		return receiverExported(e.X)
	case *ast.IndexListExpr:
		return receiverExported(e.X)
	case *ast.Ident:
		return e.IsExported()
	}
	return true
}

// bare finds the undocumented names of a declaration; a comment on the group counts for all.
func (h *House) bare(d *ast.GenDecl) []Finding {
	if d.Tok == token.IMPORT || d.Doc != nil {
		return nil
	}
	var found []Finding
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && s.Comment == nil {
				found = append(found, h.undocumented(s, s.Name.Name))
			}
		case *ast.ValueSpec:
			if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil {
				found = append(found, h.undocumented(s, s.Names[0].Name))
			}
		}
	}
	return found
}
