package conn

import (
	"fmt"
	"strings"
	"sync"
)

// logger passes on a bounded number of lines a second, and says how many it has kept back. It
// is also what yamux logs to: those lines are details of what ends up as one named error.
type logger struct {
	hook func(level, msg string, kv ...any)

	mu      sync.Mutex
	lines   bucket
	details bucket // of their own, so that they keep back no other line
	kept    int
}

func (l *logger) log(level, msg string, kv ...any) {
	if l.hook == nil {
		return
	}
	l.mu.Lock()
	bucket := &l.lines
	if level == "debug" {
		bucket = &l.details
	}
	if !bucket.take(clock(), linesPerSecond, lineBurst) {
		l.kept++
		l.mu.Unlock()
		return
	}
	kept := l.kept
	l.kept = 0
	l.mu.Unlock()
	if kept > 0 {
		kv = append(kv[:len(kv):len(kv)], "lines_kept_back", kept)
	}
	l.hook(level, msg, kv...)
}

// Print is for yamux.
func (l *logger) Print(v ...any) { l.detail(fmt.Sprint(v...)) }

// Printf is for yamux.
func (l *logger) Printf(format string, v ...any) { l.detail(fmt.Sprintf(format, v...)) }

// Println is for yamux.
func (l *logger) Println(v ...any) { l.detail(fmt.Sprintln(v...)) }

func (l *logger) detail(line string) {
	if _, after, found := strings.Cut(line, "yamux: "); found {
		line = after
	}
	l.log("debug", "yamux", "detail", strings.TrimSpace(line))
}
