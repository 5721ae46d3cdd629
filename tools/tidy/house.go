package tidy

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Module is the path that our own imports begin with.
const Module = "github.com/leasehold/leasehold"

// Finding is one breach of one rule.
type Finding struct {
	Where string // file:line, a folder, or a rule id
	Why   string // the reason, for whoever has to mend it
}

// String is what the test prints.
func (f Finding) String() string { return f.Where + ": " + f.Why }

// File is one source file. Syntax is nil for files that are not Go.
type File struct {
	Path      string // relative to the repository, with slashes
	Text      string
	Syntax    *ast.File
	Generated bool
}

// Dir is the folder of the file: the package's path within the module.
func (f *File) Dir() string { return path.Dir(f.Path) }

// Test reports whether the file is compiled for tests only.
func (f *File) Test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Imports gives the paths that the file imports, with our own relative to the module.
func (f *File) Imports() []string {
	var paths []string
	for _, spec := range f.Syntax.Imports {
		paths = append(paths, strings.TrimPrefix(strings.Trim(spec.Path.Value, `"`), Module+"/"))
	}
	return paths
}

// House is the whole repository: its text files, sorted by path.
type House struct {
	Set   *token.FileSet
	Files []*File
	Tops  []string // entries of the top folder, folders with a slash at the end
}

// Load reads the repository. It leaves out the .git folder and files that are not text.
func Load(root fs.FS) (*House, error) {
	h := &House{Set: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case name == ".git" || name == "tmp":
			return skip(d)
		case !strings.Contains(name, "/"):
			h.Tops = append(h.Tops, top(name, d))
		}
		if d.IsDir() {
			return nil
		}
		return h.read(root, name)
	})
	return h, err
}

func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func top(name string, d fs.DirEntry) string {
	if d.IsDir() {
		return name + "/"
	}
	return name
}

func (h *House) read(root fs.FS, name string) error {
	info, err := fs.Stat(root, name)
	if err != nil || info.Size() > 4<<20 || !info.Mode().IsRegular() {
		return err
	}
	bytes, err := fs.ReadFile(root, name)
	if err != nil || slices.Contains(bytes, 0) {
		return err
	}
	f := &File{Path: name, Text: string(bytes)}
	if strings.HasSuffix(name, ".go") && !strings.Contains(name, "testdata/") {
		f.Syntax, err = parser.ParseFile(h.Set, name, bytes, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s does not parse: %w", name, err)
		}
		f.Generated = ast.IsGenerated(f.Syntax)
	}
	h.Files = append(h.Files, f)
	return nil
}

// Code gives the Go files that people wrote, tests among them.
func (h *House) Code() []*File {
	return h.choose(func(f *File) bool { return f.Syntax != nil && !f.Generated })
}

// Product gives the Go files that people wrote and that are not tests.
func (h *House) Product() []*File {
	return h.choose(func(f *File) bool { return f.Syntax != nil && !f.Generated && !f.Test() })
}

func (h *House) choose(keep func(*File) bool) []*File {
	var files []*File
	for _, f := range h.Files {
		if keep(f) {
			files = append(files, f)
		}
	}
	return files
}

// At is the place of a node, as file:line.
func (h *House) At(n ast.Node) string {
	p := h.Set.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}
