package tree

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// What a session's unacknowledged answers take has a bound in bytes too: transactions of many parts have
// long ones. It is less than what their ops were counted for.
func TestC7_RecordsAreBoundedByBytes(t *testing.T) {
	w := born(t, nil)
	w.plain = true
	s := w.open(1)
	long := "/ls/local" + strings.Repeat("/"+strings.Repeat("c", 250), 3)
	require.Zero(t, w.call(s, &call.Create{Name: long, Parents: true}).Result.Code)
	m := &call.Txn{}
	for range call.MaxTxnParts {
		m.Parts = append(m.Parts, &call.Check{Name: cell.Name(long)})
	}
	for range 3 {
		r := w.call(s, m).Result
		require.Zero(t, r.Code, r.Message)
		require.LessOrEqual(t, r.Recorded(), call.RecordBytes(m))
	}
	r := w.call(s, m).Result
	require.Equal(t, cell.CodeOf(cell.ErrTooLarge), r.Code)
	require.Equal(t, "bytes of unacked answers", r.Limit.Name)
	require.Zero(t, w.callAs(s, 5, 2, m).Result.Code, "one is acknowledged")
}
