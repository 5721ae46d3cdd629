package check

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

func at(i uint64) record.Record {
	return record.Make(i, cell.MakeZxid(1, uint32(i)), record.Normal, []byte{byte(i)})
}

// whole is a disk that knows everything.
var whole = Durable{Last: record.Mark{Index: 1 << 40}}

func TestZ6_HistorySeesWhatIsNotDurable(t *testing.T) {
	require.Equal(t, "Z6", broken(func(c *Court) {
		NewHistory(c).Start(1, record.Mark{}).Delivered(at(1), Durable{})
	}))
}

// broken runs f with a fresh court and gives the rule that it found broken, or "".
func broken(f func(*Court)) string {
	c := &Court{}
	f(c)
	if c.Verdict() == nil {
		return ""
	}
	return c.Verdict().Rule
}

func TestZ1_HistorySeesAnotherRecordAtAnIndex(t *testing.T) {
	other := record.Make(2, cell.MakeZxid(1, 2), record.Normal, []byte("other"))
	require.Equal(t, "Z1", broken(func(c *Court) {
		h := NewHistory(c)
		a, b := h.Start(1, record.Mark{}), h.Start(2, record.Mark{})
		a.Delivered(at(1), whole)
		a.Delivered(at(2), whole)
		b.Delivered(at(1), whole)
		b.Delivered(other, whole)
	}))
}

func TestZ6_HistorySeesAGap(t *testing.T) {
	require.Equal(t, "Z6", broken(func(c *Court) {
		p := NewHistory(c).Start(1, record.Mark{})
		p.Delivered(at(1), whole)
		p.Delivered(at(3), whole)
	}))
}

func TestZ4_HistorySeesTwoLeadersOfAnEpoch(t *testing.T) {
	require.Equal(t, "Z4", broken(func(c *Court) {
		h := NewHistory(c)
		h.Leading(1, 7)
		h.Leading(2, 7)
	}))
}

func TestZ17_HistorySeesTreesThatDiffer(t *testing.T) {
	require.Equal(t, "Z17", broken(func(c *Court) {
		h := NewHistory(c)
		h.Tree(1, 5, 0xa)
		h.Tree(2, 5, 0xb)
	}))
}

func TestL9_MastershipSeesTwoHolders(t *testing.T) {
	require.Equal(t, "L9", broken(func(c *Court) { NewMastership(c).Holders(nil, []int{1, 2}) }))
}

func TestC6_RegistersFindsStaleReads(t *testing.T) {
	read := func(value string, begun, ended int64) func(*Registers) {
		return func(r *Registers) {
			if o := r.Begin(2, "/ls/local/a", Read, "", begun); value == "" {
				o.End(Absent, "", ended)
			} else {
				o.End(Done, value, ended)
			}
		}
	}
	history := func(last func(*Registers)) string {
		return broken(func(c *Court) {
			r := NewRegisters(c)
			r.Begin(1, "/ls/local/a", Create, "one", 0).End(Done, "", 10)
			r.Begin(1, "/ls/local/a", Write, "two", 20).End(Done, "", 30)
			r.Begin(1, "/ls/local/a", Write, "three", 40).End(Unknown, "", 50)
			last(r)
			r.Judge(time.Minute)
		})
	}
	require.Equal(t, "C6", history(read("one", 31, 32)), "older than a write that finished before")
	require.Equal(t, "C6", history(read("", 31, 32)), "never deleted")
	require.Equal(t, "", history(read("one", 29, 32)), "the write was not finished when the read began")
	require.Equal(t, "", history(read("two", 60, 61)), "the unknown write may not have happened yet")
	require.Equal(t, "", history(read("three", 41, 42)), "the unknown write may have happened")
	require.Equal(t, "C6", history(func(r *Registers) {
		read("three", 60, 61)(r)
		read("two", 62, 63)(r)
	}), "older than what anyone has read before")
}

func TestC1_HoldsSeesTwoHolders(t *testing.T) {
	alive := func() bool { return true }
	dead := func() bool { return false }
	two := func(a, b Holder) string {
		return broken(func(c *Court) {
			h := NewHolds(c)
			h.Grant("/ls/local/a", a)
			h.Grant("/ls/local/a", b)
		})
	}
	require.Equal(t, "C1", two(Holder{1, 5, 5, false, alive}, Holder{2, 6, 6, false, alive}))
	require.Equal(t, "C1", two(Holder{1, 5, 5, true, alive}, Holder{2, 6, 6, false, alive}))
	require.Equal(t, "", two(Holder{1, 5, 5, true, alive}, Holder{2, 5, 6, true, alive}))
	require.Equal(t, "", two(Holder{1, 5, 5, false, dead}, Holder{2, 6, 6, false, alive}))
	require.Equal(t, "C2", two(Holder{1, 6, 5, false, dead}, Holder{2, 5, 6, false, alive}))
}
