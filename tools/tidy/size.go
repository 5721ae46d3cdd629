package tidy

import (
	"fmt"
	"go/ast"
	"strings"
	"unicode/utf8"
)

// The sizes above which code is no longer read at one sitting.
const (
	MaxFunctionLines = 70
	MaxFileLines     = 500
	MaxColumns       = 120
)

// CheckSizes finds functions, files and lines that are too long.
func CheckSizes(h *House) []Finding {
	var found []Finding
	for _, f := range h.Code() {
		lines := strings.Split(strings.TrimSuffix(f.Text, "\n"), "\n")
		if len(lines) > MaxFileLines {
			found = append(found, Finding{f.Path,
				fmt.Sprintf("%d lines, at most %d: one idea a file", len(lines), MaxFileLines)})
		}
		for i, line := range lines {
			if n := utf8.RuneCountInString(line); n > MaxColumns {
				found = append(found, Finding{fmt.Sprintf("%s:%d", f.Path, i+1),
					fmt.Sprintf("%d columns, at most %d", n, MaxColumns)})
			}
		}
		found = append(found, h.longFunctions(f)...)
	}
	return found
}

func (h *House) longFunctions(f *File) []Finding {
	var found []Finding
	for _, decl := range f.Syntax.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := h.Set.Position(d.End()).Line - h.Set.Position(d.Pos()).Line + 1; n > MaxFunctionLines {
			found = append(found, Finding{h.At(d), fmt.Sprintf("%s has %d lines, at most %d: a function is read at one glance",
				d.Name.Name, n, MaxFunctionLines)})
		}
	}
	return found
}
