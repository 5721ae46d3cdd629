package steps

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// A cell in a map: tasks come and end, workers come, die and live again; the assigner sees every
// change late, and its watch begins anew at times. Its moves are refused as the cell refuses them. In
// the end every task is given to one worker who lives.
func TestTheBoardGivesEveryTaskToOneLivingWorker(t *testing.T) {
	for seed := range uint64(300) {
		w := &office{t: t, dice: rand.New(rand.NewPCG(seed, 7)), nodes: map[string]call.Event{},
			board: newBoard("/ls/l/x")}
		w.say(call.Event{Kind: call.EventSynced})
		for range 120 {
			w.something()
		}
		for w.hear() || w.act() {
		}
		require.Empty(t, w.late, "seed %d", seed)
		w.check(seed)
	}
}

type office struct {
	t     *testing.T
	dice  *rand.Rand
	nodes map[string]call.Event
	late  []call.Event // what the assigner has not been told yet
	board *board
	zxid  uint64
}

func (w *office) say(e call.Event) { w.late = append(w.late, e) }

func (w *office) put(name, contents string) {
	if _, there := w.nodes[name]; there {
		return
	}
	w.zxid++
	e := call.Event{Kind: call.EventCreated, Name: cell.Name(name), Stat: cell.Stat{Instance: w.zxid},
		Contents: []byte(contents)}
	w.nodes[name] = e
	w.say(e)
}

func (w *office) remove(name string) {
	if _, there := w.nodes[name]; there {
		delete(w.nodes, name)
		w.say(call.Event{Kind: call.EventDeleted, Name: cell.Name(name)})
	}
}

// resync begins anew with what is there now; what is done before it is heard, it does not show.
func (w *office) resync() {
	w.say(call.Event{Kind: call.EventResync})
	for _, name := range slices.Sorted(maps.Keys(w.nodes)) {
		e := w.nodes[name]
		e.Kind = call.EventCurrent
		w.say(e)
	}
	w.say(call.Event{Kind: call.EventSynced})
}

func (w *office) something() {
	worker, task := fmt.Sprint("w", w.dice.IntN(3)), fmt.Sprint("t", w.dice.IntN(12))
	switch w.dice.IntN(9) {
	case 0, 1:
		w.put("/ls/l/x/tasks/"+task, "")
	case 2:
		w.put("/ls/l/x/present/"+worker, "")
	case 3:
		if w.dice.IntN(4) == 0 {
			w.remove("/ls/l/x/present/" + worker)
		}
	case 4:
		w.end(worker, task)
	case 5:
		if w.dice.IntN(4) == 0 {
			w.resync()
		}
	default:
		if !w.hear() || w.dice.IntN(2) == 0 {
			w.act()
		}
	}
}

// end is a worker's, if the task is given to this life of its.
func (w *office) end(worker, task string) {
	entry := "/ls/l/x/given/" + worker + "/" + task
	if e, ok := w.nodes[entry]; ok && string(e.Contents) == w.life(worker) {
		w.remove("/ls/l/x/tasks/" + task)
		w.remove(entry)
	}
}

func (w *office) life(worker string) string {
	return strconv.FormatUint(w.nodes["/ls/l/x/present/"+worker].Stat.Instance, 10)
}

func (w *office) hear() bool {
	if len(w.late) == 0 {
		return false
	}
	w.board.note(w.late[0])
	w.late = w.late[1:]
	return true
}

// act makes the board's next move, as far as the cell lets it.
func (w *office) act() bool {
	m, ok := w.board.next(leastLoaded)
	if !ok {
		return false
	}
	entry := "/ls/l/x/given/" + m.worker + "/" + m.task
	_, task := w.nodes["/ls/l/x/tasks/"+m.task]
	_, alive := w.nodes["/ls/l/x/present/"+m.worker]
	switch {
	case m.back:
		w.remove(entry)
	case task && alive:
		if _, there := w.nodes[entry]; !there {
			w.put(entry, strconv.FormatUint(m.life, 10))
			w.board.gave(m)
		}
	}
	return len(w.late) > 0
}

func (w *office) check(seed uint64) {
	given, alive := map[string]int{}, 0
	for name, e := range w.nodes {
		var worker, task string
		if n, _ := fmt.Sscanf(name, "/ls/l/x/given/%2s/%s", &worker, &task); n == 2 {
			require.Equal(w.t, w.life(worker), string(e.Contents), "seed %d: %s", seed, name)
			require.Contains(w.t, w.nodes, "/ls/l/x/tasks/"+task, "seed %d", seed)
			given[task]++
		} else if _, err := fmt.Sscanf(name, "/ls/l/x/present/%s", &worker); err == nil {
			alive++
		}
	}
	for name := range w.nodes {
		var task string
		if n, _ := fmt.Sscanf(name, "/ls/l/x/tasks/%s", &task); n == 1 && alive > 0 {
			require.Equal(w.t, 1, given[task], "seed %d: %s", seed, task)
		}
	}
}

func leastLoaded(_ string, workers []Load) string {
	if len(workers) == 0 {
		return ""
	}
	return slices.MinFunc(workers, func(a, b Load) int { return a.Tasks - b.Tasks }).Worker
}
