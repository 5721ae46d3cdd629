package chaos

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/sim/check"
)

var (
	lasting = flag.Duration("lasting", 20*time.Second, "how long TestC6_HistoriesUnderFaults harms the cell")
	seed    = flag.Int64("seed", time.Now().UnixNano(), "of its faults and calls")
)

const (
	workers  = 6
	longest  = 50              // operations in one history: longer ones take too long to judge
	patience = 2 * time.Minute // for judging one history; one that takes longer is a failure
)

// histories is what workers did and were told, by the clock of this process.
type histories struct {
	t         *testing.T
	began     time.Time
	mu        sync.Mutex
	court     check.Court
	registers *check.Registers
	lanes     [4]int // how many names of each lane are full
	held      []held
	calls     int
	expired   int
}

// held is a lock as its holder saw it.
type held struct {
	name       string
	token      uint64
	begun, end int64
}

func newHistories(t *testing.T) *histories {
	h := &histories{t: t, began: time.Now()}
	h.registers = check.NewRegisters(&h.court)
	h.registers.Most = longest
	return h
}

func (h *histories) now() int64 { return int64(time.Since(h.began)) }

// begin notes an operation on a lane's current name, or on its next when that is full.
func (h *histories) begin(worker, lane int, kind check.Kind, expect, value string) (string, *check.Operation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		name := fmt.Sprintf("/ls/local/lane-%d-%d", lane, h.lanes[lane])
		var o *check.Operation
		if kind == check.Swap {
			o = h.registers.BeginSwap(worker, name, expect, value, h.now())
		} else {
			o = h.registers.Begin(worker, name, kind, value, h.now())
		}
		if o != nil {
			return name, o
		}
		h.lanes[lane]++
	}
}

func (h *histories) end(o *check.Operation, a check.Answer, value string) {
	at := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	o.End(a, value, at)
}

// answered is what a call's error says about it.
func answered(err error) check.Answer {
	var op *client.OpError
	switch {
	case err == nil:
		return check.Done
	case errors.Is(err, cell.ErrNotFound):
		return check.Absent
	case errors.Is(err, cell.ErrExists):
		return check.Present
	case errors.Is(err, cell.ErrGeneration):
		return check.Differs
	case errors.As(err, &op) && op.Outcome == client.Unknown:
		return check.Unknown
	}
	return check.Nothing
}

// worker calls until ctx ends, with a new session where one expired.
func (h *histories) worker(ctx context.Context, c *client.Client, id int, rng *rand.Rand) {
	for ctx.Err() == nil {
		s, err := c.NewSession(ctx)
		if err != nil {
			continue // no master for a while
		}
		for n := 0; ctx.Err() == nil && s.State() != client.Expired; n++ {
			h.one(ctx, s, id, rng)
		}
		if s.State() == client.Expired {
			h.mu.Lock()
			h.expired++
			h.mu.Unlock()
		}
	}
}

// one does one call. Its own context ends late only: who waits long is told the truth.
func (h *histories) one(ctx context.Context, s *client.Session, id int, rng *rand.Rand) {
	lane := rng.Intn(4)
	value := fmt.Sprintf("%d-%d", id, rng.Int63())
	switch n := rng.Intn(100); {
	case n < 10:
		h.lock(ctx, s, fmt.Sprintf("/ls/local/lock-%d", rng.Intn(2)), time.Duration(rng.Intn(20))*time.Millisecond)
	case n < 55:
		h.read(ctx, s, id, lane, rng.Intn(3) > 0)
	case lane == 0:
		h.swap(ctx, s, id, value)
	default:
		h.change(ctx, s, id, lane, []check.Kind{check.Write, check.Create, check.Write, check.Delete}[rng.Intn(4)], value)
	}
}

func (h *histories) read(ctx context.Context, s *client.Session, id, lane int, cached bool) {
	name, o := h.begin(id, lane, check.Read, "", "")
	var how []client.ReadOption
	if !cached {
		how = append(how, client.Uncached())
	}
	f, err := s.Read(ctx, name, how...)
	h.end(o, answered(err), string(f.Contents))
}

