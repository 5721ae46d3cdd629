package host

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
)

// Whatever is asked for by HTTP: the three pages are served, and everything else is refused by a number.
func FuzzB1_HTTPRequest(f *testing.F) {
	for _, s := range []string{
		"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", "GET /metrics HTTP/1.0\r\n\r\n",
		"POST /livez HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET //livez/../readyz HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT x:1 HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /readyz?%zz HTTP/1.1\r\nHost: x\r\nAccept: a/b;q=x\r\nAccept-Encoding: gzip\r\n\r\n",
		"HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		f.Add(s)
	}
	h := &Host{config: Config{Clock: clock.Boot()}, metrics: newMetrics()}
	w := newWeb(h, nil, 0)
	f.Fuzz(func(t *testing.T, s string) {
		in, err := http.ReadRequest(bufio.NewReader(strings.NewReader(s)))
		if err != nil {
			return
		}
		h.turned.Store(int64(h.config.Clock.Now().Add(3600 * lease.Second)))
		out := httptest.NewRecorder()
		w.server.Handler.ServeHTTP(out, in)
		switch served := in.URL.Path; {
		case in.Method != http.MethodGet && in.Method != http.MethodHead:
			require.NotEqual(t, http.StatusOK, out.Code)
		case served == "/livez":
			require.Equal(t, "ok\n", out.Body.String())
		case served != "/metrics":
			require.NotEqual(t, http.StatusOK, out.Code, "%q", served)
		}
	})
}
