package session

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// A script drives one machine. Each command is one Step at the given instant ("at", since the
// start) and prints what the Step asked for. The commands are those of input and message.
type script struct {
	m   *Machine
	now lease.Instant
	out Out
}

// runScript runs testdata/NAME; the file opens with its story.
func runScript(t *testing.T, name string) {
	t.Helper()
	s := &script{}
	datadriven.RunTest(t, "testdata/"+name, func(t *testing.T, d *datadriven.TestData) string {
		a := args{t: t, d: d}
		if d.Cmd == "new" {
			s.m = New(Config{Key: cell.SessionKey{1}, Identity: "me", Endpoints: strings.Split(a.str("endpoints", "a"), ","),
				Grace: lease.Duration(a.dur("grace", 45*time.Second)), Seed: 1})
			s.now = 0
			return "ok\n"
		}
		s.now = max(s.now, lease.Instant(a.dur("at", time.Duration(s.now))))
		s.out.Reset()
		s.m.Step(s.now, input(a), &s.out)
		return show(&s.out)
	})
}

type args struct {
	t *testing.T
	d *datadriven.TestData
}

func (a args) str(key, or string) string {
	for _, x := range a.d.CmdArgs {
		if x.Key == key && len(x.Vals) > 0 {
			return strings.Join(x.Vals, ",")
		}
	}
	return or
}

func (a args) has(key string) bool { return a.d.HasArg(key) }

func (a args) num(key string, or uint64) uint64 {
	s := a.str(key, "")
	if s == "" {
		return or
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		a.d.Fatalf(a.t, "%s: %v", key, err)
	}
	return n
}

func (a args) dur(key string, or time.Duration) time.Duration {
	s := a.str(key, "")
	if s == "" {
		return or
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		a.d.Fatalf(a.t, "%s: %v", key, err)
	}
	return d
}

func (a args) name() cell.Name { return cell.Name("/ls/local/" + a.str("name", "x")) }

func (a args) zxid(key string) cell.Zxid {
	z, err := cell.ParseZxid(a.str(key, "0.0"))
	if err != nil {
		a.d.Fatalf(a.t, "%s: %v", key, err)
	}
	return z
}

func input(a args) Input {
	id := a.num("id", 0)
	switch a.d.Cmd {
	case "wake":
		return Wake{}
	case "up":
		return LinkUp{a.num("link", 1)}
	case "down":
		return LinkDown{a.num("link", 1), a.str("why", "broken pipe")}
	case "write":
		return Mutate{ID: id, Op: &call.Write{Name: a.name(), Contents: []byte(a.str("data", ""))}}
	case "delete":
		return Mutate{ID: id, Op: &call.Delete{Name: a.name()}}
	case "txn": // deletes name
		return Mutate{ID: id, Op: &call.Txn{Parts: []call.Part{&call.Delete{Name: a.name()}}}}
	case "read":
		return Ask{ID: id, Ask: &call.Read{Name: a.name(), Cache: true}}
	case "revalidate":
		return Ask{ID: id, Ask: &call.Revalidate{Claims: []call.Claim{{Name: a.name(), Instance: 3}}}}
	case "lock":
		op := call.Acquire{Name: a.name(), Mode: cell.Exclusive, Wait: !a.has("try"), Create: true, Delay: -1,
			Margin: int64(a.dur("margin", 0))}
		if a.has("delay") {
			op.Delay = int64(a.dur("delay", 0))
		}
		return Acquire{ID: id, Op: op}
	case "cancel":
		return Cancel{id}
	case "unlock":
		return Unlock{ID: id, Hold: a.num("hold", 0)}
	case "lapsed":
		return Lapsed{a.num("hold", 0)}
	case "watch":
		return Watch{ID: id, Name: a.name(), Recursive: a.has("recursive")}
	case "unwatch":
		return Unwatch{id}
	case "fell":
		return Fell{id}
	case "close":
		return Close{id}
	case "abandon":
		return Abandon{}
	}
	return Received{a.num("link", 1), message(a)}
}

