package steps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell/call"
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
	n, _ := strconv.Atoi(base(name)[:priorityDigits]) // isElement has seen that it is one
	return n
}

// shelf is what a queue holds, as its events have told.
type shelf struct {
	folder   string
	elements []string // sorted: in the order in which they are to be claimed
	claimed  map[string]bool
	passed   map[string]uint64 // at which version a claim was refused
	version  uint64            // one more with each event
	synced   bool
}

func newShelf(folder string) *shelf {
	return &shelf{folder: folder, claimed: map[string]bool{}, passed: map[string]uint64{}}
}

func (h *shelf) note(e call.Event) {
	h.version++
	child, _ := strings.CutPrefix(string(e.Name), h.folder+"/")
	element, claim := strings.CutSuffix(child, claimSuffix)
	switch {
	case e.Kind == call.EventSynced:
		h.synced = true
	case e.Kind == call.EventResync:
		h.elements, h.synced = nil, false
		clear(h.claimed)
		clear(h.passed)
	case !isElement(element):
	case e.Kind == call.EventCurrent, e.Kind == call.EventCreated:
		h.put(element, claim)
	case e.Kind == call.EventDeleted:
		h.remove(element, claim)
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

// refused notes that an element could not be claimed: it is not tried again before something has
// happened.
func (h *shelf) refused(name string) { h.passed[base(name)] = h.version }

// took notes that we have claimed an element; the event that says so comes later.
func (h *shelf) took(name string) { h.claimed[base(name)] = true }

// first is the name of the element that is to be claimed next, "" when there is none.
func (h *shelf) first() string {
	for _, e := range h.elements {
		if h.synced && !h.claimed[e] && h.passed[e] != h.version { // no event has version 0
			return h.folder + "/" + e
		}
	}
	return ""
}

// next waits for an element that can be claimed, and gives the name of the first of all that has come.
func (h *shelf) next(feed Feed) (string, error) {
	for {
		e, ok, err := feed.Poll()
		if !ok && err == nil {
			if name := h.first(); name != "" {
				return name, nil
			}
			e, err = feed.Next()
		}
		if err != nil {
			return "", err
		}
		h.note(e)
	}
}
