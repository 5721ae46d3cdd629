package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/leasehold/leasehold/lease"
)

// web serves /livez, /readyz and /metrics. Without a listener it does nothing.
type web struct {
	host   *Host
	server *http.Server
	at     net.Listener
	guests *guests
	done   chan struct{}
}

func newWeb(h *Host, at net.Listener, most int) *web {
	w := &web{host: h, at: at, done: make(chan struct{}), guests: newGuests(most)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", w.live)
	mux.HandleFunc("GET /readyz", w.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(h.metrics.registry, promhttp.HandlerOpts{}))
	w.server = &http.Server{Handler: w.guests.serving(mux), ConnContext: w.guests.known, ConnState: w.guests.changed,
		ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	return w
}

func (w *web) start() {
	if w.at == nil {
		close(w.done)
		return
	}
	go func() {
		defer close(w.done)
		if err := w.server.Serve(w.at); !errors.Is(err, http.ErrServerClosed) {
			w.host.lines.say("warn", "http: %v", err)
		}
	}()
}

// live never looks at quorum, disk or load (B4): only whether the loop turns.
func (w *web) live(out http.ResponseWriter, _ *http.Request) {
	if why := w.stuck(); why != "" {
		http.Error(out, why, http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(out, "ok")
}

// stuck says for how long the loop has not turned; "" while it does.
func (w *web) stuck() string {
	still := w.host.config.Clock.Now().Sub(lease.Instant(w.host.turned.Load()))
	if still > 10*turnAtLeast {
		return fmt.Sprintf("the loop has not turned for %v", time.Duration(still).Round(time.Second))
	}
	return ""
}

// ready says whether this replica serves: it is master, or follows one.
func (w *web) ready(out http.ResponseWriter, _ *http.Request) {
	s := w.host.Status()
	switch why := w.stuck(); {
	case why != "":
		http.Error(out, why, http.StatusServiceUnavailable)
	case s.Role == "master":
		_, _ = fmt.Fprintf(out, "ok: master, epoch %d%s\n", s.Epoch, but(s.Why))
	case s.Role == "follower":
		_, _ = fmt.Fprintf(out, "ok: follows replica %d, epoch %d%s\n", s.Master, s.Epoch, but(s.Why))
	case s.Role == "learner":
		http.Error(out, fmt.Sprintf("learner: follows replica %d without a vote", s.Master), http.StatusServiceUnavailable)
	default:
		http.Error(out, fmt.Sprintf("%s: %s", s.Role, s.Why), http.StatusServiceUnavailable)
	}
}

// but is an alarm beside which a replica serves (Z14).
func but(alarm string) string {
	if alarm == "" {
		return ""
	}
	return "; but " + alarm
}

func (w *web) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if w.server.Shutdown(ctx) != nil {
		_ = w.server.Close()
	}
	if w.at != nil {
		_ = w.at.Close()
	}
	<-w.done
}