// message makes what a replica sends; epoch and stream are 5 and 1 unless said.
func message(a args) call.Message {
	epoch, stream := cell.Epoch(a.num("epoch", 5)), a.num("stream", 1)
	terms := call.Terms{Epoch: epoch, Incarnation: a.num("inc", 1), Lengths: cell.DefaultLengths(),
		Limits: cell.DefaultLimits()}
	terms.Limits.Unacked = int(a.num("unacked", uint64(terms.Limits.Unacked)))
	switch a.d.Cmd {
	case "welcome":
		return &call.Welcome{Format: cell.Format, Cell: a.str("cell", "local"), Replica: cell.ReplicaID(a.num("replica", 1))}
	case "located":
		at := "a"
		if a.str("master", "1") == "0" {
			at = ""
		}
		return &call.Located{Master: cell.ReplicaID(a.num("master", 1)), Epoch: epoch, Client: a.str("client", at),
			Why: a.str("why", "")}
	case "refused":
		return &call.Refused{Code: a.code(), Message: a.str("why", ""), Epoch: cell.Epoch(a.num("right", 0)),
			RetryAfter: int64(a.dur("after", 0))}
	case "created":
		return &call.Created{Session: cell.SessionID(a.num("session", 7)), Terms: terms}
	case "attached":
		return &call.Attached{Stream: stream, Terms: terms, Holds: a.holds(), More: a.has("more")}
	case "renew":
		return &call.KeepAliveReply{Number: a.num("n", 1), Epoch: epoch, Stream: stream, Parked: int64(a.dur("parked", 0)),
			Session: int64(a.dur("session", 12*time.Second)), Cache: int64(a.dur("cache", 0)), Incarnation: a.num("inc", 1)}
	case "invalidate":
		return &call.Invalidate{Epoch: epoch, Stream: stream, Seq: a.num("seq", 1), Names: []cell.Name{a.name()}}
	case "granted":
		hold := a.num("hold", 0)
		return &call.Granted{Epoch: epoch, Stream: stream, Hold: hold, Sequencer: a.sequencer(hold)}
	case "taken":
		return &call.Taken{Epoch: epoch, Stream: stream, Hold: a.num("hold", 0), Loss: broken}
	case "dropped":
		return &call.Dropped{Epoch: epoch, Stream: stream, Hold: a.num("hold", 0), Code: a.code()}
	case "ended":
		return &call.Ended{Session: cell.SessionID(a.num("session", 7)), Why: a.str("why", "killed")}
	case "reply":
		return a.reply(epoch)
	case "answer":
		return &call.QueryReply{Epoch: epoch, Number: a.num("n", 1), Code: a.code(), RetryAfter: int64(a.dur("after", 0)),
			Node: &call.NodeReply{Stat: cell.Stat{Name: a.name()}, Cachable: true, Incarnation: a.num("inc", 1)}}
	case "events":
		return a.events(epoch, stream)
	}
	a.d.Fatalf(a.t, "unknown command %s", a.d.Cmd)
	return nil
}

func (a args) code() cell.Code {
	errs := map[string]error{"no_master": cell.ErrNoMaster, "overloaded": cell.ErrOverloaded, "exists": cell.ErrExists,
		"session_expired": cell.ErrSessionExpired, "conflict": cell.ErrConflict, "stale_handle": cell.ErrStaleHandle,
		"wrong_cell": cell.ErrWrongCell, "locked": cell.ErrLocked, "too_large": cell.ErrTooLarge}
	return cell.CodeOf(errs[a.str("code", "")])
}

func (a args) sequencer(hold uint64) cell.Sequencer {
	return cell.Sequencer{Mode: cell.Exclusive, Grant: a.num("token", hold), Hold: hold, Instance: 3, Name: a.name()}
}

var broken = call.Loss{End: call.EndBroken, By: "ann"}

// holds reads hold:call:held, hold:call:taken or hold:call:waits, several with commas.
func (a args) holds() (all []call.HoldState) {
	text := a.str("holds", "")
	if text == "" {
		return nil
	}
	for _, h := range strings.Split(text, ",") {
		p := strings.Split(h, ":")
		hold, _ := strconv.ParseUint(p[0], 10, 64)
		number, _ := strconv.ParseUint(p[1], 10, 64)
		s := call.HoldState{Name: a.name(), Hold: hold, Call: number, Held: p[2] == "held"}
		if p[2] == "taken" {
			s.Held, s.Loss = true, broken
		}
		if s.Held {
			s.Sequencer = a.sequencer(hold)
		}
		all = append(all, s)
	}
	return all
}

