package host

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease/clock"
)

// Only a loop that has not turned for long is not alive; it is not ready either, whatever it said
// of itself last.
func TestB4_ALoopThatDoesNotTurnIsNotAlive(t *testing.T) {
	h := &Host{config: Config{Clock: clock.Boot()}}
	w := &web{host: h}
	h.status.Store(&call.Status{Role: "follower", Master: 2, Epoch: 3})
	ask := func(handler http.HandlerFunc) (int, string) {
		out := httptest.NewRecorder()
		handler(out, httptest.NewRequest(http.MethodGet, "/", nil))
		return out.Code, out.Body.String()
	}
	h.turned.Store(int64(h.config.Clock.Now()))
	code, _ := ask(w.live)
	require.Equal(t, http.StatusOK, code)
	code, text := ask(w.ready)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "ok: follows replica 2, epoch 3\n", text)

	h.turned.Store(int64(h.config.Clock.Now().Add(-11 * turnAtLeast)))
	for _, handler := range []http.HandlerFunc{w.live, w.ready} {
		code, text = ask(handler)
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Contains(t, text, "the loop has not turned for 11s")
	}
	h.status.Store(&call.Status{Role: "looking", Why: "no quorum: have 1"})
	h.turned.Store(int64(h.config.Clock.Now()))
	code, _ = ask(w.live)
	require.Equal(t, http.StatusOK, code, "a quorum is not looked at")
	code, text = ask(w.ready)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "looking: no quorum: have 1\n", text)
}
