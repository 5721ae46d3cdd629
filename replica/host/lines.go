package host

import (
	"github.com/sirupsen/logrus"

	"github.com/leasehold/leasehold/replica"
)

// lines writes log lines on a goroutine of its own: a stuck standard error must not stop the
// loop. What finds the queue full is counted and said later.
type lines struct {
	out    *logrus.Entry
	queue  chan replica.Line
	done   chan struct{}
	missed int // of the loop only
}

func newLines(out *logrus.Entry) *lines {
	l := &lines{out: out, queue: make(chan replica.Line, 1024), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *lines) run() {
	defer close(l.done)
	for line := range l.queue {
		level, err := logrus.ParseLevel(line.Level)
		if err != nil {
			level = logrus.InfoLevel
		}
		l.out.Log(level, line.Text)
	}
}

// write is called by the loop only.
func (l *lines) write(line replica.Line) {
	select {
	case l.queue <- line:
	default:
		l.missed++
	}
}

// close waits until what was queued is written.
func (l *lines) close() {
	close(l.queue)
	<-l.done
	if l.missed > 0 {
		l.out.Warnf("%d log lines were dropped: the log's reader is too slow", l.missed)
	}
}