func (a args) reply(epoch cell.Epoch) call.Message {
	r := &call.CallReply{Epoch: epoch, Number: a.num("n", 1), Proposed: !a.has("unproposed")}
	r.Result = call.Result{Code: a.code(), Zxid: a.zxid("zxid"), RetryAfter: int64(a.dur("after", 0))}
	if h := a.num("held", 0); h != 0 {
		r.Result.Acquired = &call.HoldState{Name: a.name(), Hold: h, Held: true, Sequencer: a.sequencer(h)}
		r.Result.Stat.EphemeralOwner = cell.SessionID(a.num("owner", 0))
	}
	if h := a.num("waits", 0); h != 0 {
		r.Result.Acquired = &call.HoldState{Name: a.name(), Hold: h}
	}
	return r
}

// events reads lines of KIND ZXID NAME.
func (a args) events(epoch cell.Epoch, stream uint64) call.Message {
	e := &call.Events{Epoch: epoch, Stream: stream, Watch: a.num("watch", 1)}
	for _, l := range strings.Split(strings.TrimSpace(a.d.Input), "\n") {
		f := strings.Fields(l)
		z, err := cell.ParseZxid(f[1])
		if err != nil {
			a.d.Fatalf(a.t, "%v", err)
		}
		for k := call.EventCurrent; k <= call.EventResync; k++ {
			if k.String() == f[0] {
				e.Events = append(e.Events, call.Event{Kind: k, Zxid: z, Name: cell.Name("/ls/local/" + f[2])})
			}
		}
	}
	return e
}

// show prints what a Step asked for, in the order in which it is to be done.
func show(o *Out) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	for _, c := range o.Cache {
		kinds := []string{"", "set-aside", "begin", "renew", "invalidate", "drop"}
		p("cache %s%s%s%s", kinds[c.Kind], optional(" inc=", c.Incarnation), names(c.Names), until(c.Until))
	}
	for _, m := range o.Moves {
		p("move hold=%d until=%v", m.Hold, m.Until)
	}
	for _, e := range o.Ends {
		p("end hold=%d: %v", e.Hold, e.Why)
	}
	for _, e := range o.Events {
		if e.Err != nil {
			p("watch=%d ends: %v", e.Watch, e.Err)
			continue
		}
		p("watch=%d %v %v %s", e.Watch, e.Event.Kind, e.Event.Zxid, e.Event.Name)
	}
	for _, s := range o.States {
		p("state %v", s)
	}
	for _, d := range o.Done {
		p("%s", showDone(d))
	}
	for _, c := range o.Closes {
		p("close link=%d", c)
	}
	for _, c := range o.Connects {
		p("connect link=%d %s", c.Link, c.Address)
	}
	for _, s := range o.Sends {
		p("send link=%d %s", s.Link, showMessage(s.Msg))
	}
	p("until %v", o.WakeAt)
	return b.String()
}

func optional(word string, n uint64) string {
	if n == 0 {
		return ""
	}
	return word + strconv.FormatUint(n, 10)
}

func names(all []cell.Name) (s string) {
	for _, n := range all {
		s += " " + string(n)
	}
	return s
}

func until(i lease.Instant) string {
	if i == 0 {
		return ""
	}
	return " until=" + i.String()
}

func showDone(d Done) string {
	s := fmt.Sprintf("done id=%d", d.ID)
	switch {
	case d.Cancelled:
		s += " cancelled " + d.Outcome.String()
	case d.Err != nil:
		s += fmt.Sprintf(" %v: %v", d.Outcome, d.Err)
	case d.Sequencer.Hold != 0:
		s += fmt.Sprintf(" %v until=%v", d.Sequencer, d.Until)
	case d.Reply != nil:
		s += " answer"
	}
	return s
}

