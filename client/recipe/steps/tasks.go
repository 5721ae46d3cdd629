package steps

import (
	"errors"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// The nodes below the name of tasks: the tasks, who is there to work, who is to work on what, and whose
// lock decides who assigns.
const (
	submitted = "/tasks/"
	present   = "/present/"
	given     = "/given/"
	assigner  = "/assigner"
)

// Assigner is the node whose lock decides who assigns.
func Assigner(name string) string { return name + assigner }

// Worker is the place of a worker of that name.
func Worker(name, worker string) string { return name + present + worker }

// Submit adds a task and gives its name.
func Submit(p Port, name string, data []byte) (string, error) {
	return p.Create(name+submitted+"t-", data, true)
}

// Assign gives tasks to workers, as choose says, while the hold stands.
func Assign(p Port, name string, held cell.Sequencer, choose func(task string, workers []Load) string) error {
	feed := p.Watch(name, Recursive)
	defer feed.Stop()
	for b := newBoard(name); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		b.note(e)
		if err := settle(p, held, b, choose); err != nil {
			return err
		}
	}
}

// settle makes moves while there are any to make. What was taken back is given anew only when the event
// has said that it is; a refusal says that an event is on its way.
func settle(p Port, held cell.Sequencer, b *board, choose func(task string, workers []Load) string) error {
	for {
		m, ok := b.next(choose)
		if !ok {
			return nil
		}
		err := m.make(p, b.name, held)
		if outdated(err) || err == nil && m.back {
			return nil
		}
		if err != nil {
			return err
		}
		b.gave(m)
	}
}

func (m move) make(p Port, name string, held cell.Sequencer) error {
	folder := name + given + m.worker
	entry := folder + "/" + m.task
	if m.back {
		return consume(p, held, entry)
	}
	parts := []call.Part{&call.CheckSequencer{Sequencer: held},
		&call.Check{Name: cell.Name(name + submitted + m.task)}, &call.Check{Name: cell.Name(name + present + m.worker)},
		&call.Create{Name: entry, Contents: strconv.AppendUint(nil, m.life, 10)}}
	refused, err := p.Txn(parts...)
	if refused != len(parts)-1 || !errors.Is(err, cell.ErrNotFound) {
		return err
	}
	if err := p.Folder(folder); err != nil {
		return err
	}
	_, err = p.Txn(parts...)
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

// Work does, at the worker's place, one task after the other that is given to it. A task is ended when do
// returns nil; an error ends Work, and the task goes to another worker.
func Work(p Port, name, worker string, place *Place, do func(Task) error) error {
	folder := name + given + worker
	feed := p.Watch(folder, WithChildren)
	defer feed.Stop()
	for {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		if (e.Kind != call.EventCurrent && e.Kind != call.EventCreated) || string(e.Name) == folder ||
			string(e.Contents) != strconv.FormatUint(place.Node.Instance(), 10) { // given to a former life
			continue
		}
		if err := work(p, name, place, string(e.Name), do); err != nil {
			return err
		}
	}
}

// work does one task and ends it, if it is still to be done.
func work(p Port, name string, place *Place, entry string, do func(Task) error) error {
	if _, _, err := p.Read(entry); err != nil { // after a resync it is told again
		return ignore(err, cell.ErrNotFound)
	}
	task := Task{Name: name + submitted + base(entry), Held: place.Hold.Sequencer()}
	contents, _, err := p.Read(task.Name)
	if err != nil {
		return ignore(err, cell.ErrNotFound)
	}
	task.Contents = contents
	if err := do(task); err != nil {
		return err
	}
	return ignore(consume(p, task.Held, task.Name, entry), cell.ErrNotFound)
}
