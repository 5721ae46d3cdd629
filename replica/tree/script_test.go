package tree

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Each script of testdata tells a story about the rule it is named after.
func story(t *testing.T, name string) {
	s := &script{names: map[string]cell.SessionID{}, holds: map[string]call.HoldState{}, calls: map[string]lastCall{}}
	datadriven.RunTest(t, "testdata/"+name, func(t *testing.T, d *datadriven.TestData) string {
		return s.run(t, d)
	})
}

func TestB1_WhoMayDoWhat(t *testing.T)                       { story(t, "B1_access") }
func TestB2_LimitsAreNamed(t *testing.T)                     { story(t, "B2_limits") }
func TestB2_AQuotaBoundsASubtree(t *testing.T)               { story(t, "B2_quota") }
func TestB2_WhatGrowsIsBounded(t *testing.T)                 { story(t, "B2_growth") }
func TestC1_NoDeleteUnderAHold(t *testing.T)                 { story(t, "C1_delete") }
func TestC1_ATakenHoldKeepsItsPlace(t *testing.T)            { story(t, "C1_taken") }
func TestC2_ALockIsAQueue(t *testing.T)                      { story(t, "C2_locks") }
func TestC3_LockDelayKeepsALostLock(t *testing.T)            { story(t, "C3_delay") }
func TestC7_ACallIsAppliedOnce(t *testing.T)                 { story(t, "C7_once") }
func TestC11_OnlyCarriedNamesChange(t *testing.T)            { story(t, "C11_files") }
func TestC11_ATxnIsAllOrNothing(t *testing.T)                { story(t, "C11_txn") }
func TestC11_ContainersAndTimeToLive(t *testing.T)           { story(t, "C11_perish") }
func TestC11_ASessionEndsFirstAndIsReapedAfter(t *testing.T) { story(t, "C11_sessions") }

type lastCall struct {
	number, acked uint64
	op            call.Op
}

// script runs commands. Sessions and holds go by names that the script gives them.
type script struct {
	w     *world
	names map[string]cell.SessionID
	holds map[string]call.HoldState
	calls map[string]lastCall
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "birth":
		s.w = born(t, func(b *Birth) { s.birth(d, b) })
		return s.w.a.String()
	case "open":
		s.w.t = t
		return s.open(d)
	case "show":
		return s.w.a.String()
	case "seq":
		h := s.holds[d.CmdArgs[0].Key]
		return fmt.Sprintf("%v: %v\n", short(h.Sequencer), s.w.a.CheckSequencer(h.Sequencer))
	case "since":
		z, _ := cell.ParseZxid(text(d, "", "after"))
		changes, ok := s.w.a.Since(z, 1000)
		return fmt.Sprintf("ok %v\n", ok) + s.changes(changes)
	case "end":
		return s.applied(s.w.own(&EndSessions{Sessions: s.sessions(d), Why: "expired"}), d)
	case "caching":
		return s.applied(s.w.own(&MarkCaching{Sessions: s.sessions(d)}), d)
	case "reap":
		id := s.names[d.CmdArgs[0].Key]
		return s.applied(s.w.own(&Reap{Session: id, Names: s.w.a.Ephemerals(id, number(t, d, "most", 1000))}), d)
	case "quotas":
		var b strings.Builder
		for _, q := range s.w.a.Quotas() {
			fmt.Fprintf(&b, "%s: %d of %d nodes, %d of %d bytes\n", q.Name, q.UsedNodes, q.Nodes, q.UsedBytes, q.Bytes)
		}
		return b.String()
	case "quit":
		return s.applied(s.w.own(&Quit{Session: s.names[d.CmdArgs[0].Key]}), d)
	case "overdue":
		op := &BreakOverdue{}
		for _, h := range s.w.a.Timed() {
			op.Holds = append(op.Holds, h.Key)
		}
		return s.applied(s.w.own(op), d)
	case "history":
		return s.history(cell.Name(d.CmdArgs[0].Key))
	case "perish":
		return s.applied(s.w.own(s.perish(t, d)), d)
	case "perishables":
		return s.perishables()
	case "end-delays":
		var keys []DelayKey
		for _, x := range s.w.a.Delays() {
			keys = append(keys, x.Key)
		}
		return s.applied(s.w.own(&EndDelays{Locks: keys}), d)
	}
	return s.client(t, d)
}

func (s *script) birth(d *datadriven.TestData, b *Birth) {
	for _, a := range d.CmdArgs {
		n, _ := strconv.Atoi(a.Vals[0])
		switch a.Key {
		case "children":
			b.Limits.Children = n
		case "nodes":
			b.Limits.Nodes = n
		case "value":
			b.Limits.Value = n
		case "waiters":
			b.Limits.Waiters = n
		case "unacked":
			b.Limits.Unacked = n
		case "handles":
			b.Limits.Handles = n
		case "sessions":
			b.Limits.Sessions = n
		case "ephemerals":
			b.Limits.Ephemerals = n
		case "bytes":
			b.Limits.Bytes = n
		case "name":
			b.Limits.Name = n
		case "depth":
			b.Limits.Depth = n
		case "admin":
			b.Admin = a.Vals[0]
		}
	}
}

