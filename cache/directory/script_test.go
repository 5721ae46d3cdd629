package directory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// TestC6_C10_C11_Scripts runs the stories in testdata. Times are seconds since the beginning of
// the mastership; a cache lease is 3 s.
func TestC6_C10_C11_Scripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := script{t: t}
		datadriven.RunTest(t, path, s.run)
	})
}

type script struct {
	t   *testing.T
	d   *Directory
	now lease.Instant
	fx  Effects
}

func (s *script) run(t *testing.T, td *datadriven.TestData) string {
	s.fx.Reset()
	var b strings.Builder
	var session int
	if td.HasArg("s") {
		td.ScanArgs(t, "s", &session)
	}
	id := cell.SessionID(session)
	names := func() []cell.Name { return namesIn(t, td.Input) }
	switch td.Cmd {
	case "new":
		var caching []cell.SessionID
		for _, a := range td.CmdArgs {
			var id int
			_, err := fmt.Sscan(a.Key, &id)
			require.NoError(t, err)
			caching = append(caching, cell.SessionID(id))
		}
		s.d = New(0, 3*lease.Second, 100, caching)
	case "at":
		var ms int
		td.ScanArgs(t, "ms", &ms)
		s.now = lease.Instant(ms) * lease.Instant(lease.Millisecond)
		s.d.Tick(s.now, &s.fx)
	case "attach":
		fmt.Fprintf(&b, "incarnation %d\n", s.d.Attach(id, &s.fx))
	case "emptied":
		s.d.Emptied(id, &s.fx)
	case "grant":
		length, inc := s.d.Grant(s.now, id)
		fmt.Fprintf(&b, "%v in incarnation %d\n", length, inc)
	case "register":
		inc, ok := s.d.Register(s.now, id, names()...)
		fmt.Fprintf(&b, "%v %d\n", ok, inc)
	case "ack":
		var seq, inc int
		td.ScanArgs(t, "seq", &seq)
		td.MaybeScanArgs(t, "inc", &inc)
		s.d.Ack(id, uint64(seq), uint64(inc), &s.fx)
	case "open", "close":
		var round int
		td.ScanArgs(t, "round", &round)
		if td.Cmd == "open" {
			s.d.Open(s.now, RoundID(round), names(), &s.fx)
		} else {
			s.d.Close(s.now, RoundID(round))
		}
	case "open-everything":
		var round int
		td.ScanArgs(t, "round", &round)
		s.d.OpenEverything(s.now, RoundID(round), &s.fx)
	case "excuse":
		s.d.Excuse(s.now.Add(4 * lease.Second))
	case "left":
		fmt.Fprintf(&b, "%v\n", s.d.Left(s.now, id))
	case "due":
		fmt.Fprintf(&b, "%v\n", s.d.Due(s.now, id))
	case "counts":
		c, n, r := s.d.Counts()
		fmt.Fprintf(&b, "%d cachers, %d names, %d rounds, wake %v\n", c, n, r, s.d.Wake())
	default:
		t.Fatalf("unknown command %q", td.Cmd)
	}
	s.print(&b)
	return b.String()
}

func namesIn(t *testing.T, input string) (list []cell.Name) {
	for _, f := range strings.Fields(input) {
		n, err := cell.ParseName("/ls/x/" + f)
		require.NoError(t, err)
		list = append(list, n)
	}
	return list
}

func (s *script) print(b *strings.Builder) {
	for _, i := range s.fx.Invalidate {
		if i.Everything {
			fmt.Fprintf(b, "invalidate session %v seq %d everything\n", i.Session, i.Seq)
			continue
		}
		fmt.Fprintf(b, "invalidate session %v seq %d %v\n", i.Session, i.Seq, i.Names)
	}
	for _, l := range s.fx.Lapses {
		fmt.Fprintf(b, "lapse of session %v %s waited %v failover %v excused %v\n", l.Session, l.Name, l.Waited,
			l.FailOver, l.Excused)
	}
	for _, r := range s.fx.Done {
		fmt.Fprintf(b, "done round %d\n", r)
	}
	require.NoError(s.t, s.d.check(s.now))
}
