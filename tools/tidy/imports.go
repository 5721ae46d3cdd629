package tidy

import (
	"fmt"
	"go/ast"
	"sort"
	"strings"
)

// impure are the imports that a machine must not have, each with the reason. A path stands for
// what lies below it too.
var impure = map[string]string{
	"time":         "time is an argument (lease.Instant), lengths are lease.Duration",
	"net":          "messages come in and go out as values",
	"os":           "the disk is a peer that answers Persisted",
	"sync":         "a machine is owned by one loop and has nothing to lock",
	"context":      "a machine never waits",
	"log":          "log lines are effects",
	"math/rand":    "random bytes come in with the input",
	"crypto/rand":  "random bytes come in with the input",
	"hash/maphash": "its seed differs from run to run",
	"runtime":      "a machine is a function of state and input",
}

// never are imports that the floors allow and the plan does not.
var never = []struct{ from, to, why string }{
	{"replica/zab", "master", "the core knows payloads as bytes"},
	{"master", "replica/zab", "the master proposes by returning a transaction"},
	{"replica/tree", "replica/zab", "the tree gets a zxid and bytes"},
	{"replica/tree", "lease/clock", "time never enters the tree"},
	{"client", "master", "the protocol is cell/call, nothing else"},
	{"client", "replica", "the protocol is cell/call, nothing else"},
	{"client/fence", "cell/call", "a resource server needs cell and the standard library only"},
	{"client/fence", "lease", "a resource server needs cell and the standard library only"},
	{"client/fence", "cell/wire", "a resource server needs cell and the standard library only"},
	{"cell", "lease", "nouns stand on nothing"},
	{"cell", "cell/wire", "nouns stand on nothing"},
}

// clientMay are the modules that whoever imports the client gets with it.
var clientMay = []string{"github.com/hashicorp/yamux", "google.golang.org/protobuf", "golang.org/x/sys"}

// valuesOnly may name time.Time and time.Duration, which are shown and handed on; CheckTimeValues
// sees that nothing else of the package is used there.
var valuesOnly = map[string]bool{"cell": true, "cell/call": true}

// timeValues is all of package time that such a package may say.
var timeValues = map[string]bool{"Time": true, "Duration": true, "Unix": true,
	"Nanosecond": true, "Microsecond": true, "Millisecond": true, "Second": true, "Minute": true, "Hour": true}

// CheckTimeValues finds uses of package time in valuesOnly that are more than values.
func CheckTimeValues(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		if !valuesOnly[f.Dir()] {
			continue
		}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			x, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := x.X.(*ast.Ident); ok && pkg.Name == "time" && !timeValues[x.Sel.Name] {
				found = append(found, Finding{h.At(x), fmt.Sprintf(
					"%s says time.%s: here time is a value that is handed in", f.Dir(), x.Sel.Name)})
			}
			return true
		})
	}
	return found
}

// CheckPureImports finds clocks, disks, nets, locks and dice in the pure floors.
func CheckPureImports(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		if !pure(f.Dir()) {
			continue
		}
		for i, imported := range f.Imports() {
			if why := reason(imported); why != "" && (!valuesOnly[f.Dir()] || imported != "time") {
				found = append(found, Finding{h.At(f.Syntax.Imports[i]),
					fmt.Sprintf("%s imports %s: %s", f.Dir(), imported, why)})
			}
		}
	}
	return found
}

func reason(imported string) string {
	for p := imported; p != "."; p = parent(p) {
		if why, ok := impure[p]; ok {
			return why
		}
	}
	return ""
}

// CheckNever finds the imports that the plan forbids by name, and imports of programs and tools.
func CheckNever(h *House) []Finding {
	var found []Finding
	for _, f := range h.Product() {
		for i, imported := range f.Imports() {
			if why := forbidden(f.Dir(), imported); why != "" {
				found = append(found, Finding{h.At(f.Syntax.Imports[i]),
					fmt.Sprintf("%s imports %s: %s", f.Dir(), imported, why)})
			}
		}
	}
	return found
}

func forbidden(from, to string) string {
	for _, n := range never {
		subtree := n.from == "client" || n.from == "master"
		if (n.from == from || subtree && within(from, n.from)) && within(to, n.to) && !within(from, n.to) {
			return n.why
		}
	}
	_, entryFrom, _ := lookUp(from)
	_, entryTo, _ := lookUp(to)
	switch {
	case within(to, "cmd") && entryFrom != entryTo:
		return "a program is the top of the house"
	case within(to, "tools") && !within(from, "tools"):
		return "tools stand above the product; only tests and tools use them"
	}
	return ""
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// CheckClientClosure finds third-party modules that a user of the client would get unasked.
func CheckClientClosure(h *House) []Finding {
	var found []Finding
	for _, dir := range h.closure("client") {
		for _, f := range h.Files {
			if f.Syntax == nil || f.Test() || f.Dir() != dir {
				continue
			}
			for i, imported := range f.Imports() {
				if thirdParty(imported) && !among(imported, clientMay) {
					found = append(found, Finding{h.At(f.Syntax.Imports[i]), fmt.Sprintf(
						"%s is in the client's import closure and imports %s: users of the client get"+
							" yamux, protobuf and golang.org/x/sys, nothing else", dir, imported)})
				}
			}
		}
	}
	return found
}

func thirdParty(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !ours(imported) && strings.Contains(first, ".")
}

func among(imported string, modules []string) bool {
	for _, m := range modules {
		if within(imported, m) {
			return true
		}
	}
	return false
}

// closure gives our own packages that pkg needs, itself among them, sorted.
func (h *House) closure(pkg string) []string {
	seen, todo := map[string]bool{pkg: true}, []string{pkg}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, f := range h.Files {
			if f.Syntax == nil || f.Test() || f.Dir() != at {
				continue
			}
			for _, imported := range f.Imports() {
				if ours(imported) && !seen[imported] {
					seen[imported] = true
					todo = append(todo, imported)
				}
			}
		}
	}
	var all []string
	for p := range seen {
		all = append(all, p)
	}
	sort.Strings(all)
	return all
}
