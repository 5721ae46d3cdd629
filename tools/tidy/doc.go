// Package tidy is the house rules as a test: what a reader may rely on in every file of this
// repository, each rule failing with its reason. Run it with
//
//	go test ./tools/tidy
//
// The rules are functions from a House (all the source files, parsed) to Findings. Each has a
// test of its own on a small bad example, so that the checker itself is seen to fail. Generated
// code (*.pb.go) is the one exception to all of them but the floors.
package tidy
