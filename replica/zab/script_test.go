package zab

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// TestScripts plays the stories in testdata/script: a world with constant delays and no faults but those
// a story asks for. Each command's output is what happened meanwhile.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "cell" {
				w = scriptedWorld(t, d)
				return ""
			}
			w.t = t
			return w.command(d)
		})
	})
}

func scriptedWorld(t *testing.T, d *datadriven.TestData) *world {
	n, roll := 3, 0
	d.MaybeScanArgs(t, "n", &n)
	d.MaybeScanArgs(t, "roll", &roll)
	file := n // how many of them the file names
	d.MaybeScanArgs(t, "file", &file)
	w := newWorld(t, 1, n, uint32(roll))
	w.members = w.members[:file]
	w.fixed, w.calm, w.rng = true, true, rand.New(rand.NewSource(7))
	for i, x := range w.nodes {
		x.offset, x.rate = int64(i+1)*1e9, 1_000_000
		x.disk.hard.Incarnation = cell.Incarnation(i + 101)
	}
	for _, l := range w.pipes() {
		l.tryConnect()
	}
	return w
}

func (w *world) command(d *datadriven.TestData) string {
	w.trace = nil
	w.talk = d.HasArg("talk")
	var nodes []*node
	for _, a := range d.CmdArgs {
		var id int
		if n, _ := fmt.Sscanf(a.Key, "r%d", &id); n == 1 {
			nodes = append(nodes, w.nodes[id-1])
		}
	}
	switch d.Cmd {
	case "run":
		length, err := time.ParseDuration(d.CmdArgs[0].Key)
		if err != nil {
			w.t.Fatal(err)
		}
		w.run(lease.Duration(length))
	case "cut", "join":
		for _, x := range nodes[1:] {
			w.pipe(nodes[0].i, x.i).setCut(d.Cmd == "cut")
		}
	case "slow": // by=T: what goes between the first and the others takes so much longer
		var by string
		d.ScanArgs(w.t, "by", &by)
		length, err := time.ParseDuration(by)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, x := range nodes[1:] {
			w.pipe(nodes[0].i, x.i).slow = lease.Duration(length)
		}
	case "state":
		return w.states(nodes)
	default:
		for _, n := range nodes {
			w.order(d, n)
		}
	}
	return strings.Join(w.trace, "\n")
}

// order does one thing to one replica.
func (w *world) order(d *datadriven.TestData, n *node) {
	switch d.Cmd {
	case "start":
		n.start()
	case "crash": // kept=N: what the disk had not done yet, N operations of it happened nevertheless
		n.disk.kept = -1
		d.MaybeScanArgs(w.t, "kept", &n.disk.kept)
		n.crash()
	case "when": // sends=T [to=N]: it crashes before that message leaves; or break, or stall: see trap
		n.trap = &trap{breaks: d.HasArg("break"), stalls: d.HasArg("stall")}
		d.ScanArgs(w.t, "sends", &n.trap.sends)
		d.MaybeScanArgs(w.t, "to", &n.trap.to)
	case "empty":
		n.crash()
		old := n.disk.hard.Incarnation
		n.disk.wipe(w)
		n.disk.hard.Incarnation = old + 100
	case "propose":
		count := 1
		d.MaybeScanArgs(w.t, "count", &count)
		for ; count > 0; count-- {
			n.step(n.app.next())
		}
	case "swap": // old=N new=N: it logs the list in which one takes the place of another
		var old, newcomer int
		d.ScanArgs(w.t, "old", &old)
		d.ScanArgs(w.t, "new", &newcomer)
		x := cell.Member{ID: cell.ReplicaID(newcomer), Incarnation: w.nodes[newcomer-1].disk.hard.Incarnation}
		n.step(Propose{record.Members, simMembers(n.core.Members().Without(cell.ReplicaID(old)).With(x))})
	case "resign":
		n.step(Resign{"asked to"})
	case "snapshot":
		n.takeSnapshot()
	case "stall":
		n.disk.stall = true
	case "unstall":
		n.disk.stall = false
		n.disk.next(n)
	default:
		w.t.Fatalf("unknown command %s", d.Cmd)
	}
}

func (w *world) states(nodes []*node) string {
	var b strings.Builder
	for _, n := range nodes {
		if n.core == nil {
			h := n.disk.hard
			fmt.Fprintf(&b, "r%d is down, accepted %d, current %d, log %v\n", n.id, h.AcceptedEpoch, h.CurrentEpoch,
				n.disk.last())
			continue
		}
		left := max(0, n.core.Lease(n.clock()).Sub(n.clock()))
		fmt.Fprintf(&b, "r%d %s, standing %d, current %d, log %v, committed %d, lease left %v\n", n.id, n.core.Role(),
			n.disk.hard.Standing, n.disk.hard.CurrentEpoch, n.core.Durable(), n.core.Committed(), left)
	}
	return b.String()
}
