package check

import (
	"fmt"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

// Kind is what an operation on a name does.
type Kind uint8

// The kinds.
const (
	Read Kind = iota
	Write
	Create
	Delete
	Swap // a write if the value is still the one that is expected
)

// String is the word in traces.
func (k Kind) String() string { return [...]string{"read", "write", "create", "delete", "swap"}[k] }

// Answer is how an operation ended, as its caller was told.
type Answer uint8

// The answers. Differs: a swap found another value. Unknown: it may have happened, or may still.
// Nothing: it certainly did not, or was a read that failed.
const (
	Done Answer = iota
	Absent
	Present
	Differs
	Unknown
	Nothing
)

// Registers collects operations on names and judges, at the end, whether there is one order of
// them for each name that explains every answer (C6). Times are true time.
type Registers struct {
	court  *Court
	byName map[string][]*Operation
	// Most is how many operations on one name are judged; those after it are forgotten.
	Most int
}

// Operation is one call, from when it was begun to when its caller was told.
type Operation struct {
	client int
	kind   Kind
	value  string
	expect string // of a swap
	begun  int64
	ended  int64
	answer Answer
	open   bool
}

// NewRegisters has seen nothing.
func NewRegisters(c *Court) *Registers {
	return &Registers{court: c, byName: map[string][]*Operation{}, Most: 120}
}

// Begin records that a client begins an operation; nil when the name's history is long enough
// already: such a call must not be made, or the history would have a hole.
func (r *Registers) Begin(client int, name string, k Kind, value string, at int64) *Operation {
	if len(r.byName[name]) >= r.Most {
		return nil
	}
	o := &Operation{client: client, kind: k, value: value, begun: at, open: true}
	r.byName[name] = append(r.byName[name], o)
	return o
}

// BeginSwap records that a client begins to write value if expect is still there.
func (r *Registers) BeginSwap(client int, name, expect, value string, at int64) *Operation {
	o := r.Begin(client, name, Swap, value, at)
	if o != nil {
		o.expect = expect
	}
	return o
}

// End records the answer; value is what a read gave.
func (o *Operation) End(a Answer, value string, at int64) {
	if !o.open {
		return
	}
	o.open, o.answer, o.ended = false, a, at
	if o.kind == Read {
		o.value = value
	}
}

// Judge looks for an order of every name's operations. It gives how many histories were judged,
// and how many took too long to judge.
func (r *Registers) Judge(patience time.Duration) (judged, undecided int) {
	names := make([]string, 0, len(r.byName))
	for name := range r.byName {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch ok, _ := porcupine.CheckOperationsVerbose(model, operations(r.byName[name]), patience); ok {
		case porcupine.Ok:
			judged++
		case porcupine.Unknown:
			undecided++
		default:
			r.court.Fail("C6", "no order of the operations on %s explains their answers:\n%s", name, r.list(name))
		}
	}
	return judged, undecided
}

func (r *Registers) list(name string) string {
	s := ""
	for _, o := range r.byName[name] {
		s += fmt.Sprintf("  client %d %v %q [%d, %d] answer %d\n", o.client, o.kind, o.value, o.begun, o.ended, o.answer)
	}
	return s
}

// forever is the return of what was never answered: it may take effect at any later time.
const forever = 1 << 62

func operations(all []*Operation) []porcupine.Operation {
	var ops []porcupine.Operation
	for i, o := range all {
		answer, end := o.answer, o.ended
		if o.open {
			answer = Unknown
		}
		if answer == Nothing || answer == Unknown && o.kind == Read {
			continue
		}
		if answer == Unknown {
			end = forever + int64(i)
		}
		ops = append(ops, porcupine.Operation{ClientId: i, Input: *o, Output: answer, Call: o.begun, Return: end})
	}
	return ops
}

// register is the state of one name.
type register struct {
	there bool
	value string
}

var model = porcupine.Model{
	Init: func() any { return register{} },
	Step: func(state, input, output any) (bool, any) {
		return step(state.(register), input.(Operation), output.(Answer))
	},
}

// step is the obvious register. An operation whose outcome nobody was told does what it can.
func step(s register, o Operation, a Answer) (bool, register) {
	after := register{true, o.value}
	switch o.kind {
	case Read:
		if a == Absent {
			return !s.there, s
		}
		return s.there && s.value == o.value, s
	case Write:
		return change(s, a, s.there, Absent, after)
	case Create:
		return change(s, a, !s.there, Present, after)
	case Swap:
		return change(s, a, s.there && s.value == o.expect, Differs, after)
	default:
		return change(s, a, s.there, Absent, register{})
	}
}

// change is a mutation that succeeds exactly where can holds, and else is refused.
func change(s register, a Answer, can bool, refusal Answer, after register) (bool, register) {
	switch {
	case a == Unknown && can, a == Done && can:
		return true, after
	case a == Unknown, a == refusal && !can:
		return true, s
	}
	return false, s
}
