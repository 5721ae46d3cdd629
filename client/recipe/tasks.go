package recipe

import (
	"context"
	"errors"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Tasks are handed out by an assigner, each to a named worker: by load, or as it chooses. A Queue,
// from which consumers help themselves, is simpler where no one needs to choose.
//
// A task that was submitted is given to living workers until one of them has ended it; then its own
// entry and that of its assignment go in one transaction, and its submitter hears of it. No task is
// worked on by two at a time: the tasks of a worker who dies are given to another when the lease of its
// session has run out. A task costs a commit each to submit, to give and to end, and a message for
// each of these to the assigner and to those who stand by.
type Tasks struct {
	s    *client.Session
	name string
}

// The nodes below the name: the tasks, who is there to work, and who is to work on what.
const (
	submitted = "/tasks/"
	present   = "/present/"
	given     = "/given/"
	assigner  = "/assigner"
)

// NewTasks speaks of the tasks below name. It touches no network.
func NewTasks(s *client.Session, name string) *Tasks { return &Tasks{s, name} }

// Submit adds a task and gives its name. When the outcome is unknown, it may have been added.
func (t *Tasks) Submit(ctx context.Context, data []byte) (name string, err error) {
	st, err := t.s.Create(ctx, t.name+submitted+"t-", data, client.Sequential(), client.Parents())
	return string(st.Name), err
}

// Finished waits until the task of that name, which Submit gave, has been ended.
func (t *Tasks) Finished(ctx context.Context, name string) error { return gone(ctx, t.s, name) }

// Load is how many tasks a living worker has.
type Load struct {
	Worker string
	Tasks  int
}

// LeastLoaded chooses the worker with the fewest tasks; "" if there is none.
func LeastLoaded(_ string, workers []Load) string {
	best := Load{}
	for _, w := range workers {
		if best.Worker == "" || w.Tasks < best.Tasks {
			best = w
		}
	}
	return best.Worker
}

// Assign takes part in assigning until ctx ends: of all who do, one assigns, the others stand by.
// choose says for each task, oldest first, which of the workers, sorted by name, is to have it; "" lets
// the task, and those behind it, wait. The error says why it ended: ErrLockLost when another assigns.
func (t *Tasks) Assign(ctx context.Context, choose func(task string, workers []Load) string) error {
	hold, err := t.s.Lock(ctx, t.name+assigner)
	if err != nil {
		return err
	}
	defer func() { _ = hold.Unlock(ctx) }()
	ctx, cancel := hold.Bind(ctx)
	defer cancel()
	b := newBoard(t.name)
	for e, err := range t.s.Watch(ctx, t.name, client.Recursive()) {
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		b.note(e)
		if err := t.settle(ctx, hold.Sequencer(), b, choose); err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
	}
	return context.Cause(ctx)
}

// settle makes moves while there are any to make. What was taken back is given anew only when the event
// has said that it is; a refusal says that an event is on its way.
func (t *Tasks) settle(ctx context.Context, held cell.Sequencer, b *board,
	choose func(task string, workers []Load) string) error {
	for {
		m, ok := b.next(choose)
		if !ok {
			return nil
		}
		err := t.make(ctx, held, m)
		if outdated(err) || err == nil && m.back {
			return nil
		}
		if err != nil {
			return err
		}
		b.gave(m)
	}
}

func (t *Tasks) make(ctx context.Context, held cell.Sequencer, m move) error {
	folder := t.name + given + m.worker
	entry := folder + "/" + m.task
	if m.back {
		return t.s.Delete(ctx, entry, client.IfHeld(held))
	}
	ops := []client.Op{client.OpCheckHeld(held), client.OpCheck(t.name + submitted + m.task),
		client.OpCheck(t.name + present + m.worker), client.OpCreate(entry, strconv.AppendUint(nil, m.life, 10))}
	_, err := t.s.Txn(ctx, ops...)
	var refused *client.OpError
	if !errors.As(err, &refused) || refused.Index != len(ops)-1 || !errors.Is(err, cell.ErrNotFound) {
		return err
	}
	if err := makeFolder(ctx, t.s, folder); err != nil {
		return err
	}
	_, err = t.s.Txn(ctx, ops...)
	return err
}

// outdated: what was decided no longer fits what is there.
func outdated(err error) bool {
	return errors.Is(err, cell.ErrExists) || errors.Is(err, cell.ErrNotFound)
}

// Task is a task in the hands of its worker.
type Task struct {
	Name     string // as Submit gave it
	Contents []byte
	Held     cell.Sequencer // proves that the worker still counts as alive
}

// Work makes the session work as worker, until ctx ends: do is called for one task after the other, in
// the order in which they were given. Its ctx ends before anybody else can have the task. The task is
// ended when do returns nil; an error ends Work, and the task goes to another worker. Names of workers
// are unique: who was restarted waits for the end of its former life.
func (t *Tasks) Work(ctx context.Context, worker string, do func(ctx context.Context, task Task) error) error {
	name, err := NewMembers(t.s, t.name+"/present").member(worker)
	if err != nil {
		return err
	}
	stand, err := steps.TakePlaceWhenFree(port{ctx, t.s}, name)
	if err != nil {
		return err
	}
	p := &place{t.s, stand}
	defer func() {
		last, cancel := parting(ctx)
		defer cancel()
		_ = p.leave(last)
	}()
	ctx, cancel := p.hold().Bind(ctx)
	defer cancel()
	folder := t.name + given + worker
	for e, err := range t.s.Watch(ctx, folder, client.WithChildren()) {
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if (e.Kind != client.EventCurrent && e.Kind != client.EventCreated) || e.Name == folder ||
			string(e.Contents) != strconv.FormatUint(p.Node.Instance(), 10) { // given to a former life
			continue
		}
		if err := t.work(ctx, p, cell.Name(e.Name), do); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// work does one task and ends it, if it is still to be done.
func (t *Tasks) work(ctx context.Context, p *place, entry cell.Name,
	do func(ctx context.Context, task Task) error) error {
	name, q := t.name+submitted+entry.Base(), p.sequencer()
	if _, err := t.s.Stat(ctx, string(entry)); err != nil { // after a resync it is told again
		return ignore(err, cell.ErrNotFound)
	}
	f, err := t.s.Read(ctx, name)
	if err != nil {
		return ignore(err, cell.ErrNotFound)
	}
	if err := do(ctx, Task{Name: name, Contents: f.Contents, Held: q}); err != nil {
		return err
	}
	_, err = t.s.Txn(ctx, client.OpCheckHeld(q), client.OpDelete(name), client.OpDelete(string(entry)))
	return ignore(err, cell.ErrNotFound)
}
