package tidy

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// house builds one from a few files: path, then text, in turn.
func house(t *testing.T, pairs ...string) *House {
	t.Helper()
	files := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	h, err := Load(files)
	require.NoError(t, err)
	return h
}

// fails says that the rule finds exactly one breach, at the place and for the reason given.
func fails(t *testing.T, found []Finding, where, why string) {
	t.Helper()
	require.Len(t, found, 1, "%v", found)
	require.Equal(t, where, found[0].Where)
	require.Contains(t, found[0].Why, why)
}

const ourImport = `import _ "` + Module + `/`

func TestFloorsSeenToFail(t *testing.T) {
	fails(t, CheckFloors(house(t, "cell/a.go", "package cell\n"+ourImport+"lease\"\n")),
		"cell/a.go:2", "cell (floor 0) imports lease (floor 0)")
	fails(t, CheckFloors(house(t, "replica/zab/a.go", "package zab\n"+ourImport+"replica/host\"\n")),
		"replica/zab/a.go:2", "floors below its own")
	fails(t, CheckFloors(house(t, "attic/a.go", "package attic\n")), "attic", "stands on no floor")
	require.Empty(t, CheckFloors(house(t, "replica/zab/a.go", "package zab\n"+ourImport+"lease\"\n")))
	require.Empty(t, CheckFloors(house(t,
		"cmd/celld/a.go", "package main\n"+ourImport+"cmd/celld/config\"\n", "cmd/celld/config/b.go", "package config\n")))
}

func TestTimeValuesSeenToFail(t *testing.T) {
	fails(t, CheckTimeValues(house(t, "cell/call/a.go", "package call\nimport \"time\"\nvar x = time.Now()\n")),
		"cell/call/a.go:3", "time.Now")
	require.Empty(t, CheckTimeValues(house(t, "cell/a.go", "package cell\nimport \"time\"\nvar x time.Duration\n")))
}

func TestPureImportsSeenToFail(t *testing.T) {
	for _, path := range []string{"time", "net/netip", "os", "sync/atomic", "context", "log/slog", "math/rand/v2",
		"hash/maphash"} {
		fails(t, CheckPureImports(house(t, "master/a.go", "package master\nimport _ \""+path+"\"\n")),
			"master/a.go:2", "master imports "+path)
	}
	require.Empty(t, CheckPureImports(house(t, "cell/a.go", "package cell\nimport _ \"time\"\n")))
	require.Empty(t, CheckPureImports(house(t, "replica/wal/a.go", "package wal\nimport _ \"os\"\n")))
	require.Empty(t, CheckPureImports(house(t, "master/a_test.go", "package master\nimport _ \"time\"\n")))
}

func TestNeverImportsSeenToFail(t *testing.T) {
	fails(t, CheckNever(house(t, "replica/zab/a.go", "package zab\n"+ourImport+"master\"\n")),
		"replica/zab/a.go:2", "bytes")
	fails(t, CheckNever(house(t, "master/a.go", "package master\n"+ourImport+"replica/zab\"\n")),
		"master/a.go:2", "transaction")
	fails(t, CheckNever(house(t, "client/session/a.go", "package session\n"+ourImport+"master/lock\"\n")),
		"client/session/a.go:2", "nothing else")
	fails(t, CheckNever(house(t, "replica/host/a.go", "package host\n"+ourImport+"tools/sim/world\"\n")),
		"replica/host/a.go:2", "only tests and tools")
	fails(t, CheckNever(house(t, "tools/chaos/a.go", "package main\n"+ourImport+"cmd/celld\"\n")),
		"tools/chaos/a.go:2", "top of the house")
	require.Empty(t, CheckNever(house(t, "client/a_test.go", "package client\n"+ourImport+"tools/celltest\"\n")))
}

func TestClientClosureSeenToFail(t *testing.T) {
	h := house(t,
		"client/a.go", "package client\n"+ourImport+"cell/conn\"\n",
		"cell/conn/b.go", "package conn\nimport _ \"github.com/sirupsen/logrus\"\nimport _ \"golang.org/x/sys/unix\"\n")
	fails(t, CheckClientClosure(h), "cell/conn/b.go:2", "imports github.com/sirupsen/logrus")
}

func TestWordsSeenToFail(t *testing.T) {
	for _, body := range []string{"go f()", "select {}", "var c chan int; _ = c", "c <- 1", "<-c"} {
		found := CheckWords(house(t, "cache/a.go", "package cache\nfunc f() { "+body+" }\n"))
		require.NotEmpty(t, found, body)
		require.Contains(t, found[0].Why, "hosts")
	}
	require.Empty(t, CheckWords(house(t, "client/a.go", "package client\nfunc f() { go f() }\n")))
	fails(t, CheckWords(house(t, "replica/tree/a.go", "package tree\nvar x lease.Instant\n")),
		"replica/tree/a.go:2", "Z17")
}

