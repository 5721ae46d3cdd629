package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// tops are the entries that the top folder may have, beside dot-files.
var tops = []string{"master/", "replica/", "cell/", "client/", "cache/", "lease/", "cmd/", "tools/",
	"go.mod", "go.sum", "README.md", "LICENSE"}

// drawers are package names that say nothing about what is inside.
var drawers = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base"}

// CheckLayout finds entries of the top folder that do not belong there, and drawers.
func CheckLayout(h *House) []Finding {
	var found []Finding
	for _, name := range h.Tops {
		if !strings.HasPrefix(name, ".") && !slices.Contains(tops, name) {
			found = append(found, Finding{name, "the top folder is fixed: " + strings.Join(tops, " ")})
		}
	}
	for _, dir := range h.packages() {
		if slices.Contains(drawers, path.Base(dir)) {
			found = append(found, Finding{dir, "a drawer: name a package after the one idea that it holds"})
		}
	}
	return found
}

// RuleIDs are the rules of the house's law: replication, leases, sessions with locks and
// caches, and bad input and load.
var RuleIDs = strings.Fields(`
	Z1 Z2 Z3 Z4 Z5 Z6 Z7 Z8 Z9 Z10 Z11 Z12 Z13 Z14 Z15 Z16 Z17
	L1 L2 L3 L4 L5 L6 L7 L8 L9
	C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11
	B1 B2 B3 B4 B5`)

// NotYet are the rules whose part of leasehold is still to be built, each with that part.
var NotYet = map[string]string{}

// CheckRuleIDs finds rules that no package says it keeps. A rule is kept where its id and a
// sentence stand in a doc.go.
func CheckRuleIDs(h *House) []Finding {
	kept := map[string]bool{}
	word := regexp.MustCompile(`\b[ZLCBR][1-9][0-9]?\b`)
	for _, f := range h.Product() {
		if path.Base(f.Path) != "doc.go" || f.Syntax.Doc == nil || strings.HasPrefix(f.Path, "tools/tidy/") {
			continue
		}
		for _, id := range word.FindAllString(f.Syntax.Doc.Text(), -1) {
			kept[id] = true
		}
	}
	var found []Finding
	for _, id := range RuleIDs {
		if _, later := NotYet[id]; !kept[id] && !later {
			found = append(found, Finding{id, "stands in no doc.go: which package keeps it?"})
		}
	}
	return found
}
