package wal

import (
	"fmt"

	"github.com/leasehold/leasehold/replica/record"
)

// Install makes a received snapshot the whole history: the log is empty and goes on after m,
// all other snapshots are gone. Before the switch of CURRENT a crash leaves the old history
// whole, after it the new one; the next Open ends what was not finished.
func (l *Log) Install(m record.Mark) error {
	if l.failed != nil {
		return l.failed
	}
	if l.hard.size == 0 {
		return l.fail(fmt.Errorf("install before the first hard state"))
	}
	if err := l.install(m); err != nil {
		return l.fail(err)
	}
	return nil
}

func (l *Log) install(m record.Mark) error {
	if err := l.snaps.ready(m); err != nil {
		return err
	}
	if err := l.shut(); err != nil {
		return err
	}
	if err := l.begin(record.Current{Log: l.current.Log + 1, Base: m, Installing: true}); err != nil {
		return err
	}
	if err := l.finishInstall(); err != nil {
		return err
	}
	l.first, l.last, l.synced = m.Index+1, m, m.Index
	l.segments, l.tail, l.rolled = []uint64{m.Index + 1}, 0, false
	return l.reopen()
}

// finishInstall removes what belongs to the history before CURRENT was switched.
func (l *Log) finishInstall() error {
	if err := l.snaps.adopt(l.current.Base); err != nil {
		return err
	}
	done := l.current
	done.Installing = false
	if err := l.o.door.replace(l.path("CURRENT"), record.EncodeCurrent(done)); err != nil {
		return err
	}
	l.current = done
	return l.removeOtherLogs()
}
