package host

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// closes is a connection that remembers that it was closed.
type closes struct {
	net.Conn
	closed bool
}

func (c *closes) Close() error { c.closed = true; return nil }

// Of HTTP connections the oldest gives way that nothing is being answered on; with none such a new one is
// not taken.
func TestB2_HTTPConnectionsAreBounded(t *testing.T) {
	g := newGuests(3)
	var all []*closes
	come := func() *closes {
		c := &closes{}
		all = append(all, c)
		g.changed(c, http.StateNew)
		require.LessOrEqual(t, len(g.open), 3)
		return c
	}
	a, b := come(), come()
	come()
	in := httptest.NewRequest("GET", "/livez", nil)
	in = in.WithContext(g.known(in.Context(), a))
	g.serving(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		come()
		require.False(t, a.closed, "a request is being answered on it")
		require.True(t, b.closed, "the oldest that is idle")
		for range 100 {
			come()
		}
		require.False(t, a.closed)
	})).ServeHTTP(httptest.NewRecorder(), in)
	require.False(t, all[len(all)-1].closed, "the newest is served")
	require.Len(t, g.open, 3)
	come()
	require.True(t, a.closed, "it has been answered, and is the oldest")

	for _, x := range all[len(all)-3:] {
		g.mark(x, true)
	}
	require.True(t, come().closed, "all others are being answered")
	for _, x := range all {
		g.changed(x, http.StateClosed)
	}
	require.Empty(t, g.open)
	require.Zero(t, g.order.Len())
}
