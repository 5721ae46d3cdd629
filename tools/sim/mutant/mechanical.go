package mutant

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Rooms are the packages that mechanical mutants are made of.
var Rooms = []string{"lease", "replica/zab", "replica/tree", "replica/wal", "master", "master/session", "master/lock"}

// Slip is a mechanical mutant: a change that needs no understanding, at one place of the code.
type Slip struct {
	Kind, Room, File string
	Line             int
	Is, Wrong        string
	at               int
	text             string // of the line
	nth              int    // among the slips of its file that look alike
}

// String is one line: where, and what.
func (s Slip) String() string {
	return fmt.Sprintf("%s:%d %s: %s → %s", s.File, s.Line, s.Kind, brief(s.Is), brief(s.Wrong))
}

func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return s
}

// number tells the slips of one file that look alike from each other.
func number(all []Slip) []Slip {
	seen := map[Slip]int{}
	for i, s := range all {
		alike := Slip{Kind: s.Kind, Is: s.Is, Wrong: s.Wrong, text: s.text}
		all[i].nth, seen[alike] = seen[alike], seen[alike]+1
	}
	return all
}

// lot decides when a slip is drawn. It knows the line and nothing around it, so that a change of the
// code elsewhere draws no other slips.
func (s Slip) lot(seed int64) uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, seed, s.File, s.Kind, s.text, s.Is, s.Wrong, s.nth)
	return h.Sum64()
}

// Slips gives n of all places, drawn by the seed; the same code and seed give the same.
func Slips(root string, seed int64, n int) ([]Slip, error) {
	var all []Slip
	for _, room := range Rooms {
		files, err := filepath.Glob(filepath.Join(root, room, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "print.go") {
				continue // what is printed only is judged by its reader
			}
			slips, err := slipsOf(root, room, path)
			if err != nil {
				return nil, err
			}
			all = append(all, slips...)
		}
	}
	slices.SortFunc(all, func(a, b Slip) int {
		return cmp.Or(cmp.Compare(a.lot(seed), b.lot(seed)), cmp.Compare(a.File, b.File), cmp.Compare(a.at, b.at))
	})
	return all[:min(n, len(all))], nil
}

func slipsOf(root, room, path string) ([]Slip, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, 0)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	var all []Slip
	add := func(kind string, from, to token.Pos, wrong func(is string) string) {
		a, b := set.Position(from).Offset, set.Position(to).Offset
		is := string(text[a:b])
		if w := wrong(is); w != is {
			at := textOf(string(text), a)
			all = append(all, Slip{kind, room, name, set.Position(from).Line, is, w, a, at, 0})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool { slip(n, add); return true })
	return number(all), nil
}

// slip makes what can go wrong at one node.
func slip(n ast.Node, add func(kind string, from, to token.Pos, wrong func(is string) string)) {
	switch n := n.(type) {
	case *ast.IfStmt:
		add("negated", n.Cond.Pos(), n.Cond.End(), func(is string) string { return "!(" + is + ")" })
	case *ast.BinaryExpr:
		edge := map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
		if wrong, ok := edge[n.Op]; ok {
			add("off by one", n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), func(string) string { return wrong })
		}
		if one, ok := n.Y.(*ast.BasicLit); ok && one.Value == "1" && (n.Op == token.ADD || n.Op == token.SUB) {
			add("off by one", one.Pos(), one.End(), func(string) string { return "0" })
		}
	case *ast.BlockStmt:
		slipInLines(n.List, add)
	case *ast.CaseClause:
		slipInLines(n.Body, add)
	case *ast.CommClause:
		slipInLines(n.Body, add)
	}
}

// slipInLines drops each call that stands alone, and swaps neighbours of which one depends on the other.
func slipInLines(lines []ast.Stmt, add func(kind string, from, to token.Pos, wrong func(is string) string)) {
	for i, s := range lines {
		if call, ok := s.(*ast.ExprStmt); ok && !speaks(call) {
			add("dropped", s.Pos(), s.End(), func(string) string { return "" })
		}
		if i > 0 && depends(lines[i-1], s) {
			before := lines[i-1]
			add("swapped", before.Pos(), s.End(), func(is string) string {
				a, b := int(before.End()-before.Pos()), int(s.Pos()-before.Pos())
				return is[b:] + is[a:b] + is[:a]
			})
		}
	}
}

// speaks: what only says something, or checks ourselves, does no harm when it is missing.
func speaks(s *ast.ExprStmt) bool {
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return true
	}
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	says := []string{"Assert", "panic", "logf", "log", "Logf", "Fprintf", "note", "say", "count", "want"}
	return slices.Contains(says, name)
}

// depends: two statements of which one sets what the other reads or sets; others may stand in any
// order.
func depends(a, b ast.Stmt) bool {
	x, y := sets(a), sets(b)
	return x != "" && mentions(b, x) || y != "" && mentions(a, y)
}

// sets is the variable or field that a statement assigns to; "" when it is no assignment.
func sets(s ast.Stmt) string {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok == token.DEFINE {
		return ""
	}
	switch to := a.Lhs[0].(type) {
	case *ast.Ident:
		return to.Name
	case *ast.SelectorExpr:
		return to.Sel.Name
	}
	return ""
}

func mentions(s ast.Stmt, name string) (yes bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if speaks(s) {
			return false
		}
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			return false
		}
	default:
		return false
	}
	ast.Inspect(s, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			yes = true
		}
		return true
	})
	return yes
}

// Try builds the slip and runs its room's tests, then the simulator, until something goes red. The
// error says that it does not build: it is none.
func (s Slip) Try(root, dir string, seeds int) (caught bool, by string, err error) {
	text, err := os.ReadFile(filepath.Join(root, s.File))
	if err != nil {
		return false, "", err
	}
	wrong := string(text[:s.at]) + s.Wrong + string(text[s.at+len(s.Is):])
	copied := filepath.Join(dir, "slip.go")
	if err := os.WriteFile(copied, []byte(wrong), 0o600); err != nil {
		return false, "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, s.File): copied}})
	if err != nil {
		return false, "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return false, "", err
	}
	for _, red := range s.reds(seeds) {
		m := Mutant{File: s.File, Red: red}
		binary := filepath.Join(dir, "wrong")
		if err := m.build(root, binary, "-overlay", list); err != nil {
			return false, "", err
		}
		if _, red := m.run(root, binary, red.Seed, red.Seeds); red {
			return true, cmp.Or(m.Red.Package, "the simulator"), nil
		}
	}
	return false, "", nil
}

// users are the packages whose tests use a room in earnest, beside its own.
var users = map[string][]string{
	"lease":          {"replica/zab", "master", "replica"},
	"replica/zab":    {"replica"},
	"replica/tree":   {"master", "replica"},
	"replica/wal":    {"replica/host"},
	"master":         {"replica"},
	"master/session": {"master", "replica"},
	"master/lock":    {"master", "replica"},
}

// reds are what may catch the slip, the cheapest first.
func (s Slip) reds(seeds int) []Red {
	list := []Red{{Package: s.Room, Run: "."}}
	for _, user := range users[s.Room] {
		list = append(list, Red{Package: user, Run: "."})
	}
	return append(list, Red{Seed: 1, Seeds: seeds})
}
