package master

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Locks and sessions are told in pages, each of bounded size, which together are what there is: locks in order of
// name with their holders and waiters, sessions by id with all names.
func TestB2_LocksAndSessionsAreToldInPages(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	long := strings.Repeat("n", 230)
	a := r.open("a" + strings.Repeat("-", 240))
	var locks, ephemerals []cell.Name
	for i := range 700 {
		l, e := cell.Name(fmt.Sprintf("/ls/x/l%03d%s", i, long)), cell.Name(fmt.Sprintf("/ls/x/e%03d%s", i, long))
		a.must(&call.Acquire{Name: l, Mode: cell.Shared, Create: true})
		a.must(&call.Create{Name: string(e), Ephemeral: true})
		locks, ephemerals = append(locks, l), append(ephemerals, e)
	}
	var crowd []cell.SessionID
	for i := range 1500 {
		c := r.open(fmt.Sprint("c", i, strings.Repeat("-", 240)))
		crowd = append(crowd, c.id)
		if i < 300 {
			c.must(&call.Acquire{Name: locks[i/3], Mode: cell.Exclusive, Wait: true})
		}
	}
	r.sent = nil
	var told []cell.Name
	holders, waiters, pages := 0, 0, 0
	for ask, more := (call.Locks{}), true; more; pages++ {
		one := ask
		p := a.ask(&one).Locks
		for i, l := range p.Locks {
			if i > 0 || ask.Told == 0 {
				told = append(told, l.Name)
			}
			holders, waiters = holders+len(l.Holders), waiters+len(l.Waiters)
		}
		ask.After, ask.Told, more = p.Locks[len(p.Locks)-1].Name, p.Told, p.More
	}
	require.Equal(t, locks, told)
	require.Equal(t, []int{700, 300}, []int{holders, waiters})
	require.Greater(t, pages, 2)

	var ids []cell.SessionID
	var held, made []cell.Name
	pages = 0
	for ask, more := (call.Sessions{}), true; more; pages++ {
		one := ask
		p := a.ask(&one).Sessions
		for i, s := range p.Sessions {
			if i > 0 || ask.Told == 0 {
				ids = append(ids, s.ID)
			}
			held, made = append(held, s.Locks...), append(made, s.Ephemerals...)
		}
		ask.After, ask.Told, more = p.Sessions[len(p.Sessions)-1].ID, p.Told, p.More
	}
	require.Equal(t, append([]cell.SessionID{a.id}, crowd...), ids)
	require.Equal(t, locks, held)
	require.Equal(t, ephemerals, made)
	require.Greater(t, pages, 2)
	requireFrames(t, r.sent)
}