func showMessage(m call.Message) string {
	switch m := m.(type) {
	case *call.Call:
		return fmt.Sprintf("call %d acked=%d epoch=%d %s", m.Number, m.Acked, m.Epoch, showOp(m.Op))
	case *call.Query:
		s := strings.TrimPrefix(fmt.Sprintf("%T", m.Ask), "*call.")
		if w, ok := m.Ask.(*call.Watch); ok {
			s += fmt.Sprintf(" %d from=%v", w.ID, w.From)
		}
		return fmt.Sprintf("query %d %s", m.Number, s)
	case *call.KeepAlive:
		return fmt.Sprintf("keepalive %d stream=%d acked=%d flushed=%d", m.Number, m.Stream, m.Acked, m.Flushed)
	case *call.Attach:
		return fmt.Sprintf("attach stream=%d epoch=%d session=%v", m.Stream, m.Epoch, m.Session)
	case *call.CreateSession:
		return fmt.Sprintf("create-session epoch=%d", m.Epoch)
	case *call.Quit:
		return fmt.Sprintf("quit holds=%v", m.Holds)
	case *call.Flushed:
		return fmt.Sprintf("flushed seq=%d inc=%d stream=%d", m.Seq, m.Incarnation, m.Stream)
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", m), "*call."))
}

func showOp(op call.Op) string {
	switch op := op.(type) {
	case *call.Release:
		return fmt.Sprintf("release %s hold=%d", op.Name, op.Hold)
	case *call.Acquire:
		return fmt.Sprintf("acquire %s", op.Name)
	case *call.Write:
		return fmt.Sprintf("write %s", op.Name)
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", op), "*call."))
}

func TestC4_JeopardyAndGrace(t *testing.T)               { runScript(t, "c4_jeopardy") }
func TestC4_ExpiredForGood(t *testing.T)                 { runScript(t, "c4_expired") }
func TestC5_AttachNamesTheEpoch(t *testing.T)            { runScript(t, "c5_attach") }
func TestC6_CacheIsSetAside(t *testing.T)                { runScript(t, "c6_cache") }
func TestC6_ARevalidationEndsWithItsStream(t *testing.T) { runScript(t, "c6_revalidate") }
func TestC7_CallsAreResentInOrder(t *testing.T)          { runScript(t, "c7_calls") }
func TestC7_AConflictIsMadeAnew(t *testing.T)            { runScript(t, "c7_conflict") }
func TestC7_CancelledAcquireIsReleased(t *testing.T)     { runScript(t, "c7_cancel") }
func TestC8_GrantOnlyWhileConnected(t *testing.T)        { runScript(t, "c8_grant") }
func TestC9_WatchGoesOnBehindTheLast(t *testing.T)       { runScript(t, "c9_watch") }
func TestB3_AnOverloadedMasterSaysWhen(t *testing.T)     { runScript(t, "b3_overloaded") }
func TestL1_DeadlinesCountFromTheSending(t *testing.T)   { runScript(t, "l1_deadlines") }
func TestC1_HoldEndsByTheFormula(t *testing.T)           { runScript(t, "c1_hold") }
func TestC1_NothingIsHandedOverThatIsOver(t *testing.T)  { runScript(t, "c1_margin") }
func TestC1_TakenHoldsAreGivenBack(t *testing.T)         { runScript(t, "c1_taken") }
func TestC1_KilledSessionsQuit(t *testing.T)             { runScript(t, "c1_killed") }
func TestC1_OwnDeleteEndsTheHoldFirst(t *testing.T)      { runScript(t, "c1_delete") }
func TestC5_AttachedInPieces(t *testing.T)               { runScript(t, "c5_pieces") }
func TestC9_WatchesFirstInJeopardyToo(t *testing.T)      { runScript(t, "c9_jeopardy") }
func TestC9_NothingOlderThanWhatWasShown(t *testing.T)   { runScript(t, "c9_shown") }
func TestC8_GrantBeforeTheAnswer(t *testing.T)           { runScript(t, "c8_early") }
func TestC5_SearchWithoutLeaving(t *testing.T)           { runScript(t, "search") }
func TestC7_UnknownStaysUnknown(t *testing.T)            { runScript(t, "outcome") }

func TestB3_ANewSessionAsksOneFirst(t *testing.T) { runScript(t, "first") }
func TestB3_ALostMasterIsAskedOfTwo(t *testing.T) { runScript(t, "witnesses") }

func TestC5_TheHeirIsAskedFirst(t *testing.T) { runScript(t, "heir") }
