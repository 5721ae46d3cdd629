// Package mutant keeps wrong versions of ourselves, and shows that each is caught. A mutant is
// one line gone wrong in one file, put in place on the side (go build -overlay): the file on
// disk is never touched. A rule without a mutant that turns a test or the simulator red is a
// rule that nobody checks.
//
//	go test ./tools/sim/mutant              that all mutants still fit the code, and one of them run
//	go test ./tools/sim/mutant -mutants     all of them run, one after the other
//	go test ./tools/sim/mutant -mutants -run 'TestMutants/Z1'
package mutant
