package session

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// TestB5_NoServerTripsAnything: whatever a server sends, whenever, the machine goes on.
func TestB5_NoServerTripsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newModel(t)
		m := w.m
		n := func(what string) uint64 { return uint64(w.draw(4, what)) }
		link := func() uint64 { return m.finder.last - min(n("link"), m.finder.last) }
		var out Out
		step := func(in Input) {
			out.Reset()
			m.Step(w.now, in, &out)
		}
		step(Wake{})
		for range rapid.IntRange(20, 150).Draw(t, "steps") {
			w.now = w.now.Add(lease.Duration(w.draw(3000, "ms")) * lease.Millisecond)
			w.id++
			switch w.draw(10, "do") {
			case 0:
				step(LinkUp{link()})
			case 1:
				step(LinkDown{link(), "x"})
			case 2:
				step([]Input{Mutate{ID: w.id, Op: &call.Delete{Name: "/ls/local/x"}},
					Ask{ID: w.id, Ask: &call.Read{Name: "/ls/local/x"}},
					Acquire{ID: w.id, Op: call.Acquire{Name: "/ls/local/x", Mode: cell.Shared}},
					Watch{ID: w.id, Name: "/ls/local/x"}}[n("which")])
			case 3:
				some := uint64(w.draw(int(w.id)+1, "id"))
				step([]Input{Cancel{some}, Unlock{w.id, some}, Fell{some}, Unwatch{some}}[n("which")])
			case 4:
				if w.draw(30, "rare") == 0 {
					step([]Input{Close{w.id}, Abandon{}, Wake{}, Lapsed{n("hold")}}[n("which")])
				}
			default:
				step(Received{link(), w.anything(n)})
			}
		}
	})
}

func (w *model) anything(n func(string) uint64) call.Message {
	epoch, stream := cell.Epoch(n("epoch")), n("stream")
	terms := w.terms()
	terms.Epoch = epoch
	codes := []error{nil, cell.ErrNoMaster, cell.ErrSessionExpired, cell.ErrConflict, cell.ErrOverloaded}
	code := cell.CodeOf(codes[w.draw(len(codes), "code")])
	hold := call.HoldState{Hold: n("hold"), Call: n("call"), Held: n("held") > 1}
	all := []call.Message{
		&call.Welcome{Format: cell.Format, Replica: cell.ReplicaID(n("replica"))},
		&call.Located{Master: cell.ReplicaID(n("master")), Epoch: epoch, Client: "r1"},
		&call.Located{Master: cell.ReplicaID(n("master")), Epoch: epoch, Client: "r1"},
		&call.Refused{Code: code, Epoch: epoch},
		&call.Created{Session: cell.SessionID(n("session")), Terms: terms},
		&call.Attached{Stream: stream, Terms: terms, Holds: []call.HoldState{hold}},
		&call.KeepAliveReply{Number: n("number"), Epoch: epoch, Stream: stream, Session: 1e9, Cache: 1e9},
		&call.Invalidate{Epoch: epoch, Stream: stream, Seq: n("seq")},
		&call.Granted{Epoch: epoch, Stream: stream, Hold: n("hold")},
		&call.Dropped{Epoch: epoch, Stream: stream, Hold: n("hold"), Code: code},
		&call.Ended{Session: cell.SessionID(n("session"))},
		&call.CallReply{Epoch: epoch, Number: n("number"), Proposed: n("proposed") > 1,
			Result: call.Result{Code: code, Acquired: &hold}},
		&call.QueryReply{Epoch: epoch, Number: n("number"), Code: code},
		&call.Events{Epoch: epoch, Stream: stream, Watch: n("watch"),
			Events: []call.Event{{Kind: call.EventKind(n("kind"))}}},
		&call.Hello{}, &call.Call{Epoch: epoch},
	}
	return all[w.draw(len(all), "message")]
}
