package celltest

import (
	"context"
	"log"
	"os"
	"testing"
)

// Stage is what examples play on, which have no testing.T: Start takes it. End is for TestMain.
type Stage struct {
	testing.TB
	ends []func()
}

// Helper does nothing.
func (s *Stage) Helper() {}

// Context ends with the process.
func (s *Stage) Context() context.Context { return context.Background() }

// Cleanup has end called by End, the last one first.
func (s *Stage) Cleanup(end func()) { s.ends = append(s.ends, end) }

// Errorf logs.
func (s *Stage) Errorf(f string, a ...any) { log.Printf(f, a...) }

// FailNow panics.
func (s *Stage) FailNow() { log.Panicln("the examples have no cell") }

// TempDir is removed by End.
func (s *Stage) TempDir() string {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		log.Panicln(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// End puts everything in order.
func (s *Stage) End() {
	for i := range s.ends {
		s.ends[len(s.ends)-1-i]()
	}
}
