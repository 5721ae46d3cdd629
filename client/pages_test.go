package client

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// A list of several pages is that of one point of the history: it is begun anew when the child list
// changes between two pages, and given up when it always does.
func TestC6_AListOfSeveralPagesIsOfOnePoint(t *testing.T) {
	kid := func(n string) []cell.Stat { return []cell.Stat{{Name: cell.Name("/ls/local/d/" + n)}} }
	generations, asked := []uint64{1, 2, 2, 2}, 0
	page := func(ask *call.List) (*call.ListReply, error) {
		r := &call.ListReply{Parent: cell.Stat{Instance: 7, ChildrenGeneration: generations[min(asked, 3)]}}
		asked++
		switch ask.After {
		case "":
			r.Children, r.More = kid("a"), true
		case "a":
			r.Children, r.More = kid("b"), true
		default:
			r.Children = kid("c")
		}
		return r, nil
	}
	all, err := collect("/ls/local/d", 0, false, page)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, 5, asked, "two pages, and then three of one generation")

	turn := uint64(0)
	_, err = collect("/ls/local/d", 0, false, func(ask *call.List) (*call.ListReply, error) {
		turn++
		return &call.ListReply{Parent: cell.Stat{ChildrenGeneration: turn}, Children: kid("a"), More: true}, nil
	})
	require.ErrorIs(t, err, cell.ErrConflict)
	require.EqualValues(t, 2*listTries, turn)
}