func (s *script) open(d *datadriven.TestData) string {
	var out strings.Builder
	for _, a := range d.CmdArgs {
		if a.Key == "principal" {
			continue
		}
		key := a.Key[0] - 'a' + 1
		got := s.w.own(&OpenSession{KeyHash: [32]byte{key}, Identity: a.Key,
			Principal: text(d, cell.Anonymous, "principal")})
		if got.Result.Code != 0 {
			fmt.Fprintf(&out, "%s\n", got.Result.Message)
			continue
		}
		s.names[a.Key] = got.Opened
		fmt.Fprintf(&out, "%s is %v, again: %v\n", a.Key, cell.Zxid(got.Opened), got.Replayed)
	}
	return out.String()
}

func (s *script) sessions(d *datadriven.TestData) []cell.SessionID {
	var out []cell.SessionID
	for _, a := range d.CmdArgs {
		out = append(out, s.names[a.Key])
	}
	return out
}

// client runs "OP SESSION NAME [flags]".
func (s *script) client(t *testing.T, d *datadriven.TestData) string {
	who := d.CmdArgs[0].Key
	id := s.names[who]
	op := s.op(t, d)
	last := s.calls[who]
	c := lastCall{op: op, acked: uint64(number(t, d, "acked", 0))}
	c.number = uint64(number(t, d, "call", int(last.number)+1))
	if d.Cmd == "plan" {
		names, refusal := s.w.a.Plan(Txn{Session: id, Call: c.number, Principal: s.w.principal(id), Op: op})
		if refusal != nil {
			return fmt.Sprintf("%s: %s\n", refusal.Code, refusal.Message)
		}
		return fmt.Sprintf("carries %v\n", names)
	}
	if d.Cmd == "again" {
		c = last
	}
	if c.number > last.number {
		s.calls[who] = c
	}
	s.w.t = t
	if d.HasArg("carry") {
		return s.applied(s.carry(t, d, id, c), d)
	}
	return s.applied(s.w.callAs(id, c.number, c.acked, c.op), d)
}

// carry applies a call with the names given, whatever it would need.
func (s *script) carry(t *testing.T, d *datadriven.TestData, id cell.SessionID, c lastCall) Applied {
	var names []cell.Name
	for _, n := range strings.Split(text(d, "", "carry"), ";") {
		if n != "" && n != "-" {
			names = append(names, cell.Name(n))
		}
	}
	return s.w.apply(Encode(Txn{Session: id, Call: c.number, Acked: c.acked, Names: names,
		Principal: s.w.principal(id), Op: c.op}), 1)
}

func (s *script) op(t *testing.T, d *datadriven.TestData) call.Op {
	cmd, args := d.Cmd, d.CmdArgs[1:]
	if cmd == "plan" {
		cmd, args = args[0].Key, args[1:]
	}
	if cmd == "close" || cmd == "again" {
		return &call.CloseSession{}
	}
	if cmd == "txn" {
		return s.txn(t, d)
	}
	if cmd == "set-acl" {
		return s.setACL(t, d)
	}
	if cmd == "set" {
		return &call.Set{Key: args[0].String(), Value: int64(number(t, d, "to", 0))}
	}
	if cmd == "kill" {
		return &call.Kill{Session: s.names[args[0].Key]}
	}
	name := cell.Name(args[0].Key)
	var generation *uint64
	if d.HasArg("gen") {
		g := uint64(number(t, d, "gen", 0))
		generation = &g
	}
	var proof *cell.Sequencer
	if h, ok := s.holds[text(d, "", "if-held")]; ok {
		proof = &h.Sequencer
	}
	lasting := call.Lasting{Container: d.HasArg("container"), TTL: int64(number(t, d, "ttl", 0)) * 1e9}
	instance, _ := cell.ParseZxid(text(d, "0.0", "instance"))
	data := []byte(text(d, "", "data"))
	switch cmd {
	case "create":
		return &call.Create{Name: string(name), Contents: data, Ephemeral: d.HasArg("ephemeral"),
			Sequential: d.HasArg("sequential"), Parents: d.HasArg("parents"), IfHeld: proof,
			Lasting: lasting, ACL: aclNames(d)}
	case "write":
		return &call.Write{Name: name, Contents: data, IfGeneration: generation, OrCreate: d.HasArg("or-create"),
			Ephemeral: d.HasArg("ephemeral"), Parents: d.HasArg("parents"), IfHeld: proof, Instance: uint64(instance),
			Lasting: lasting, ACL: aclNames(d)}
	case "delete":
		return &call.Delete{Name: name, IfGeneration: generation, IfHeld: proof, Instance: uint64(instance)}
	case "acquire":
		mode := cell.Exclusive
		if d.HasArg("shared") {
			mode = cell.Shared
		}
		return &call.Acquire{Name: name, Mode: mode, Wait: d.HasArg("wait"), Create: d.HasArg("create"),
			Instance: uint64(instance), Delay: int64(number(t, d, "delay", -1)),
			Margin: int64(number(t, d, "margin", 0)), MaxHold: int64(number(t, d, "max-hold", 0))}
	case "break":
		return &call.Break{Name: name, Token: s.holds[text(d, "", "hold")].Sequencer.Grant}
	case "release":
		return &call.Release{Name: name, Hold: s.holds[text(d, "", "hold")].Hold}
	}
	require.Failf(t, "unknown command", "%s", d.Cmd)
	return nil
}

