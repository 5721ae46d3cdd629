package steps

import (
	"errors"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Port is a session, as recipes need it.
type Port interface {
	// Own makes an ephemeral; ErrNotFound when its folder is missing. One that is made after its maker
	// has given up is removed again. A zero held asks for no hold.
	Own(name string, data []byte, sequential bool, held cell.Sequencer) (Node, error)
	// Folder makes a container, and its parents, if it is missing.
	Folder(name string) error
	// Remove deletes that instance: ErrStaleHandle when it is gone. A hold of its lock ends first.
	Remove(Node) error
	TryLock(Node) (Hold, error)
	// Lock waits for a native lock, with that lock-delay in nanoseconds; −1 is the cell's.
	Lock(name string, delay int64) (Hold, error)
	Unlock(Hold)

	Create(name string, data []byte, sequential bool) (string, error) // with its parents
	Delete(name string) error
	// Txn makes all of the parts or none: Create, Delete, Check and CheckSequencer. refused says which
	// of them was refused, from 0; −1 when it was none of them.
	Txn(parts ...call.Part) (refused int, err error)
	Read(name string) (contents []byte, generation uint64, err error) // from the consistent cache
	// Write replaces the contents at that generation, or, if it is 0, whatever there is: then it makes
	// the node and its parents, too.
	Write(name string, data []byte, generation uint64, held cell.Sequencer) error
	List(name string) ([]string, error)
	Watch(name string, scope Scope) Feed

	// Within is the port for what is done under a hold: waiting ends with it. done lets it go.
	Within(Hold) (p Port, done func())
	// Parting is for what is put in order when the work is over: nobody waits for it for long.
	Parting() (p Port, done func())
}

// Node is an instance of a node.
type Node interface {
	Name() string
	Instance() uint64
}

// Hold is a lock being held.
type Hold interface{ Sequencer() cell.Sequencer }

// Scope is what a watch tells of, beside the name itself.
type Scope uint8

// The scopes.
const (
	Alone Scope = iota
	WithChildren
	Recursive
)

// Feed is a watch. Poll gives what has come; false, when Next would have to wait.
type Feed interface {
	Next() (call.Event, error)
	Poll() (e call.Event, ok bool, err error)
	Stop()
}

// Own makes an ephemeral, in a folder that is made if it is missing and goes with its last node.
func Own(p Port, name string, data []byte, sequential bool, held cell.Sequencer) (Node, error) {
	for {
		node, err := p.Own(name, data, sequential, held)
		if !errors.Is(err, cell.ErrNotFound) {
			return node, err
		}
		if err := p.Folder(name[:strings.LastIndexByte(name, '/')]); err != nil {
			return nil, err
		}
	}
}

// OwnWhenFree is Own of a name that another session may still have: it waits for that one's end.
func OwnWhenFree(p Port, name string, data []byte) (Node, error) {
	for {
		node, err := Own(p, name, data, false, cell.Sequencer{})
		if !errors.Is(err, cell.ErrExists) {
			return node, err
		}
		if err := Gone(p, name); err != nil {
			return nil, err
		}
	}
}

// Gone waits until there is no node of that name.
func Gone(p Port, name string) error {
	feed := p.Watch(name, Alone)
	defer feed.Stop()
	there := false
	for {
		e, err := feed.Next()
		switch {
		case err != nil:
			return err
		case e.Kind == call.EventCurrent, e.Kind == call.EventCreated:
			there = true
		case e.Kind == call.EventResync:
			there = false
		case e.Kind == call.EventDeleted, e.Kind == call.EventSynced && !there:
			return nil
		}
	}
}

// consume deletes all of the names as one, while the hold stands.
func consume(p Port, held cell.Sequencer, names ...string) error {
	parts := []call.Part{&call.CheckSequencer{Sequencer: held}}
	for _, name := range names {
		parts = append(parts, &call.Delete{Name: cell.Name(name)})
	}
	_, err := p.Txn(parts...)
	return err
}

// base is the last component of a name.
func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// ignore makes nothing of an error that means: it is done already.
func ignore(err error, done ...error) error {
	for _, d := range done {
		if errors.Is(err, d) {
			return nil
		}
	}
	return err
}
