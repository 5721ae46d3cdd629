package recipe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
)

// How the children of a queue are named: an element by its priority and number, a claim after its
// element. Consumers have a folder of their own.
const (
	priorityDigits = 5
	claimSuffix    = ".claim"
	consumers      = "consumers"
)

// MaxPriority is the last in the order of priorities.
const MaxPriority = 99_999

func elementPrefix(priority int) string { return fmt.Sprintf("%0*d-", priorityDigits, priority) }

// isElement reports whether a child of a queue is an element of it.
func isElement(child string) bool {
	at := priorityDigits
	return len(child) == at+1+call.SequenceDigits && child[at] == '-' && digits(child[:at]) && digits(child[at+1:])
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func priorityOf(name string) int {
	child := name[strings.LastIndexByte(name, '/')+1:]
	n, _ := strconv.Atoi(child[:priorityDigits]) // isElement has seen that it is one
	return n
}

// shelf is what a queue holds, as its events have told: a goroutine keeps it up to date, so that
// who claims next sees all that was known.
type shelf struct {
	folder string

	mu       sync.Mutex
	elements []string // sorted: in the order in which they are to be claimed
	claimed  map[string]bool
	passed   map[string]uint64 // at which version a claim was refused
	version  uint64            // one more with each event
	synced   bool
	err      error
	changed  chan struct{} // has room for one
}

func newShelf(folder string) *shelf {
	return &shelf{folder: folder, claimed: map[string]bool{}, passed: map[string]uint64{},
		changed: make(chan struct{}, 1)}
}

// watch keeps the shelf up to date until stop is called, or the watch ends.
func (h *shelf) watch(ctx context.Context, s *client.Session) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		for e, err := range s.Watch(ctx, h.folder, client.WithChildren()) {
			h.note(e, err)
		}
	}()
	return func() {
		cancel()
		<-over
	}
}

func (h *shelf) note(e client.Event, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.version++
	h.err = err
	child, _ := strings.CutPrefix(e.Name, h.folder+"/")
	element, claim := strings.CutSuffix(child, claimSuffix)
	switch {
	case err != nil:
	case e.Kind == client.EventSynced:
		h.synced = true
	case e.Kind == client.EventResync:
		h.elements, h.synced = nil, false
		clear(h.claimed)
		clear(h.passed)
	case !isElement(element):
	case e.Kind == client.EventCurrent, e.Kind == client.EventCreated:
		h.put(element, claim)
	case e.Kind == client.EventDeleted:
		h.remove(element, claim)
	}
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

func (h *shelf) put(element string, claim bool) {
	if claim {
		h.claimed[element] = true
	} else if at, found := slices.BinarySearch(h.elements, element); !found {
		h.elements = slices.Insert(h.elements, at, element)
	}
}

func (h *shelf) remove(element string, claim bool) {
	if claim {
		delete(h.claimed, element)
	} else if at, found := slices.BinarySearch(h.elements, element); found {
		h.elements = slices.Delete(h.elements, at, at+1)
		delete(h.passed, element)
	}
}

// refused notes that an element could not be claimed when next had given it with that version: it
// is not tried again before something has happened.
func (h *shelf) refused(name string, version uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.passed[name[len(h.folder)+1:]] = version
}

// took notes that we have claimed an element; the event that says so comes later.
func (h *shelf) took(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claimed[name[len(h.folder)+1:]] = true
}

// next waits for an element that can be claimed, and gives the name of the first.
func (h *shelf) next(ctx context.Context) (name string, version uint64, err error) {
	for {
		name, version, err := h.first()
		if name != "" || err != nil {
			return name, version, err
		}
		select {
		case <-h.changed:
		case <-ctx.Done():
			return "", 0, context.Cause(ctx)
		}
	}
}

func (h *shelf) first() (name string, version uint64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.synced || h.err != nil {
		return "", 0, h.err
	}
	for _, e := range h.elements {
		if !h.claimed[e] && h.passed[e] != h.version { // no event has version 0
			return h.folder + "/" + e, h.version, nil
		}
	}
	return "", 0, nil
}
