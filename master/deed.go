package master

import (
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// Deed is what somebody did or tried to do, for the audit: one line of it. Applied ones come from every
// replica that applies the transaction, the same everywhere; the others only from the master that refused.
type Deed struct {
	Time      int64 // wall clock, unix nanoseconds: of an applied one, at its admission
	Principal string
	Identity  string
	Address   string
	Session   cell.SessionID // 0: none
	Call      uint64         // 0: not a session's call
	Op        string
	Name      string // of a node; "" for none
	Code      cell.Code
	Zxid      cell.Zxid // of the transaction; of the tree by which it was refused
	Applied   bool
	Detail    string
}

// Deeds are those of a transaction that has been applied to t, with what followed from it, in order.
func Deeds(t *tree.Tree, a *tree.Applied) []Deed {
	if a.Replayed {
		return nil
	}
	d := deeds{tree: t, from: Deed{Time: a.Txn.Time, Zxid: a.Mark.Zxid, Applied: true}}
	d.own(a)
	for _, g := range a.Grants {
		d.add(g.Session, "grant", string(g.State.Name), "token "+strconv.FormatUint(g.State.Sequencer.Grant, 10))
	}
	for _, x := range a.Taken {
		d.add(x.Session, "taken", string(x.Key.Name), x.Loss.String())
	}
	for _, x := range a.Drops {
		d.add(x.Session, "dropped", string(x.Name), x.Code.String())
	}
	for i := range a.Changes {
		if c := &a.Changes[i]; c.Kind == call.EventUnlocked {
			d.add(0, "unlocked", string(c.Name), "")
		}
	}
	for _, id := range a.Ended {
		v, _ := t.Session(id)
		d.add(id, "session_end", "", v.Why)
	}
	return d.all
}

// deeds are being collected. from is what all have in common.
type deeds struct {
	tree *tree.Tree
	from Deed
	all  []Deed
}

// add adds what concerns a session, with who that is.
func (d *deeds) add(id cell.SessionID, op, name, detail string) *Deed {
	x := d.from
	x.Session, x.Op, x.Name, x.Detail = id, op, name, detail
	x.know(d.tree)
	d.all = append(d.all, x)
	return &d.all[len(d.all)-1]
}

// know fills in whose session it is.
func (d *Deed) know(t *tree.Tree) {
	if v, ok := t.Session(d.Session); ok && d.Session != 0 {
		d.Principal, d.Identity, d.Address = v.Principal, v.Identity, v.Address
	}
}

// own is what the transaction itself was for.
func (d *deeds) own(a *tree.Applied) {
	switch op := a.Txn.Op.(type) {
	case *call.Txn:
		if a.Result.Code == 0 {
			d.parts(a, op)
			return
		}
		d.add(a.Txn.Session, "txn", partName(op, a.Result.Refused), "").of(a)
	case *tree.OpenSession:
		d.add(a.Opened, "session_open", "", "").of(a)
	case *tree.Birth, *tree.Bind:
		d.add(0, "members", "", fmt.Sprint(d.tree.Members())).of(a)
	case *tree.Reap:
		d.gone(a, "reap", op.Session)
	case *tree.Perish:
		d.gone(a, "perish", 0)
	case call.Op:
		name, detail := describeOp(op)
		if q := a.Result.Acquired; q != nil && !q.Held {
			detail += " queued"
		}
		if made := a.Result.Stat.Name; made != "" {
			name = string(made) // a sequential create's
		}
		d.add(a.Txn.Session, opName(op), name, detail).of(a)
	}
}

func (d *Deed) of(a *tree.Applied) {
	d.Call, d.Code = a.Txn.Call, a.Result.Code
	if d.Code != 0 {
		d.Detail = a.Result.Message
	}
}

// parts are those of a transaction that change something; all of them happened.
func (d *deeds) parts(a *tree.Applied, op *call.Txn) {
	for i, p := range op.Parts {
		switch p.(type) {
		case *call.Create, *call.Write, *call.Delete:
			d.add(a.Txn.Session, opName(p), string(a.Result.Parts[i].Name), fmt.Sprintf("part %d", i+1)).of(a)
		}
	}
}

// gone are nodes that the cell deletes by itself.
func (d *deeds) gone(a *tree.Applied, op string, owner cell.SessionID) {
	for i := range a.Changes {
		if c := &a.Changes[i]; c.Kind == call.EventDeleted {
			d.add(owner, op, string(c.Name), "")
		}
	}
}

// describeOp gives the node that an op is about, and what else must be known of it.
func describeOp(op any) (name, detail string) {
	switch o := op.(type) {
	case *call.Create:
		return o.Name, ""
	case *call.Write:
		return string(o.Name), ""
	case *call.Delete:
		return string(o.Name), ""
	case *call.SetACL:
		return string(o.Name), fmt.Sprintf("%+v", o.ACL)
	case *call.Acquire:
		return string(o.Name), o.Mode.String()
	case *call.Release:
		return string(o.Name), ""
	case *call.Break:
		return string(o.Name), "token " + strconv.FormatUint(o.Token, 10)
	case *call.Kill:
		return "", "session " + o.Session.String()
	case *call.Set:
		return "", fmt.Sprintf("%s %d", o.Key, o.Value)
	case *call.Txn:
		return partName(o, 1), ""
	case *call.Read:
		return string(o.Name), ""
	case *call.List:
		return string(o.Name), ""
	case *call.Watch:
		return string(o.Name), ""
	case *call.Locks:
		return string(o.Prefix), ""
	}
	return "", ""
}

// NameOf is the node that a question is about; "" for none.
func NameOf(a call.Ask) string {
	name, _ := describeOp(a)
	return name
}

// partName is the name of a transaction's part, counted from 1; "" where it has none.
func partName(t *call.Txn, part int) string {
	if part < 1 || part > len(t.Parts) {
		return ""
	}
	switch p := t.Parts[part-1].(type) {
	case *call.Check:
		return string(p.Name)
	case *call.CheckSequencer:
		return string(p.Sequencer.Name)
	default:
		name, _ := describeOp(p)
		return name
	}
}

// refusedDeed notes a call that was refused before it was proposed. What is only to be sent again has
// happened to nobody.
func (m *Master) refusedDeed(id cell.SessionID, number uint64, op any, r call.Result) {
	if !m.audits || r.Code == cell.CodeOf(cell.ErrOverloaded) {
		return
	}
	name, _ := describeOp(op)
	d := Deed{Time: m.at.Wall, Session: id, Call: number, Op: opName(op), Name: name, Code: r.Code,
		Zxid: m.tree.Mark().Zxid, Detail: r.Message}
	d.know(m.tree)
	m.out.Deeds = append(m.out.Deeds, d)
}

// askedDeed notes a question that was denied, and what an operator asks for by one.
func (m *Master) askedDeed(s *stream, a call.Ask, r *call.QueryReply) {
	_, operates := a.(*call.StepDown)
	if !m.audits || !operates && r.Code != cell.CodeOf(cell.ErrDenied) {
		return
	}
	name, _ := describeOp(a)
	m.streamDeed(s, opName(a), name, r.Code, r.Message)
}

// streamDeed notes what happened on a stream.
func (m *Master) streamDeed(s *stream, op, name string, code cell.Code, why string) {
	d := Deed{Time: m.at.Wall, Session: s.session, Op: op, Name: name, Code: code, Zxid: m.tree.Mark().Zxid, Detail: why}
	d.know(m.tree)
	d.Principal, d.Address = s.principal, s.address
	m.out.Deeds = append(m.out.Deeds, d)
}
