package host

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/zab"
)

// metrics are what /metrics shows: names begin with cell_, base units, no label of names or
// clients.
type metrics struct {
	registry                                      *prometheus.Registry
	master, epoch, zxid, sessions, locks, free    prometheus.Gauge
	certificate                                   prometheus.Gauge
	elections, applied, resyncs, lapses, expiries prometheus.Counter
	unaudited                                     prometheus.Counter
	format, quarantined, disputed                 prometheus.Gauge
	markers, quarantines                          prometheus.Counter
	syncs, rounds                                 prometheus.Histogram
	acked, lapsed                                 prometheus.Counter
	requests, syncKinds, stages                   *prometheus.CounterVec

	answers map[answer]prometheus.Counter // of requests, that have been looked up; the loop's own
}

// answer is what requests are counted by.
type answer struct {
	op   string
	code cell.Code
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), answers: map[answer]prometheus.Counter{}}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "cell_" + name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "cell_" + name, Help: help})
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cell_" + name, Help: help,
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16)})
		m.registry.MustRegister(h)
		return h
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cell_" + name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	m.master, m.epoch = gauge("master", "1 while this replica is master"), gauge("epoch", "Zab epoch")
	m.zxid = gauge("zxid_applied", "zxid of the last transaction applied, as one number")
	m.sessions, m.locks = gauge("sessions", "live sessions"), gauge("locks_held", "locks held")
	m.certificate = gauge("certificate_expiry_timestamp_seconds", "when the replica's certificate ends; 0 without TLS")
	m.format = gauge("format", "the cell's format version; 0 before it is born")
	m.quarantined = gauge("quarantined", "1 while this replica's tree is not a quorum's, and it counts in nothing")
	m.disputed = gauge("digest_disputed", "1 while no quorum reports the same tree, and nothing is compacted")
	m.markers = counter("digests_total", "points of the history at which this replica took the digest of its tree")
	m.quarantines = counter("quarantines_total", "times that this replica's tree was found not to be a quorum's")
	m.free = gauge("disk_free_bytes", "room on the disk of the data directory")
	m.elections = counter("elections_total", "masterships that began here")
	m.applied = counter("transactions_applied_total", "transactions applied")
	m.resyncs = counter("resyncs_total", "watches that fell behind")
	m.lapses = counter("round_lapses_total", "cachers whose silence a write waited for")
	m.unaudited = counter("audit_lost_total", "lines of the audit that could not be written")
	m.expiries = counter("sessions_expired_total", "sessions that expired")
	m.syncs = histogram("log_sync_seconds", "time of one sync of the log")
	m.rounds = histogram("round_seconds", "time of one round of invalidations")
	ends := vec("rounds_total", "rounds of invalidations, by what ended them", "end")
	m.acked, m.lapsed = ends.WithLabelValues("ack"), ends.WithLabelValues("lapse")
	m.syncKinds = vec("sync_total", "synchronizations of followers begun by this leader, and cuts of its own log", "kind")
	m.stages = vec("stage_seconds_total", "how long masterships here were at each stage of taking over", "stage")
	m.requests = vec("requests_total", "requests answered", "op", "code")
	for _, kind := range []string{"diff", "trunc", "snap"} { // there from the start, at 0
		m.syncKinds.WithLabelValues(kind)
	}
	return m
}

// door shows a listener's numbers, clients' or peers'.
func (m *metrics) door(port string, l *conn.Listener) {
	label := prometheus.Labels{"port": port}
	for name, read := range map[string]func(conn.Counts) float64{
		"connections":           func(c conn.Counts) float64 { return float64(c.Open) },
		"connections_half_open": func(c conn.Counts) float64 { return float64(c.HalfOpen) },
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "cell_" + name, ConstLabels: label,
			Help: "connections that are open; half_open: that have not said anything whole yet"},
			func() float64 { return read(l.Counts()) }))
	}
	for name, read := range map[string]func(conn.Counts) uint64{
		"accepted": func(c conn.Counts) uint64 { return c.Accepted },
		"refused":  func(c conn.Counts) uint64 { return c.Refused },
		"evicted":  func(c conn.Counts) uint64 { return c.Evicted },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "cell_connections_" + name + "_total", ConstLabels: label,
			Help: "connections; refused: over the most there may be; evicted: half-open, gave way to a newer one"},
			func() float64 { return float64(read(l.Counts())) }))
	}
}

func (m *metrics) synced(took lease.Duration) { m.syncs.Observe(time.Duration(took).Seconds()) }

// sent counts what a leader begins, op what a follower does to its log.
func (m *metrics) sent(msg zab.Message) {
	switch msg.(type) {
	case *zab.Diff:
		m.syncKinds.WithLabelValues("diff").Inc()
	case *zab.Snap:
		m.syncKinds.WithLabelValues("snap").Inc()
	}
}

func (m *metrics) op(op zab.DiskOp) {
	if _, ok := op.(zab.Truncate); ok {
		m.syncKinds.WithLabelValues("trunc").Inc()
	}
}

func (m *metrics) count(c *replica.Counts) {
	m.elections.Add(float64(c.Elections))
	m.applied.Add(float64(c.Applied))
	m.resyncs.Add(float64(c.Resyncs))
	m.lapses.Add(float64(c.Lapses))
	m.expiries.Add(float64(c.Expired))
	m.markers.Add(float64(c.Markers))
	m.quarantines.Add(float64(c.Quarantines))
	for _, r := range c.Requests {
		m.answered(answer{r.Op, r.Code}).Inc()
	}
	for _, r := range c.Rounds {
		m.rounds.Observe(time.Duration(r.Took).Seconds())
	}
	for _, s := range c.Passed {
		m.stages.WithLabelValues(s.Stage.String()).Add(time.Duration(max(s.Lasted, 0)).Seconds())
	}
	lapsed := min(c.Lapses, len(c.Rounds))
	m.lapsed.Add(float64(lapsed))
	m.acked.Add(float64(len(c.Rounds) - lapsed))
}

func (m *metrics) answered(a answer) prometheus.Counter {
	c := m.answers[a]
	if c == nil {
		c = m.requests.WithLabelValues(a.op, a.code.String())
		m.answers[a] = c
	}
	return c
}

func (m *metrics) state(s *call.Status) {
	m.master.Set(truth(s.Role == "master"))
	m.epoch.Set(float64(s.Epoch))
	m.zxid.Set(float64(s.Zxid))
	m.sessions.Set(float64(s.Sessions))
	m.locks.Set(float64(s.Locks))
}

// trust shows what the replica knows of its own tree (Z14), and the cell's format (Z16).
func (m *metrics) trust(r *replica.Replica) {
	m.quarantined.Set(truth(r.Quarantined()))
	m.disputed.Set(truth(r.Disputed()))
	m.format.Set(float64(r.Format()))
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
