package host

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/leasehold/leasehold/replica"
)

// lines writes log lines on a goroutine of its own: a stuck standard error must stop neither the
// loop nor a reader. What finds the queue full is counted and said later.
type lines struct {
	out    *logrus.Entry
	queue  chan replica.Line
	stop   chan struct{}
	done   chan struct{}
	missed atomic.Int64
}

// linesWaiting is how many lines wait to be written; more are dropped.
const linesWaiting = 1024

func newLines(out *logrus.Entry) *lines {
	l := &lines{out: out, queue: make(chan replica.Line, linesWaiting),
		stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *lines) run() {
	defer close(l.done)
	for {
		select {
		case line := <-l.queue:
			l.print(line)
			continue
		default:
		}
		select {
		case line := <-l.queue:
			l.print(line)
		case <-l.stop:
			if len(l.queue) == 0 {
				l.owned()
				return
			}
		}
	}
}

// owned says how many lines were dropped since it last did.
func (l *lines) owned() {
	if n := l.missed.Swap(0); n > 0 {
		l.out.Warnf("%d log lines were dropped: the log's reader is too slow", n)
	}
}

func (l *lines) print(line replica.Line) {
	l.owned()
	level, err := logrus.ParseLevel(line.Level)
	if err != nil {
		level = logrus.InfoLevel
	}
	l.out.Log(level, line.Text)
}

// write never waits. Any goroutine may call it, after close too: nothing is written then.
func (l *lines) write(line replica.Line) {
	select {
	case l.queue <- line:
	default:
		l.missed.Add(1)
	}
}

func (l *lines) say(level, format string, args ...any) {
	l.write(replica.Line{Level: level, Text: fmt.Sprintf(format, args...)})
}

// lastLines is how long an end waits for its log.
const lastLines = time.Second

// close waits until what was queued is written, but for no stuck log.
func (l *lines) close() {
	close(l.stop)
	enough := time.NewTimer(lastLines)
	defer enough.Stop()
	select {
	case <-l.done:
	case <-enough.C:
	}
}
