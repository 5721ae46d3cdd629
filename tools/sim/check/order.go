package check

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Order checks the mutations of one session: they take effect in the order in which they were
// asked for (C7), and when the session ends it loses a suffix of them, never one in the middle
// (C4).
type Order struct {
	court  *Court
	client int
	done   []finished // by number
}

type finished struct {
	number uint64
	zxid   cell.Zxid
	lost   bool
}

// NewOrder has seen nothing.
func NewOrder(c *Court, client int) *Order { return &Order{court: c, client: client} }

// Applied says that the mutation which was asked for as the number-th took effect at zxid.
func (o *Order) Applied(number uint64, zxid cell.Zxid) { o.add(finished{number: number, zxid: zxid}) }

// Lost says that it was not answered before the session's end.
func (o *Order) Lost(number uint64) { o.add(finished{number: number, lost: true}) }

func (o *Order) add(f finished) {
	at, _ := slices.BinarySearchFunc(o.done, f, func(a, b finished) int { return int(a.number) - int(b.number) })
	o.done = slices.Insert(o.done, at, f)
	if at > 0 {
		o.compare(o.done[at-1], f)
	}
	if at+1 < len(o.done) {
		o.compare(f, o.done[at+1])
	}
}

func (o *Order) compare(before, after finished) {
	switch {
	case before.lost && !after.lost:
		o.court.Fail("C4", "client %d lost its call %d and not call %d, which it asked for later",
			o.client, before.number, after.number)
	case !before.lost && !after.lost && before.zxid >= after.zxid:
		o.court.Fail("C7", "client %d asked for call %d before %d; they took effect at %v and %v",
			o.client, before.number, after.number, before.zxid, after.zxid)
	}
}