func TestMapOrderSeenToFail(t *testing.T) {
	const begin = "package tree\ntype T struct { m map[string]int }\nfunc (t *T) f() (ks []string) {\n"
	for body, broken := range map[string]bool{
		"for k := range t.m { ks = append(ks, k) }\nreturn ks":                                  true,
		"for k := range t.m { ks = append(ks, k) }\nsort.Strings(ks)\nreturn ks":                false,
		"for k, v := range t.m { if v > 0 { ks = append(ks, k) } }\nslices.Sort(ks)\nreturn ks": false,
		"for k := range t.m { t.m[k]++ }\nreturn ks":                                            true,
		"// order does not matter: each is set to 0\nfor k := range t.m { t.m[k] = 0 }\nreturn": false,
		"// order does not matter:\nfor k := range t.m { t.m[k] = 0 }\nreturn":                  true,
		"for _, k := range slices.Sorted(maps.Keys(t.m)) { ks = append(ks, k) }\nreturn":        false,
		"for k := range maps.Keys(t.m) { ks = append(ks, k) }\nreturn":                          true,
		"for i := range ks { ks[i] = `` }\nreturn":                                              false,
	} {
		found := CheckMapOrder(house(t, "replica/tree/a.go", begin+body+"\n}\n"))
		require.Equal(t, broken, len(found) == 1, "%s\n%v", body, found)
	}
}

func TestSizesSeenToFail(t *testing.T) {
	long := "package cell\nfunc f() {\n" + strings.Repeat("\tf()\n", MaxFunctionLines-1) + "}\n"
	fails(t, CheckSizes(house(t, "cell/a.go", long)), "cell/a.go:2", "f has 71 lines")
	fails(t, CheckSizes(house(t, "cell/a.go", "package cell\n"+strings.Repeat("\n", MaxFileLines))),
		"cell/a.go", "501 lines")
	wide := "package cell\n// " + strings.Repeat("é", MaxColumns-2) + "\n"
	fails(t, CheckSizes(house(t, "cell/a.go", wide)), "cell/a.go:2", "121 columns")
	require.Empty(t, CheckSizes(house(t, "cell/a.pb.go", "// Code generated by protoc-gen-go. DO NOT EDIT.\n\n"+wide)))
}

func TestPackageDocsSeenToFail(t *testing.T) {
	const told = "// Package cell is words.\npackage cell\n"
	fails(t, CheckPackageDocs(house(t, "cell/a.go", "package cell\n")), "cell", "no doc.go")
	fails(t, CheckPackageDocs(house(t, "cell/doc.go", told, "cell/b.go", told)), "cell/b.go", "only there")
	require.Empty(t, CheckPackageDocs(house(t, "cell/doc.go", told, "cell/b.go", "package cell\n")))
}

func TestExportedDocsSeenToFail(t *testing.T) {
	for _, text := range []string{"func F() {}", "type T int", "const C = 1", "var V int",
		"// T is.\ntype T int\nfunc (T) M() {}"} {
		require.Len(t, CheckExportedDocs(house(t, "cell/a.go", "package cell\n"+text+"\n")), 1, text)
	}
	for _, text := range []string{"// F does.\nfunc F() {}", "// All.\nconst (\nA = 1\nB = 2\n)",
		"type t int\nfunc (t) M() {}",
		"// E is.\ntype E int\nfunc (E) Error() string { return `` }"} {
		require.Empty(t, CheckExportedDocs(house(t, "cell/a.go", "package cell\n"+text+"\n")), text)
	}
}

func TestSentinelsSeenToFail(t *testing.T) {
	fails(t, CheckSentinels(house(t, "cache/a.go", "package cache\nvar ErrX = errors.New(`x`)\n")),
		"cache/a.go:2", "cell/errors.go")
	require.Empty(t, CheckSentinels(house(t, "cell/a.go", "package cell\nvar ErrX = errors.New(`x`)\n")))
}

func TestSleepsSeenToFail(t *testing.T) {
	fails(t, CheckSleeps(house(t, "cell/a_test.go", "package cell\nfunc f() { time.Sleep(1) }\n")),
		"cell/a_test.go:2", "wait for the thing")
	require.Empty(t, CheckSleeps(house(t, "cell/a_test.go",
		"package cell\nimport \"testing/synctest\"\nfunc f() { time.Sleep(1) }\n")))
}

func TestLayoutSeenToFail(t *testing.T) {
	fails(t, CheckLayout(house(t, "docs/a.md", "x")), "docs/", "fixed")
	fails(t, CheckLayout(house(t, "cell/util/a.go", "package util\n")), "cell/util", "drawer")
	require.Empty(t, CheckLayout(house(t, ".ci/run", "x", "README.md", "x")))
}

func TestStrayReferencesSeenToFail(t *testing.T) {
	fails(t, CheckStray(house(t, "README.md", "see .."+"/shared/rules.md")), "README.md", "no reader")
}

func TestRuleIDsSeenToFail(t *testing.T) {
	doc := "// Package cell keeps " + strings.Join(RuleIDs[1:], " ") + ".\npackage cell\n"
	fails(t, CheckRuleIDs(house(t, "cell/doc.go", doc)), RuleIDs[0], "which package keeps it")
}
