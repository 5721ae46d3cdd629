package steps

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell/call"
)

// board is what an assigner knows, as the events of a recursive watch tell it, and decides: without
// any message, so that it can be tested.
type board struct {
	name   string
	tasks  map[string]bool
	alive  map[string]uint64 // workers, by the zxid at which this life of theirs began
	given  map[grant]uint64  // to which life
	own    map[grant]uint64  // those of given that are ours, and of which no event has told yet
	synced bool
}

// Load is how many tasks a living worker has.
type Load struct {
	Worker string
	Tasks  int
}

// grant is that a task is given to a worker.
type grant struct{ task, worker string }

// move is one thing to be done: to give a task to a worker in this life of its, or to take it back.
type move struct {
	grant
	life uint64
	back bool
}

func newBoard(name string) *board {
	return &board{name: name, tasks: map[string]bool{}, alive: map[string]uint64{}, given: map[grant]uint64{},
		own: map[grant]uint64{}}
}

// note takes an event up.
func (b *board) note(e call.Event) {
	there := e.Kind == call.EventCurrent || e.Kind == call.EventCreated
	switch {
	case e.Kind == call.EventResync:
		b.forget()
		return
	case e.Kind == call.EventSynced:
		b.synced = true
		b.over()
		return
	case !there && e.Kind != call.EventDeleted:
		return
	}
	if task, ok := strings.CutPrefix(string(e.Name), b.name+submitted); ok {
		keep(b.tasks, task, true, there)
	}
	if worker, ok := strings.CutPrefix(string(e.Name), b.name+present); ok {
		keep(b.alive, worker, e.Stat.Instance, there)
	}
	if entry, ok := strings.CutPrefix(string(e.Name), b.name+given); ok {
		if worker, task, ok := strings.Cut(entry, "/"); ok {
			life, _ := strconv.ParseUint(string(e.Contents), 10, 64) // nonsense is a life that is over
			keep(b.given, grant{task, worker}, life, there)
			delete(b.own, grant{task, worker})
		}
	}
}

// forget begins anew, but for what we gave: what comes now may be older than that.
func (b *board) forget() {
	own := b.own
	*b = *newBoard(b.name)
	b.own = own
	maps.Copy(b.given, own)
}

// over drops what we gave and was ended before anybody told us that it was given.
func (b *board) over() {
	over := func(g grant, _ uint64) bool { _, ours := b.own[g]; return ours && !b.tasks[g.task] }
	maps.DeleteFunc(b.given, over)
	maps.DeleteFunc(b.own, over)
}

// gave notes a move that was made, before its event comes: else the task would be given to another, too.
func (b *board) gave(m move) { b.given[m.grant], b.own[m.grant] = m.life, m.life }

func keep[K comparable, V any](m map[K]V, k K, v V, there bool) {
	if there {
		m[k] = v
	} else {
		delete(m, k)
	}
}

// next decides what to do. What was given to a life that is over, or is a task no more, is taken back
// before anything is given.
func (b *board) next(choose func(task string, workers []Load) string) (move, bool) {
	if !b.synced {
		return move{}, false
	}
	load, busy := map[string]int{}, map[string]bool{}
	for _, g := range b.grants() {
		life := b.given[g]
		if !b.tasks[g.task] || b.alive[g.worker] == 0 || b.alive[g.worker] != life {
			return move{grant: g, back: true}, true
		}
		load[g.worker]++
		busy[g.task] = true
	}
	var workers []Load
	for _, w := range slices.Sorted(maps.Keys(b.alive)) {
		workers = append(workers, Load{w, load[w]})
	}
	for _, task := range slices.Sorted(maps.Keys(b.tasks)) {
		if busy[task] {
			continue
		}
		worker := choose(b.name+submitted+task, workers)
		life, alive := b.alive[worker]
		return move{grant: grant{task, worker}, life: life}, alive
	}
	return move{}, false
}

func (b *board) grants() []grant {
	return slices.SortedFunc(maps.Keys(b.given), func(x, y grant) int {
		if d := strings.Compare(x.task, y.task); d != 0 {
			return d
		}
		return strings.Compare(x.worker, y.worker)
	})
}
