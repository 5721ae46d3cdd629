package recipe

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// A cell in a map: tasks come and end, workers come, die and live again; the assigner sees every
// change late. Its moves are refused as the cell refuses them. In the end every task is given to one
// worker who lives.
func TestTheBoardGivesEveryTaskToOneLivingWorker(t *testing.T) {
	for seed := range uint64(300) {
		w := &office{t: t, dice: rand.New(rand.NewPCG(seed, 7)), nodes: map[string]client.Event{}, board: newBoard("/ls/l/x")}
		w.say(client.Event{Kind: client.EventSynced})
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
	nodes map[string]client.Event
	late  []client.Event // what the assigner has not been told yet
	board *board
	zxid  uint64
}

func (w *office) say(e client.Event) { w.late = append(w.late, e) }

func (w *office) put(name, contents string) {
	if _, there := w.nodes[name]; there {
		return
	}
	w.zxid++
	e := client.Event{Kind: client.EventCreated, Name: name, Stat: cell.Stat{Instance: w.zxid}, Contents: []byte(contents)}
	w.nodes[name] = e
	w.say(e)
}

func (w *office) remove(name string) {
	if _, there := w.nodes[name]; there {
		delete(w.nodes, name)
		w.say(client.Event{Kind: client.EventDeleted, Name: name})
	}
}

func (w *office) something() {
	worker, task := fmt.Sprint("w", w.dice.IntN(3)), fmt.Sprint("t", w.dice.IntN(12))
	switch w.dice.IntN(8) {
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
	m, ok := w.board.next(LeastLoaded)
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
