package tidy

import (
	"fmt"
	"sort"
	"strings"
)

// Floors says on which floor each package stands. A package imports only floors below its own.
// A name that ends in /... stands for the program or suite and the packages that belong to it,
// which may import each other.
var Floors = map[string]int{
	"cell": 0, "cell/wire": 0, "lease": 0,
	"cell/call":           1,
	"client/recipe/steps": 2,
	"replica/quorum":      2, "replica/record": 2, "replica/tree": 2, "replica/tree/packed": 1,
	"master/session": 2, "master/lock": 2, "cache": 2, "cache/directory": 2, "client/fence": 2,
	"replica/zab": 3, "master": 3, "client/session": 3,
	"replica":     4,
	"replica/wal": 5, "lease/clock": 5, "cell/conn": 5, "cell/conn/certs": 5,
	"replica/host": 6, "client": 6,
	"client/recipe/...": 7, "tools/celltest": 7,
	"tools/sim/world": 7, "tools/sim/check": 7, "tools/sim/mutant": 7,
	"cmd/celld/...": 8, "cmd/cellctl/...": 8,
	"tools/factories/...": 8,
	"tools/sim":           8, "tools/chaos/...": 8, "tools/bench/...": 8, "tools/model": 8, "tools/tidy": 8,
}

// neighbours are the imports within one floor that the plan of the house shows.
var neighbours = map[[2]string]string{
	{"cell/wire", "cell"}:                  "frames know the errors and limits of the cell",
	{"lease", "cell"}:                      "promises assert on their own invariants",
	{"replica/tree", "replica/record"}:     "the tree is at a mark of the history",
	{"cache/directory", "cache"}:           "both ends of one protocol",
	{"tools/sim/world", "tools/sim/check"}: "the world tells the checkers what happens",
}

// suiteFloor is that of the conformance suites, whose names end in "test".
const suiteFloor = 7

// pureTop is the highest pure floor: below the line between the machines and the doors.
const pureTop = 4

// lookUp finds a package's floor and the name under which the table has it.
func lookUp(pkg string) (floor int, entry string, ok bool) {
	if floor, ok = Floors[pkg]; ok {
		return floor, pkg, true
	}
	for p := pkg; p != "."; p = parent(p) {
		if floor, ok = Floors[p+"/..."]; ok {
			return floor, p + "/...", true
		}
	}
	if strings.HasSuffix(pkg, "test") {
		return suiteFloor, pkg, true
	}
	return 0, "", false
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

// pure reports whether the package is a machine or a part of one.
func pure(pkg string) bool {
	floor, _, ok := lookUp(pkg)
	return ok && floor <= pureTop
}

// ours reports whether an import (as File.Imports gives it) is a package of this module.
func ours(imported string) bool {
	switch top, _, _ := strings.Cut(imported, "/"); top {
	case "cell", "lease", "replica", "master", "cache", "client", "cmd", "tools":
		return true
	}
	return false
}

// CheckFloors finds packages that stand on no floor, and imports that do not go down.
func CheckFloors(h *House) []Finding {
	var found []Finding
	for _, dir := range h.packages() {
		if _, _, ok := lookUp(dir); !ok {
			found = append(found, Finding{dir, "stands on no floor: add it to Floors in tools/tidy/floors.go"})
		}
	}
	for _, f := range h.Product() {
		for i, imported := range f.Imports() {
			if why := climbs(f.Dir(), imported); ours(imported) && why != "" {
				found = append(found, Finding{h.At(f.Syntax.Imports[i]), why})
			}
		}
	}
	return found
}

func climbs(from, to string) string {
	low, entryFrom, ok1 := lookUp(from)
	high, entryTo, ok2 := lookUp(to)
	_, allowed := neighbours[[2]string{from, to}]
	switch {
	case !ok1 || !ok2 || allowed || high < low || entryFrom == entryTo:
		return ""
	default:
		return fmt.Sprintf("%s (floor %d) imports %s (floor %d): a package imports only floors below its own,"+
			" so that each can be read without those above", from, low, to, high)
	}
}

// packages gives the folders that hold Go files, sorted.
func (h *House) packages() []string {
	seen := map[string]bool{}
	for _, f := range h.Files {
		if f.Syntax != nil {
			seen[f.Dir()] = true
		}
	}
	var dirs []string
	for d := range seen {
		dirs = append(dirs, d)
	}
	sort.Strings(dirs)
	return dirs
}