func text(d *datadriven.TestData, or, key string) string {
	for _, a := range d.CmdArgs {
		if a.Key == key && len(a.Vals) > 0 {
			return a.Vals[0]
		}
	}
	return or
}

func number(t *testing.T, d *datadriven.TestData, key string, or int) int {
	s := text(d, "", key)
	if s == "" {
		return or
	}
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// applied shows what a transaction did, and keeps its hold under the name as=.
func (s *script) applied(a Applied, d *datadriven.TestData) string {
	var b strings.Builder
	r := a.Result
	if a.Fatal != "" {
		return a.Fatal + "\n"
	}
	if r.Code != 0 {
		fmt.Fprintf(&b, "%s: %s", r.Code, r.Message)
	} else {
		fmt.Fprintf(&b, "ok %v %s", r.Zxid, r.Stat.Name)
	}
	if a.Replayed {
		b.WriteString(" (from the record)")
	}
	b.WriteString("\n")
	if q := r.Acquired; q != nil {
		fmt.Fprintf(&b, "  hold %v held %v %s\n", cell.Zxid(q.Hold), q.Held, short(q.Sequencer))
		if as := text(d, "", "as"); as != "" {
			s.holds[as] = *q
		}
	}
	b.WriteString(s.changes(a.Changes))
	for i, stat := range r.Parts {
		fmt.Fprintf(&b, "  part %d: %s gen %d/%d\n", i+1, stat.Name, stat.ContentGeneration, stat.ChildrenGeneration)
	}
	if r.Refused > 0 {
		fmt.Fprintf(&b, "  part %d is refused\n", r.Refused)
	}
	for _, x := range a.Drops {
		fmt.Fprintf(&b, "  drop %v of %v held %v: %s\n", cell.Zxid(x.Hold), cell.Zxid(x.Session), x.Held, x.Code)
	}
	for _, x := range a.Taken {
		fmt.Fprintf(&b, "  taken %v of %v: %v, margin %v\n", cell.Zxid(x.Key.Hold), cell.Zxid(x.Session), x.Loss, x.Margin)
	}
	for _, x := range a.Timed {
		fmt.Fprintf(&b, "  timed %v: %v\n", cell.Zxid(x.Key.Hold), x.Length)
	}
	for _, x := range a.Over {
		fmt.Fprintf(&b, "  over %v\n", cell.Zxid(x.Hold))
	}
	for _, x := range a.Delays {
		fmt.Fprintf(&b, "  delay %s %v shared %v\n", x.Key.Name, x.Length, x.Shared)
	}
	for _, g := range a.Grants {
		fmt.Fprintf(&b, "  grant to %v: %s\n", cell.Zxid(g.Session), short(g.State.Sequencer))
		s.keep(g.State)
	}
	for _, id := range a.Ended {
		fmt.Fprintf(&b, "  ended %v\n", cell.Zxid(id))
	}
	if a.Gone != 0 {
		fmt.Fprintf(&b, "  gone %v\n", cell.Zxid(a.Gone))
	}
	return b.String()
}

func (s *script) history(name cell.Name) string {
	var b strings.Builder
	l, _ := s.w.a.Lock(name, 0)
	for _, p := range l.History {
		fmt.Fprintf(&b, "%s token %v %s\n", p.Identity, cell.Zxid(p.Token), p.End)
	}
	return b.String()
}

func (s *script) keep(q call.HoldState) {
	for as, h := range s.holds { // each is visited, in whatever order
		if h.Hold == q.Hold {
			s.holds[as] = q
		}
	}
}

func (s *script) changes(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "  %v %s %s gen %d/%d %q\n", c.Zxid, c.Kind, c.Name, c.Stat.ContentGeneration,
			c.Stat.ChildrenGeneration, c.Contents)
	}
	return b.String()
}

func short(q cell.Sequencer) string {
	if q.Name == "" {
		return "-"
	}
	return fmt.Sprintf("%s token %v hold %v", q.Mode, cell.Zxid(q.Grant), cell.Zxid(q.Hold))
}
