package steps

import (
	"bytes"
	"errors"

	"github.com/leasehold/leasehold/cell"
)

// announced is the child of an election's node that says who leads. It belongs to the leader's
// session.
const announced = "/leader"

// Leader is who leads: the zero Leader is nobody.
type Leader struct {
	Value []byte
	Held  cell.Sequencer // of the election's lock
}

// None reports that nobody is known to lead.
func (l Leader) None() bool { return l.Held.Grant == 0 }

// Announcement is the node where who has won the election at name says so.
func Announcement(name string) string { return name + announced }

// Announce says who leads. What a leader before us has left is removed first.
func Announce(p Port, name string, l Leader) (Node, error) {
	for {
		node, err := Own(p, name+announced, l.encode(), false, l.Held)
		if !errors.Is(err, cell.ErrExists) {
			return node, err
		}
		if err := consume(p, l.Held, name+announced); ignore(err, cell.ErrNotFound) != nil {
			return nil, err
		}
	}
}

// Withdraw takes back what was announced, so that nobody sees a leader who is none; if that cannot be
// done soon, the next leader or the end of the session does it.
func Withdraw(p Port, node Node) { giveUp(p, node) }

// encode is what a leader writes: its sequencer on a line of its own, then its value.
func (l Leader) encode() []byte { return append([]byte(l.Held.String()+"\n"), l.Value...) }

// parseLeader takes what is no announcement for nobody's: somebody else wrote it.
func parseLeader(b []byte) Leader {
	line, value, _ := bytes.Cut(b, []byte("\n"))
	q, err := cell.ParseSequencer(string(line))
	if err != nil {
		return Leader{}
	}
	return Leader{Value: value, Held: q}
}