func (h *histories) change(ctx context.Context, s *client.Session, id, lane int, kind check.Kind, value string) {
	name, o := h.begin(id, lane, kind, "", value)
	var err error
	switch kind {
	case check.Write:
		_, err = s.Write(ctx, name, []byte(value))
	case check.Create:
		_, err = s.Create(ctx, name, []byte(value))
	default:
		err = s.Delete(ctx, name)
	}
	h.end(o, answered(err), "")
}

// swap reads a name of the lane that is never deleted, and writes if it is still as it was read.
func (h *histories) swap(ctx context.Context, s *client.Session, id int, value string) {
	name, o := h.begin(id, 0, check.Read, "", "")
	f, err := s.Read(ctx, name)
	h.end(o, answered(err), string(f.Contents))
	switch {
	case errors.Is(err, cell.ErrNotFound):
		name, o = h.begin(id, 0, check.Create, "", value)
		_, err = s.Create(ctx, name, []byte(value))
	case err == nil:
		var now string
		if now, o = h.begin(id, 0, check.Swap, string(f.Contents), value); now != name {
			h.end(o, check.Nothing, "") // the name was full: this is about the next one
			return
		}
		_, err = s.Write(ctx, name, []byte(value), client.IfGeneration(f.Stat.ContentGeneration))
	default:
		return
	}
	h.end(o, answered(err), "")
}

// lock holds a lock for a moment, or until it is lost.
func (h *histories) lock(ctx context.Context, s *client.Session, name string, long time.Duration) {
	k, err := s.Lock(ctx, name)
	if err != nil {
		return
	}
	mine := held{name: name, token: k.Sequencer().Token(), begun: h.now()}
	timer := time.NewTimer(long)
	select {
	case <-k.Context().Done():
	case <-timer.C:
	}
	timer.Stop()
	mine.end = h.now()
	if k.Context().Err() != nil { // it had ended by then, and not later than it said
		mine.end = min(mine.end, int64(k.Deadline().Sub(h.began)))
	}
	_ = k.Unlock(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held = append(h.held, mine)
}

// judge: each lock one holder at a time, its tokens in their order (C1, C2); of each name an order
// of all calls that explains every answer (C6).
func (h *histories) judge() (judged int) {
	slices.SortFunc(h.held, func(a, b held) int { return int(a.begun - b.begun) })
	last := map[string]held{}
	for _, now := range h.held {
		before, ok := last[now.name]
		require.False(h.t, ok && now.token <= before.token, "C2: %s: token %d after %d", now.name, now.token, before.token)
		require.False(h.t, ok && now.begun < before.end, "C1: %s is held with token %d and with %d at once",
			now.name, before.token, now.token)
		last[now.name] = now
	}
	judged, undecided := h.registers.Judge(patience)
	require.Nil(h.t, h.court.Verdict())
	require.Zero(h.t, undecided, "histories that took too long to judge")
	return judged
}

// Real processes, each in a network of its own, killed, stopped and cut off at random under calls
// of every kind: all that was answered has one explanation.
func TestC6_HistoriesUnderFaults(t *testing.T) {
	realProcesses(t)
	apartOrSkip(t)
	t.Logf("-seed %d", *seed)
	p := startApart(t)
	p.whole()
	h, f := newHistories(t), newFaults(p, *seed)
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	for id := range workers {
		c := p.client()
		working.Go(func() { h.worker(ctx, c, id, rand.New(rand.NewSource(*seed+int64(id)))) })
	}
	harming, end := context.WithTimeout(ctx, *lasting)
	f.run(harming)
	end()
	p.whole()
	stop()
	working.Wait()
	judged := h.judge()
	require.Greater(t, judged, 0)
	require.NotEmpty(t, h.held)
	t.Logf("%d calls in %d histories, %d holds, %d sessions expired; %v", h.calls, judged, len(h.held), h.expired, f)
}

// startApart starts a cell whose replicas have a network namespace each.
func startApart(t *testing.T) *processes {
	t.Helper()
	p := newProcesses(t)
	p.apart = newNetwork(t)
	out, err := exec.Command(p.celld, "init", "--dir", p.dir, "--hosts", p.apart.hosts()).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for i := 1; i <= 5; i++ {
		p.endpoints = append(p.endpoints, fmt.Sprintf("%s:%d", p.apart.host(i), 7400+i))
		p.http = append(p.http, fmt.Sprintf("%s:%d", p.apart.host(i), 7420+i))
		p.serve(i)
	}
	t.Cleanup(p.end)
	return p
}
