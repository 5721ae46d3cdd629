package world

import (
	"github.com/leasehold/leasehold/replica/record"
)

// Job is one thing for the disk to do. Exactly one of Append, Save, Cut, Install, Compact and Read is
// asked for; Done is called when it is durable, in the order of the jobs.
type Job struct {
	Append   []record.Record
	Save     *record.HardState
	Cut      *uint64
	Install  *record.Mark
	Compact  *uint64
	Read     *Reading
	Done     func()
	Finished func([]record.Record) // for Read, in place of Done
}

// Reading asks for records from the disk.
type Reading struct {
	From uint64
	Most int // bytes
}

// Worker is the one owner of a disk: it does jobs in order, takes true time for each step, and
// can be stopped, by a crash, between any two steps.
type Worker struct {
	loop  *Loop
	disk  *Disk
	queue []Job
	busy  bool
	dead  bool
	slow  *True       // added to each sync, while a fault makes the disk slow
	late  *int        // of a million syncs, how many are slow by themselves now
	fate  func() bool // asked after each step: whether the machine has lost its power now
}

// NewWorker begins idle.
func NewWorker(l *Loop, d *Disk, slow *True, late *int, fate func() bool) *Worker {
	return &Worker{loop: l, disk: d, slow: slow, late: late, fate: fate}
}

// Do queues a job.
func (w *Worker) Do(j Job) {
	w.queue = append(w.queue, j)
	if !w.busy {
		w.next()
	}
}

// Stop ends the worker where it stands; no Done comes any more.
func (w *Worker) Stop() { w.dead = true }

// Idle reports whether nothing is queued or under way.
func (w *Worker) Idle() bool { return !w.busy }

// next takes what waits: all appends up to the next other job are one write and one sync.
func (w *Worker) next() {
	w.busy = len(w.queue) > 0
	if !w.busy {
		return
	}
	j := w.queue[0]
	switch {
	case j.Append != nil:
		w.append()
	case j.Save != nil:
		w.disk.BeginSave(*j.Save)
		w.steps([]func(){w.disk.EndSave})
	case j.Cut != nil:
		w.steps(w.disk.TruncateSteps(*j.Cut))
	case j.Compact != nil:
		w.steps([]func(){func() { w.disk.Compact(*j.Compact) }})
	case j.Install != nil:
		w.steps([]func(){func() { w.install(*j.Install) }})
	default:
		w.after(w.loop.Skewed(50*Microsecond, 5*Millisecond), func() {
			w.finish(1)
			j.Finished(w.disk.Read(j.Read.From, j.Read.Most))
		})
	}
}

func (w *Worker) install(m record.Mark) {
	if err := w.disk.Install(m); err != nil {
		w.loop.Say("install: %v", err)
	}
}

func (w *Worker) append() {
	n := 0
	for n < len(w.queue) && w.queue[n].Append != nil {
		n++
	}
	batch := w.queue[:n:n]
	write := func() {
		for _, j := range batch {
			w.disk.Append(j.Append)
			if w.fate() {
				return
			}
		}
		w.after(w.sync(), func() {
			w.disk.Sync()
			w.finish(n)
			for _, j := range batch {
				j.Done()
			}
		})
	}
	w.after(w.loop.Skewed(5*Microsecond, Millisecond), write)
}

// steps does each step after a sync's time, and then the job is done.
func (w *Worker) steps(steps []func()) {
	w.after(w.sync(), func() {
		steps[0]()
		switch {
		case w.fate():
			return
		case len(steps) > 1:
			w.steps(steps[1:])
		default:
			done := w.queue[0].Done
			w.finish(1)
			done()
		}
	})
}

// finish takes jobs off the queue; the next begins after whatever their Done asks for.
func (w *Worker) finish(n int) {
	w.queue = w.queue[n:]
	w.loop.After(0, func() {
		if !w.dead {
			w.next()
		}
	})
}

func (w *Worker) after(d True, f func()) {
	w.loop.After(d, func() {
		if !w.dead {
			f()
		}
	})
}

// sync is how long one takes: some are a hundred times slower than most.
func (w *Worker) sync() True {
	if w.loop.Chance(*w.late) {
		return w.loop.Skewed(10*Millisecond, Second)
	}
	return w.loop.Skewed(100*Microsecond, 10*Millisecond) + *w.slow
}
