package tidy

import (
	"go/ast"
	"go/types"
	"strings"
)

// typed computes the types of the pure floors' expressions from our own sources alone. What
// the standard library and other modules declare stays unknown, and so do the expressions that
// need it: this is quick, needs no build, and finds every map that we declare ourselves.
func (h *House) typed() *types.Info {
	t := &typer{
		house: h, done: map[string]*types.Package{},
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
			Defs: map[*ast.Ident]types.Object{}},
	}
	for _, dir := range h.packages() {
		if pure(dir) {
			t.check(dir)
		}
	}
	return t.info
}

type typer struct {
	house *House
	done  map[string]*types.Package
	info  *types.Info
}

// Import is what the type checker asks for each import.
func (t *typer) Import(path string) (*types.Package, error) {
	if dir, ok := strings.CutPrefix(path, Module+"/"); ok && pure(dir) {
		return t.check(dir), nil
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	unknown := types.NewPackage(path, name)
	unknown.MarkComplete()
	return unknown, nil
}

func (t *typer) check(dir string) *types.Package {
	if p, ok := t.done[dir]; ok {
		return p
	}
	t.done[dir] = types.NewPackage(dir, dir) // a cycle of imports ends here
	var files []*ast.File
	for _, f := range t.house.Files {
		if f.Syntax != nil && f.Dir() == dir && !f.Test() {
			files = append(files, f.Syntax)
		}
	}
	conf := types.Config{Importer: t, Error: func(error) {}, FakeImportC: true}
	p, _ := conf.Check(Module+"/"+dir, t.house.Set, files, t.info) // errors are the unknown parts
	t.done[dir] = p
	return p
}
